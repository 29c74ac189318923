import ImageTrust
import Metrics
import MetricsExposition
import OCIRegistry
import OutboundHTTP

/// Whom judgements ask.
struct ImageServices: Sendable {
    /// Where images and their signatures lie.
    var registry: any ImageRegistry
    /// The same as those see them who have credentials of their own; `nil` where nobody has.
    var credentialed: (any CredentialedRegistries)?
    /// Where it is asked whether certificates were revoked; `nil` to ask nobody.
    var revocation: (any RevocationSource)?
}

/// Opens the way to registries and revocation services for as long as a run takes.
protocol RegistryConnector: Sendable {
    /// Runs `body` with services that are asked as `access` says.
    ///
    /// - Throws: ``InputError`` when `access` cannot be used; whatever `body` throws.
    func withRegistry<Result: Sendable>(
        _ access: RegistryOptions,
        _ body: (ImageServices) async throws -> Result
    ) async throws -> Result
}

/// The registries of the network, over one client whose connections are reused.
struct NetworkRegistries: RegistryConnector, RegistryOpener {
    /// Measures time limits and pauses.
    var clock: any Clock<Duration> = ContinuousClock()
    /// Where requests are counted and measured; `nil` for nowhere.
    var metricsFactory: (any MetricsFactory)?

    func withRegistry<Result: Sendable>(
        _ access: RegistryOptions,
        _ body: (ImageServices) async throws -> Result
    ) async throws -> Result {
        let open = try open(access)
        do {
            let result = try await body(open.services)
            await open.close()
            return result
        } catch {
            await open.close()
            throw error
        }
    }

    func open(_ access: RegistryOptions) throws(InputError) -> OpenRegistries {
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
        let client: OutboundHTTPClient
        do throws(OutboundError) {
            client = try OutboundHTTPClient(outbound, clock: clock)
        } catch {
            throw InputError("registries cannot be asked: \(error.message)")
        }
        let http = measured(client, OperatorMetrics.registry)
        let registry = RegistryClient(http: http, configuration: configuration, clock: clock)
        let revocation = RevocationAccess(allowedHosts: access.revocationHosts, proxies: access.proxies)
        return OpenRegistries(
            services: ImageServices(
                registry: CachingRegistry(registry, cache: ContentCache()),
                credentialed: CredentialedClients(http: http, configuration: configuration, clock: clock),
                revocation: CachedRevocation(
                    NetworkRevocation(http: measured(client, OperatorMetrics.revocation), access: revocation)
                )
            ),
            close: { await client.shutdown() }
        )
    }

    private func measured(_ http: any HTTPExchange, _ families: ExchangeFamilies) -> any HTTPExchange {
        guard let metricsFactory else { return http }
        return MeasuredExchange(
            http,
            requests: families.requests.name,
            duration: families.duration.name,
            clock: clock,
            metricsFactory: metricsFactory
        )
    }
}
