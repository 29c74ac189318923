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
