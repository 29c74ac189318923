/// Identity tokens that took the place of those in the configuration, because their service hands out a new one with each
/// answer (RFC 6749 §6).
///
/// A value, kept in memory alone: what the configuration says stays as it is, and is shown again when a successor is
/// refused.
struct SuccessorTokens: Sendable {
    private struct Key: Hashable {
        let realm: String
        let configured: String
    }

    /// The most tokens that are known; beyond it all are forgotten.
    static let maximum = 64

    private var successors: [Key: String] = [:]

    /// What to show in place of a credential.
    func present(_ credential: RegistryCredential?, to realm: String) -> RegistryCredential? {
        guard case .identityToken(let configured) = credential,
            let successor = successors[Key(realm: realm, configured: configured)]
        else { return credential }
        return .identityToken(successor)
    }

    /// A service gave a successor, or refused what was shown: `nil`.
    mutating func replace(_ credential: RegistryCredential?, at realm: String, by successor: String?) {
        guard case .identityToken(let configured) = credential else { return }
        if successors.count >= Self.maximum { successors = [:] }
        successors[Key(realm: realm, configured: configured)] = successor == configured ? nil : successor
    }
}
