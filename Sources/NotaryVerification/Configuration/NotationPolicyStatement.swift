public import TrustModel

/// One statement of a Notation trust policy document, checked but with its trust stores still to be loaded.
public struct NotationPolicyStatement: Sendable, Hashable {
    /// A trust store by reference, `type:name`.
    public struct StoreReference: Sendable, Hashable, CustomStringConvertible {
        /// What its certificates vouch for; the folder `truststore/x509/<kind>`.
        public let kind: TrustStore.Kind
        /// The store's name; safe as the name of a folder.
        public let name: String

        /// `type:name`.
        public var description: String { "\(kind.rawValue):\(name)" }

        /// Creates a reference.
        public init(kind: TrustStore.Kind, name: String) {
            self.kind = kind
            self.name = name
        }
    }

    /// The statement's name.
    public internal(set) var name: String
    /// `["*"]`, or repositories as `registry/repository`; empty in a policy for blobs.
    public internal(set) var registryScopes: [String]
    /// Whether it speaks for every blob that no statement is named for; false in a policy for images.
    public internal(set) var isGlobal = false
    /// The level.
    public internal(set) var level: VerificationLevel
    /// Actions that replace the level's.
    public internal(set) var overrides: [VerificationCheck: VerificationAction]
    /// When timestamps are verified.
    public internal(set) var verifyTimestamp: TimestampVerification
    /// Whether the document says when timestamps are verified; where it does not, ``verifyTimestamp`` is `always`.
    public internal(set) var isTimestampVerificationWritten = false
    /// The trust stores, each once.
    public internal(set) var trustStores: [StoreReference]
    /// `["*"]`, or identities such as `x509.subject: C=US, ST=WA, O=Notary`.
    public internal(set) var trustedIdentities: [String]

    /// The statement with its trust stores loaded.
    ///
    /// - Parameters:
    ///   - stores: the certificates (DER) of every store that ``trustStores`` names.
    ///   - requiredAnnotations: signed annotations that a signature must carry.
    /// - Returns: the description of trust for ``NotaryVerifier``.
    public func trust(stores: [TrustStore], requiredAnnotations: [String: String] = [:]) -> NotaryTrust {
        NotaryTrust(
            level: level,
            overrides: overrides,
            verifyTimestamp: verifyTimestamp,
            trustedIdentities: trustedIdentities,
            trustStores: stores,
            requiredAnnotations: requiredAnnotations
        )
    }
}

extension NotationPolicyStatement.StoreReference {
    /// Reads `type:name`, which stands at `field`.
    init(parsing text: String, field: String) throws(NotaryPolicyError) {
        guard let colon = text.firstIndex(of: ":") else {
            throw NotaryPolicyError(
                .trustStoreReferenceMalformed,
                field: field,
                "\"\(text.prefix(64))\" has no type; write \"ca:name\", \"signingAuthority:name\" or \"tsa:name\""
            )
        }
        guard let kind = TrustStore.Kind(rawValue: String(text[..<colon])) else {
            throw NotaryPolicyError(
                .trustStoreTypeUnknown,
                field: field,
                "\"\(text[..<colon].prefix(32))\" is no type of trust store; use \"ca\", \"signingAuthority\" or \"tsa\""
            )
        }
        let name = String(text[text.index(after: colon)...])
        try TrustStoreName.check(name, field: field)
        self.init(kind: kind, name: name)
    }
}
