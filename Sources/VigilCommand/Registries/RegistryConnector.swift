import CloudServices
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
    /// Keeps what is read for those who have credentials of their own.
    var credentialedCache = ContentCache(maximumBytes: 16 << 20)
    /// What is asked of each registry, and what is kept of the answers; `nil` where that is not known.
    var figures: RegistryFigures?
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
    private let clock: any Clock<Duration>
    private let metricsFactory: (any MetricsFactory)?
    /// How registries are, and what may still be asked of them: that stays when the options change.
    private let traffic: RegistryTraffic
    private let credentialedCache: ContentCache
    private let clouds: CloudIdentities

    /// Connects nothing yet.
    ///
    /// - Parameters:
    ///   - clock: measures time limits and pauses.
    ///   - metricsFactory: where requests are counted and measured; `nil` for nowhere.
    ///   - share: which part of what a registry allows is taken, 0 to 1.
    ///   - clouds: whom registries of clouds are asked as, where no other credential is known.
    init(
        clock: any Clock<Duration> = ContinuousClock(),
        metricsFactory: (any MetricsFactory)? = nil,
        share: Double = 1,
        clouds: CloudIdentities = CloudIdentities()
    ) {
        self.clock = clock
        self.clouds = clouds
        self.metricsFactory = metricsFactory
        traffic = RegistryTraffic(share: share, clock: clock)
        credentialedCache = ContentCache(
            maximumBytes: 16 << 20,
            listingLife: ContentCache.usualListingLife,
            clock: clock
        )
    }

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
        configuration.tokenServiceHosts = access.tokenServices
        configuration.requestTimeout = min(.seconds(20), access.timeout)
        configuration.callTimeout = access.timeout
        let connections = try RegistryConnections(access.connections, outbound, configuration, clock: clock)
        let direct = try directClient()
        configuration.credentials = credentials(access.credentials, over: connections.general, direct: direct)
        var services = services(over: connections, configuration, access.keyring)
        services.revocation = CachedRevocation(
            NetworkRevocation(
                http: measured(connections.common, OperatorMetrics.revocation),
                access: RevocationAccess(allowedHosts: access.revocationHosts, proxies: access.proxies)
            )
        )
        return OpenRegistries(
            services: services,
            close: {
                await connections.shutdown()
                await direct?.shutdown()
            }
        )
    }

    /// A client without a proxy, where an identity needs one.
    private func directClient() throws(InputError) -> OutboundHTTPClient? {
        guard clouds.needsLink else { return nil }
        do throws(OutboundError) {
            return try OutboundHTTPClient(OutboundConfiguration(), clock: clock)
        } catch {
            throw InputError("identities of clouds cannot be asked for: \(error.message)")
        }
    }

    /// The registries, with one traffic for all credentials.
    private func services(
        over connections: RegistryConnections,
        _ configuration: RegistryConfiguration,
        _ keyring: RegistryKeyring
    ) -> ImageServices {
        let http = measured(connections.general, OperatorMetrics.registry)
        let own = connections.own.mapValues { measured($0, OperatorMetrics.registry) }
        let client = RegistryClient(
            http: http,
            own: own,
            configuration: configuration,
            traffic: traffic,
            clock: clock
        )
        let credentialed = CredentialedClients(
            http: http,
            own: own,
            configuration: configuration,
            traffic: traffic,
            clock: clock
        )
        let registry: any ImageRegistry =
            keyring.isEmpty ? client : KeyringRegistry(keyring, registries: credentialed, shared: client)
        // What was read with other options is not known to those who ask with these.
        let cache = ContentCache(listingLife: ContentCache.usualListingLife, clock: clock)
        return ImageServices(
            registry: CachingRegistry(registry, cache: cache),
            credentialed: credentialed,
            credentialedCache: credentialedCache,
            figures: RegistryFigures(traffic: traffic, caches: ["shared": cache, "credentialed": credentialedCache])
        )
    }

    /// `given`, and after them what the identities of clouds are given.
    func credentials(
        _ given: any CredentialSource,
        over http: any HTTPExchange,
        direct: (any HTTPExchange)? = nil
    ) -> any CredentialSource {
        let surroundings = CloudSurroundings(http: http, direct: direct ?? http, clock: clock) { path, limit in
            try BoundedFile.read(path, limit: limit)
        }
        return clouds.credentials(after: given, surroundings)
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
