/// A set of trust anchors under a name, already read (trust-store-trust-policy.md, "Trust Store").
public struct TrustStore: Sendable, Hashable {
    /// What the certificates vouch for.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Certificate authorities of signers (scheme `notary.x509`).
        case ca
        /// Signing authorities, which also vouch for the time (scheme `notary.x509.signingAuthority`).
        case signingAuthority
        /// Time-stamping authorities.
        case tsa
    }

    /// What the certificates vouch for.
    public let kind: Kind
    /// The store's name, for messages.
    public let name: String
    /// The certificates, DER encoded.
    public let certificates: [[UInt8]]

    /// Creates a trust store.
    public init(kind: Kind, name: String, certificates: [[UInt8]]) {
        self.kind = kind
        self.name = name
        self.certificates = certificates
    }
}

/// Whom a policy trusts to sign in the manner of the Notary Project, and how strictly that is checked.
public struct NotaryTrust: Sendable, Hashable {
    /// The level.
    public var level: VerificationLevel
    /// Actions that replace the level's for single checks; never for integrity.
    public var overrides: [VerificationCheck: VerificationAction]
    /// When timestamps are verified.
    public var verifyTimestamp: TimestampVerification
    /// `*`, or identities such as `x509.subject: C=US, ST=WA, O=Notary`.
    public var trustedIdentities: [String]
    /// The trust anchors.
    public var trustStores: [TrustStore]
    /// Signed annotations that a signature must carry with exactly these values.
    public var requiredAnnotations: [String: String]

    /// Creates a description of trust; ``level`` alone is enough for `skip`.
    public init(
        level: VerificationLevel,
        overrides: [VerificationCheck: VerificationAction] = [:],
        verifyTimestamp: TimestampVerification = .always,
        trustedIdentities: [String] = [],
        trustStores: [TrustStore] = [],
        requiredAnnotations: [String: String] = [:]
    ) {
        self.level = level
        self.overrides = overrides
        self.verifyTimestamp = verifyTimestamp
        self.trustedIdentities = trustedIdentities
        self.trustStores = trustStores
        self.requiredAnnotations = requiredAnnotations
    }

    /// What a failure of `check` leads to: the override, or the level's own action.
    ///
    /// Integrity cannot be overridden.
    public func action(for check: VerificationCheck) -> VerificationAction {
        if check == .integrity || level == .skip { return level.action(for: check) }
        return overrides[check] ?? level.action(for: check)
    }
}

extension Policy {
    /// The policy with further annotations that every Notary Project signature must carry.
    ///
    /// An authority that skips verification stays as it is: it looks at no signature.
    ///
    /// - Parameter annotations: names and the exact values they must have.
    /// - Returns: the stricter policy; `nil` where the policy itself requires another value of one of them, so that no
    ///   signature could satisfy both.
    public func requiring(_ annotations: [String: String]) -> Policy? {
        var stricter: [Authority] = []
        for authority in authorities {
            guard case .notary(var trust) = authority.source, trust.level != .skip else {
                stricter.append(authority)
                continue
            }
            for (name, value) in annotations {
                let previous = trust.requiredAnnotations.updateValue(value, forKey: name)
                guard previous.map({ $0.utf8.elementsEqual(value.utf8) }) ?? true else { return nil }
            }
            stricter.append(Authority(name: authority.name, source: .notary(trust)))
        }
        return Policy(name: name, scope: scope, authorities: stricter, require: require, decisions: decisions)
    }
}
