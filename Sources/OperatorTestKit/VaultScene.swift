public import CloudServices
public import EmbeddedClouds
public import FoundationEssentials
public import SigningTestKit

/// A vault in the stand-in for Azure, and who reads it.
public struct VaultScene: Sendable {
    /// The host of the vault.
    public static let host = "shop.vault.azure.net"
    /// The versions of a certificate, oldest first.
    public static let versions = (1...9).map { String(repeating: "\($0)", count: 32) }

    /// The services.
    public let azure: EmbeddedAzure

    /// Creates the services, at `now`.
    public init(now: Date) { azure = EmbeddedAzure(seconds: Int64(now.timeIntervalSince1970)) }

    /// Puts a version of the certificate `wabbit` into the vault: the certificates of `chain`, the leaf first.
    public func put(_ chain: TestChain, _ version: Int) {
        let entry = AzureVault.Version(
            Self.versions[version],
            chainPEM: chain.certificates.map(\.pem).joined(),
            leaf: Data(chain.leaf.der).base64EncodedString(),
            created: Int64(version)
        )
        azure.updateVault(Self.host) { $0.certificates["wabbit", default: []].append(entry) }
    }

    /// Disables a version.
    public func disable(_ version: Int) {
        azure.updateVault(Self.host) { $0.certificates["wabbit"]?[version].isEnabled = false }
    }

    /// A client that is the machine's identity.
    public func client(now: @escaping @Sendable () -> Date) throws -> KeyVaultClient {
        let surroundings = CloudSurroundings(
            http: CloudWire(azure, isDirect: false),
            direct: CloudWire(azure, isDirect: true),
            now: now,
            readFile: { _, _ in [] }
        )
        return KeyVaultClient(AzureTokens(try AzureIdentity(environment: [:]), surroundings))
    }
}
