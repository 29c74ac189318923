import TrustControllers
import TrustResources

@testable import VigilCommand

/// Vaults whose contents a test chooses, and which are asked as they are told.
struct VaultsInMemory: VaultConnector, CertificateVaults {
    var lookups: [KeyVaultSource: CertificateLookup] = [:]

    func withVaults<Result: Sendable>(
        _ options: VaultOptions,
        environment: [String: String],
        _ body: (any CertificateVaults) async throws -> Result
    ) async throws -> Result {
        try await body(self)
    }

    func lookUp(_ source: KeyVaultSource) async throws(CancellationError) -> CertificateLookup {
        lookups[source] ?? .unavailable("cannot be read: there is no identity to ask Azure with")
    }
}
