import CloudServices
import FoundationEssentials
import OutboundHTTP
import TrustControllers
import TrustResources

/// How the vaults of a run are asked.
struct VaultOptions: Sendable {
    /// Hosts that count as Azure's.
    var access = AzureAccess()
    /// Further certificate authorities, PEM.
    var authoritiesPEM: [UInt8]?
    /// Which requests go through a proxy.
    var proxies = ProxySettings.none

    /// Reads the values of `--azure-allow-host`.
    ///
    /// - Throws: ``InputError`` with what to write instead.
    static func access(_ values: [String]) throws(InputError) -> AzureAccess {
        var hosts: Set<String> = []
        for value in values {
            guard let host = AzureAccess.host(value) else {
                throw InputError(
                    "--azure-allow-host: \"\(value.prefix(80))\" is no host; write host or host:port, such as "
                        + "vault.example.internal"
                )
            }
            hosts.insert(host)
        }
        return AzureAccess(additionalHosts: hosts)
    }
}

/// Opens the way to vaults for as long as a run takes.
protocol VaultConnector: Sendable {
    /// Runs `body` with vaults that are asked as `options` says, by the identity of `environment`.
    ///
    /// - Throws: ``InputError`` when `options` cannot be used; whatever `body` throws.
    func withVaults<Result: Sendable>(
        _ options: VaultOptions,
        environment: [String: String],
        _ body: (any CertificateVaults) async throws -> Result
    ) async throws -> Result
}

/// The vaults of the network.
struct NetworkVaults: VaultConnector {
    /// Measures time limits and pauses.
    var clock: any Clock<Duration> = ContinuousClock()

    func withVaults<Result: Sendable>(
        _ options: VaultOptions,
        environment: [String: String],
        _ body: (any CertificateVaults) async throws -> Result
    ) async throws -> Result {
        var outbound = OutboundConfiguration(proxies: options.proxies)
        if let authorities = options.authoritiesPEM { outbound.tls.roots = .systemAnd(pem: authorities) }
        // The machine's metadata service is asked without a proxy, and needs no trust.
        let plain = OutboundConfiguration()
        do {
            return try await OutboundHTTPClient.with(outbound, clock: clock) { http in
                try await OutboundHTTPClient.with(plain, clock: clock) { direct in
                    let surroundings = CloudSurroundings(http: http, direct: direct, clock: clock) { path, limit in
                        try BoundedFile.read(path, limit: limit)
                    }
                    let client = Swift.Result { () throws(CloudError) in
                        let identity = try AzureIdentity(environment: environment, access: options.access)
                        return KeyVaultClient(AzureTokens(identity, surroundings))
                    }
                    return try await body(KeyVaults(client, access: options.access, clock: clock))
                }
            }
        } catch let error as OutboundError {
            throw InputError("vaults cannot be asked: \(error.message)")
        }
    }
}
