public import NotaryVerification
public import TrustModel

/// A policy whose authorities are ready to verify: names parsed, certificates read, rules checked.
public struct PreparedPolicy: Sendable {
    /// The policy.
    public let policy: Policy
    /// Its authorities, in order.
    let authorities: [PreparedAuthority]

    /// Tells this preparation from every other of the same policy: changes with its specification and its anchors.
    public let revision: String

    /// Prepares `policy`.
    ///
    /// - Parameters:
    ///   - policy: the policy.
    ///   - revision: see ``revision``; equal revisions must mean equal policies.
    /// - Throws: `NotaryPolicyError` when an authority breaks a rule of the trust policy specification.
    public init(_ policy: Policy, revision: String = "") throws(NotaryPolicyError) {
        var authorities: [PreparedAuthority] = []
        for (index, authority) in policy.authorities.enumerated() {
            switch authority.source {
            case .notary(let trust):
                let verifier = try NotaryVerifier(trust: trust, field: "authorities[\(index)].notary")
                authorities.append(PreparedAuthority(name: authority.name, source: .notary(verifier)))
            }
        }
        self.policy = policy
        self.revision = revision
        self.authorities = authorities
    }

    /// Whether every authority skips verification.
    var skipsEverything: Bool { !authorities.isEmpty && authorities.allSatisfy(\.isSkip) }
}

/// One source of trust, ready to verify.
struct PreparedAuthority: Sendable {
    enum Source: Sendable {
        case notary(NotaryVerifier)
    }

    let name: String
    let source: Source

    /// Whether the policy says not to verify.
    var isSkip: Bool {
        switch source {
        case .notary(let verifier): verifier.isSkip
        }
    }
}
