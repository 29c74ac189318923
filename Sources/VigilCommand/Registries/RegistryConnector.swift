import ImageTrust
import OCIRegistry
import OutboundHTTP

/// Opens the way to registries for as long as a run takes.
protocol RegistryConnector: Sendable {
    /// Runs `body` with registries that are asked as `access` says.
    ///
    /// - Throws: ``InputError`` when `access` cannot be used; whatever `body` throws.
    func withRegistry<Result: Sendable>(
        _ access: RegistryOptions,
        _ body: (any ImageRegistry) async throws -> Result
    ) async throws -> Result
}

/// The registries of the network, over one client whose connections are reused.
struct NetworkRegistries: RegistryConnector {
    /// Measures time limits and pauses.
    var clock: any Clock<Duration> = ContinuousClock()

    func withRegistry<Result: Sendable>(
        _ access: RegistryOptions,
        _ body: (any ImageRegistry) async throws -> Result
    ) async throws -> Result {
        var outbound = OutboundConfiguration(
            proxies: access.proxies,
            timeouts: OutboundTimeouts(
                connect: min(.seconds(10), access.timeout),
                idle: access.timeout,
                overall: access.timeout
            )
        )
        if let authorities = access.authoritiesPEM { outbound.tls.roots = .systemAnd(pem: authorities) }
        var configuration = RegistryConfiguration(credentials: access.credentials)
        configuration.plainHTTPHosts = access.plainHTTPHosts
        configuration.usesPlainHTTPEverywhere = access.usesPlainHTTPEverywhere
        configuration.requestTimeout = min(.seconds(20), access.timeout)
        configuration.callTimeout = access.timeout
        do {
            return try await OutboundHTTPClient.with(outbound, clock: clock) { client in
                let registry = RegistryClient(http: client, configuration: configuration, clock: clock)
                return try await body(CachingRegistry(registry, cache: ContentCache()))
            }
        } catch let error as OutboundError {
            throw InputError("registries cannot be asked: \(error.message)")
        }
    }
}
