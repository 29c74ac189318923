import TrustModel

/// A policy that does not speak for an image.
struct PolicySilence: Sendable, Hashable {
    /// The policy.
    var policy: PolicyName
    /// Why, as a clause for people.
    var cause: String
}
