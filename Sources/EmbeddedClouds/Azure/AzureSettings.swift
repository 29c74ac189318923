/// What the stand-in is like: hosts, identities, and who may do what.
public struct AzureSettings: Sendable {
    /// The host of the identity service.
    public var authorityHost = "login.microsoftonline.com"
    /// The host of the machine's metadata service.
    public var metadataHost = "169.254.169.254"
    /// The host of the container registry.
    public var registryHost = "shop.azurecr.io"
    /// What tokens for vaults are issued for; with `/.default` as a scope.
    public var vaultResource = "https://vault.azure.net"
    /// What tokens for registries are issued for.
    public var registryResource = "https://containerregistry.azure.net"
    /// The one tenant.
    public var tenant = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"
    /// The one application.
    public var clientID = "cccccccc-3333-4444-5555-dddddddddddd"
    /// Whom the application's federated credential trusts.
    public var issuer = "https://issuer.example.com/cluster/"
    /// The service account that it names.
    public var subject = "system:serviceaccount:vigil-system:vigil"
    /// How long access tokens are good for, in seconds.
    public var tokenLife: Int64 = 3599
    /// Whether the machine has an identity.
    public var hasManagedIdentity = true
    /// Whether the identity has AcrPull.
    public var mayPull = true

    /// The customary settings.
    public init() {}
}

/// A vault: its certificates, and what the one identity may do.
public struct AzureVault: Sendable {
    /// Who may do what; the operations of the data plane.
    public struct Permissions: Sendable {
        /// `secrets/get`.
        public var getSecrets = true
        /// `secrets/list`.
        public var listSecrets = true
        /// `certificates/get`.
        public var getCertificates = true
        /// `certificates/list`.
        public var listCertificates = true
        /// Whether the network is let in.
        public var passesFirewall = true
        /// The code of a refusal: `ForbiddenByRbac` or `ForbiddenByPolicy`.
        public var code = "ForbiddenByRbac"

        /// Everything.
        public init() {}
    }

    /// One version of a certificate.
    public struct Version: Sendable {
        /// 32 hexadecimal digits.
        public var name: String
        /// The certificates of its chain, PEM, the leaf first.
        public var chainPEM: String
        /// The leaf, base64 of its DER.
        public var leaf: String
        /// The private key, PEM, where it is exportable.
        public var keyPEM: String?
        /// `application/x-pem-file` or `application/x-pkcs12`.
        public var contentType = "application/x-pem-file"
        /// Whether it is enabled.
        public var isEnabled = true
        /// Seconds since 1970.
        public var created: Int64

        /// Creates a version that is enabled.
        public init(_ name: String, chainPEM: String, leaf: String, keyPEM: String? = nil, created: Int64) {
            self.name = name
            self.chainPEM = chainPEM
            self.leaf = leaf
            self.keyPEM = keyPEM
            self.created = created
        }
    }

    /// The versions of each certificate, in whatever order the vault lists them.
    public var certificates: [String: [Version]] = [:]
    /// What may be done.
    public var permissions = Permissions()
    /// Whether it knows `outContentType`.
    public var converts = true
    /// How many versions a page has, at most 25.
    public var pageSize = 25

    /// An empty vault.
    public init() {}
}
