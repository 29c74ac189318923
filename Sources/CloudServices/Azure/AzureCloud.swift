/// One of Azure's clouds, each with hosts and identities of its own (Azure Key Vault, "DNS suffixes for object
/// identifiers"; Microsoft Entra, "National clouds").
public enum AzureCloud: String, Sendable, Hashable, CaseIterable {
    /// The public one.
    case global
    /// Operated by 21Vianet.
    case china
    /// For the government of the United States.
    case usGovernment

    /// Where its identity service answers; the first is the customary one.
    var authorityHosts: [String] {
        switch self {
        case .global: ["login.microsoftonline.com"]
        case .china: ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"]
        case .usGovernment: ["login.microsoftonline.us"]
        }
    }

    /// The domain that its vaults are in.
    var vaultDomain: String {
        switch self {
        case .global: "vault.azure.net"
        case .china: "vault.azure.cn"
        case .usGovernment: "vault.usgovcloudapi.net"
        }
    }

    /// The domain that its container registries are in.
    var registryDomain: String {
        switch self {
        case .global: "azurecr.io"
        case .china: "azurecr.cn"
        case .usGovernment: "azurecr.us"
        }
    }
}

/// What a token is for.
public struct AzureResource: Sendable, Hashable, CustomStringConvertible {
    /// Its identifier, such as `https://vault.azure.net`.
    public let identifier: String

    init(_ identifier: String) { self.identifier = identifier }

    /// The vaults of a cloud.
    public static func vaults(of cloud: AzureCloud) -> AzureResource { AzureResource("https://\(cloud.vaultDomain)") }

    /// The container registries of a cloud.
    ///
    /// The national clouds issue tokens for them in the name of their resource manager (Azure SDK,
    /// `ContainerRegistryAudience`).
    public static func registries(of cloud: AzureCloud) -> AzureResource {
        switch cloud {
        case .global: AzureResource("https://containerregistry.azure.net")
        case .china: AzureResource("https://management.chinacloudapi.cn")
        case .usGovernment: AzureResource("https://management.usgovcloudapi.net")
        }
    }

    /// The identifier as a scope of the second version of the identity service.
    var scope: String { "\(identifier)/.default" }

    /// The identifier.
    public var description: String { identifier }
}
