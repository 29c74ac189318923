/// What the stand-in is like: hosts, identities, and who may do what.
public struct AmazonSettings: Sendable {
    /// The host of the token service.
    public var tokenHost = "sts.eu-central-1.amazonaws.com"
    /// The host of the registry service.
    public var registryHost = "api.ecr.eu-central-1.amazonaws.com"
    /// The host of the agent of EKS Pod Identity.
    public var agentHost = "169.254.170.23"
    /// The region of both services.
    public var region = "eu-central-1"
    /// The account.
    public var account = "111122223333"
    /// The role.
    public var role = "arn:aws:iam::111122223333:role/vigil"
    /// Whom the role trusts.
    public var issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
    /// The service account that it trusts.
    public var subject = "system:serviceaccount:vigil-system:vigil"
    /// How long keys are good for, in seconds.
    public var keyLife: Int64 = 3600
    /// How long tokens of the registry are good for, in seconds.
    public var tokenLife: Int64 = 43_200
    /// Whether the role may have tokens of the registry.
    public var mayGetToken = true
    /// Whether the service account is associated with a role.
    public var isAssociated = true

    /// The customary settings.
    public init() {}
}
