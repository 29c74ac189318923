/// What the stand-in is like: hosts, identities, and who may do what.
public struct GoogleSettings: Sendable {
    /// The host of the metadata server.
    public var metadataHost = "169.254.169.254"
    /// The host of the token service.
    public var tokenHost = "sts.googleapis.com"
    /// The host that gives tokens of service accounts.
    public var accountsHost = "iamcredentials.googleapis.com"
    /// The provider of the pool.
    public var audience =
        "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/clusters/providers/shop"
    /// The service account.
    public var account = "vigil@shop.iam.gserviceaccount.com"
    /// Whom the provider trusts.
    public var issuer = "https://issuer.example.com/cluster"
    /// The service account that it trusts.
    public var subject = "system:serviceaccount:vigil-system:vigil"
    /// How long tokens are good for, in seconds.
    public var tokenLife: Int64 = 3599
    /// Whether there is a service account to ask for.
    public var hasAccount = true
    /// Whether the principal may act as the service account.
    public var mayImpersonate = true
    /// Whether answers of the metadata server say that they are its.
    public var namesItself = true

    /// The customary settings.
    public init() {}
}
