#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// An access token; no description shows it.
struct AzureToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is sent.
    let text: String
    /// When it lapses.
    let expires: Date

    /// When another is asked for: five minutes before it lapses, or after half of a short life.
    func renewal(obtained now: Date) -> Date {
        let life = expires.timeIntervalSince(now)
        return now.addingTimeInterval(max(life / 2, life - 300))
    }

    /// The header field's value.
    var authorization: String { "Bearer \(text)" }

    var description: String { "a token until \(expires)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
