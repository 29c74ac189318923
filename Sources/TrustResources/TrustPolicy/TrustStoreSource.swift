/// A set of trust anchors as a policy names it.
public struct TrustStoreSource: Sendable, Hashable, Codable {
    /// `ca`, `signingAuthority` or `tsa`.
    public var type: String
    /// The store's name, unique among the authority's stores of its type; the type by default.
    public var name: String?
    /// Where the certificates are.
    public var certificates: CertificateSource

    /// Creates a trust store.
    public init(type: String, name: String? = nil, certificates: CertificateSource) {
        self.type = type
        self.name = name
        self.certificates = certificates
    }
}

/// Where certificates are.
///
/// Exactly one member is set.
public struct CertificateSource: Sendable, Hashable, Codable {
    /// PEM text.
    public var inline: String?
    /// A key of a ConfigMap: PEM text, or DER in `binaryData`.
    public var configMapRef: KeyReference?
    /// A key of a Secret: PEM text or DER.
    public var secretRef: KeyReference?
    /// A certificate in Azure Key Vault.
    public var azureKeyVault: KeyVaultSource?

    /// Creates a source.
    public init(
        inline: String? = nil,
        configMapRef: KeyReference? = nil,
        secretRef: KeyReference? = nil,
        azureKeyVault: KeyVaultSource? = nil
    ) {
        self.inline = inline
        self.configMapRef = configMapRef
        self.secretRef = secretRef
        self.azureKeyVault = azureKeyVault
    }

    /// How many of the ways to name certificates are used.
    var count: Int { [inline != nil, configMapRef != nil, secretRef != nil, azureKeyVault != nil].count { $0 } }

    /// A key of an object.
    public struct KeyReference: Sendable, Hashable, Codable {
        /// The object's namespace.
        ///
        /// Set in cluster policies only: a namespaced policy reads its own namespace alone.
        public var namespace: String?
        /// The object.
        public var name: String
        /// The key in it.
        public var key: String

        /// Creates a reference.
        public init(namespace: String? = nil, name: String, key: String) {
            self.namespace = namespace
            self.name = name
            self.key = key
        }
    }
}
