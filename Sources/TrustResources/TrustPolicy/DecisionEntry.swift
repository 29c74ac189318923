/// An entry of a policy that settles a digest by hand.
///
/// It never makes an image trusted.
public struct DecisionEntry: Sendable, Hashable, Codable {
    /// The digest, unique in its policy.
    public var digest: String
    /// `Untrusted` or `Unsupported`.
    public var verdict: String
    /// Why, in the author's words.
    public var reason: String
    /// When the decision ends (RFC 3339); `nil`: never.
    public var expires: String?

    /// Creates an entry.
    public init(digest: String, verdict: String, reason: String, expires: String? = nil) {
        self.digest = digest
        self.verdict = verdict
        self.reason = reason
        self.expires = expires
    }
}
