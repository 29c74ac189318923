public import CloudServices
public import FoundationEssentials
import ImageTrust
public import TrustResources
import WorkSharing

/// Reads certificates in Azure Key Vault, each once at a time and every five minutes at most, and keeps the last good
/// reading for when the vault cannot be read.
public final class KeyVaults: CertificateVaults {
    private enum Work: Sendable {
        case outcome(VaultMemory.Outcome)
        case lookup(CertificateLookup)
    }

    /// How long one certificate may take, with all its versions.
    static let limit = Duration.seconds(30)

    private let client: Result<KeyVaultClient, CloudError>
    private let access: AzureAccess
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let work = SharedWork<KeyVaultSource, Work, VaultMemory>(memory: VaultMemory())

    /// Creates the way to vaults.
    ///
    /// - Parameters:
    ///   - client: reads them; or why this process has no identity to do so with.
    ///   - access: which hosts may be asked.
    ///   - clock: measures time limits.
    ///   - now: the present.
    public init(
        _ client: Result<KeyVaultClient, CloudError>,
        access: AzureAccess,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.client = client
        self.access = access
        self.clock = clock
        self.now = now
    }

    /// See ``CertificateVaults/lookUp(_:)``.
    public func lookUp(_ source: KeyVaultSource) async throws(CancellationError) -> CertificateLookup {
        let certificate: KeyVaultCertificate
        do throws(CloudError) {
            certificate = try KeyVaultCertificate(
                vaultURI: source.vaultURI,
                name: source.name,
                versions: source.versions ?? [],
                access: access
            )
        } catch {
            return .refused("is not read: \(error.message)")
        }
        var earlier: KeyVaultReading?
        let value = await work.value(for: source) { memory in
            earlier = memory.reading(source, now: now())
            return memory.known(source, now: now()).map(Work.lookup)
        } make: {
            .outcome(await read(certificate, after: earlier))
        } keep: { memory, made in
            guard case .outcome(let outcome) = made else { return made }
            return .lookup(memory.take(outcome, of: source, now: now()))
        }
        guard case .lookup(let lookup)? = value else { throw CancellationError() }
        return lookup
    }

    private func read(
        _ certificate: KeyVaultCertificate,
        after earlier: KeyVaultReading?
    ) async -> VaultMemory.Outcome {
        do throws(CloudError) {
            let client = try client.get()
            let reading = try await clock.run(within: Self.limit) { () async throws(CloudError) in
                try await client.read(certificate, after: earlier)
            }
            guard let reading else {
                return .failed("\(certificate.host) did not give all answers in time", retryAfter: nil)
            }
            let notes = reading.notes.map(\.description)
            guard !reading.certificates.isEmpty else {
                return .absent(.unavailable("cannot be read: \(notes.joined(separator: "; "))"))
            }
            return .read(Self.pem(reading.certificates), warnings: notes, reading: reading)
        } catch {
            switch error.code {
            case .disabled: return .absent(.refused("has no enabled version, and nothing else vouches in its place"))
            case .notFound: return .absent(.unavailable("does not exist: \(error.message)"))
            default: return .failed(error.message, retryAfter: error.retryAfter)
            }
        }
    }

    private static func pem(_ certificates: [[UInt8]]) -> [UInt8] {
        certificates.flatMap { der in
            let body = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            return Array("-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n".utf8)
        }
    }
}
