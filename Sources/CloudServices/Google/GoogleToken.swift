internal import JSONModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// An access token of Google; no description shows it.
struct GoogleToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is sent.
    let text: String
    /// When it lapses.
    let expires: Date

    /// The longest that tokens live: twelve hours, where an organisation allows that.
    static let maximumLife: Int64 = 43_200

    init(text: String, expires: Date) {
        self.text = text
        self.expires = expires
    }

    /// Reads the answer of a token service.
    ///
    /// - Throws: ``CloudError`` with code `malformed`; it quotes nothing of the answer.
    init(_ body: [UInt8], from name: String, now: Date) throws(CloudError) {
        let object = ServiceBody.object(body)
        guard let text = ServiceBody.token(object?["access_token"]),
            object?["token_type"]?.string?.lowercased() == "bearer",
            let seconds = ServiceBody.number(object?["expires_in"]), seconds > 0
        else { throw CloudError(.malformed, "\(name) answered without a usable token") }
        self.init(text: text, expires: now.addingTimeInterval(Double(min(seconds, Self.maximumLife))))
    }

    var description: String { "a token until \(expires)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
