/// One source of trust as a policy names it.
///
/// Exactly one member besides the name is set.
public struct AuthoritySource: Sendable, Hashable, Codable {
    /// The name, unique in its policy.
    public var name: String
    /// Notary Project signatures.
    public var notary: NotarySource?

    /// Creates an authority.
    public init(name: String, notary: NotarySource?) {
        self.name = name
        self.notary = notary
    }
}

/// Whom to trust to sign in the manner of the Notary Project (trust-store-trust-policy.md), as written in a policy.
public struct NotarySource: Sendable, Hashable, Codable {
    /// `strict`, `permissive`, `audit` or `skip`; `strict` by default.
    public var level: String?
    /// Actions that replace the level's for single checks.
    public var overrides: Overrides?
    /// `always` or `afterCertExpiry`; `always` by default.
    public var verifyTimestamp: String?
    /// `*` alone, or identities such as `x509.subject: C=US, ST=WA, O=Notary`.
    public var trustedIdentities: [String]?
    /// The trust anchors.
    public var trustStores: [TrustStoreSource]?
    /// Signed annotations that a signature must carry with exactly these values.
    public var requiredAnnotations: [String: String]?

    /// Creates a source.
    public init(
        level: String? = nil,
        trustedIdentities: [String]? = nil,
        trustStores: [TrustStoreSource]? = nil
    ) {
        self.level = level
        self.trustedIdentities = trustedIdentities
        self.trustStores = trustStores
    }

    /// Actions for single checks: `enforce` or `log`, for revocation also `skip`.
    ///
    /// Integrity is always enforced.
    public struct Overrides: Sendable, Hashable, Codable {
        /// The chain leads to a trust store and the signer is a trusted identity.
        public var authenticity: String?
        /// The signature was made while its certificates were valid.
        public var authenticTimestamp: String?
        /// The signature's own expiry lies ahead.
        public var expiry: String?
        /// No certificate of the chain is revoked.
        public var revocation: String?

        /// Creates overrides.
        public init(
            authenticity: String? = nil,
            authenticTimestamp: String? = nil,
            expiry: String? = nil,
            revocation: String? = nil
        ) {
            self.authenticity = authenticity
            self.authenticTimestamp = authenticTimestamp
            self.expiry = expiry
            self.revocation = revocation
        }
    }
}
