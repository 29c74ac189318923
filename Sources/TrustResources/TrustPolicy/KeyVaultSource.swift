/// A certificate in Azure Key Vault.
public struct KeyVaultSource: Sendable, Hashable, Codable {
    /// The vault, such as `https://shop.vault.azure.net`.
    public var vaultURI: String
    /// The certificate's name.
    public var name: String
    /// The versions that count; every enabled one where it is absent.
    public var versions: [String]?

    /// Names a certificate.
    public init(vaultURI: String, name: String, versions: [String]? = nil) {
        self.vaultURI = vaultURI
        self.name = name
        self.versions = versions
    }
}
