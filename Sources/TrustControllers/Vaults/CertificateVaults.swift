public import TrustResources

/// Where policies' certificates in vaults are read.
public protocol CertificateVaults: Sendable {
    /// What a vault holds, or held when it was read last.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    func lookUp(_ source: KeyVaultSource) async throws(CancellationError) -> CertificateLookup
}
