#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Keys that sign requests to AWS; no description shows a secret.
struct AmazonKeys: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Names the keys; no secret.
    let accessKeyID: String
    /// What signs.
    let secretAccessKey: String
    /// What is sent along with temporary keys.
    let sessionToken: String?
    /// When they lapse; `nil` for never.
    let expires: Date?

    /// Keys as they may be; `nil` where one of them cannot stand in a header field.
    init?(accessKeyID: String?, secretAccessKey: String?, sessionToken: String?, expires: Date?) {
        func isPlain(_ text: String, _ limit: Int) -> Bool {
            (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        }
        guard let accessKeyID, let secretAccessKey, isPlain(accessKeyID, 128), isPlain(secretAccessKey, 1024),
            sessionToken.map({ isPlain($0, 16_384) }) ?? true,
            accessKeyID.utf8.allSatisfy({ $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ",") })
        else { return nil }
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expires = expires
    }

    var description: String { "the keys \(accessKeyID)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Moments as services write them (RFC 3339).
enum ServiceDate {
    /// The moment that a text names, with or without fractions of seconds.
    static func parse(_ text: String?) -> Date? {
        guard let text, text.utf8.count <= 40 else { return nil }
        return (try? Date(text, strategy: Date.ISO8601FormatStyle()))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
