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

    /// The header field's value.
    var authorization: String { "Bearer \(text)" }

    var description: String { "a token until \(expires)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
