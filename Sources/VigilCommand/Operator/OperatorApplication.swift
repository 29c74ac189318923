import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import MetricsExposition
import OperatorEndpoints
import ServiceLifecycle
import TrustControllers

/// The operator's service graph: who runs, in which order, and what ends with what.
struct OperatorApplication: Sendable {
    let settings: OperatorSettings
    let environment: [String: String]
    /// What is exported; everything that measures records to it.
    private let metrics: MetricRegistry
    private let logger = Logger(label: "vigil.operator")
    /// Everything that waits or has a time limit shares one timer: a quiet operator has little else to wake it.
    private let clock = SharedTimerClock()

    init(settings: OperatorSettings, environment: [String: String], metrics: MetricRegistry) {
        self.settings = settings
        self.environment = environment
        self.metrics = metrics
    }

    /// Works until SIGTERM or SIGINT.
    ///
    /// - Throws: ``InputError`` and `ClusterConfigurationError` for settings that cannot be used; `LeaderElectionError`
    ///   when leadership is lost, upon which the process must end.
    func run() async throws {
        let cluster = try ClusterConfiguration.load(
            kubeconfig: settings.kubeconfig,
            context: settings.context,
            environment: environment
        )
        logger.info(
            "starting",
            metadata: [
                "version": "\(VersionCommand.version)", "cluster": "\(cluster)",
                "namespace": "\(settings.namespace ?? "every namespace")", "identity": "\(settings.identity)",
            ]
        )
        try await NetworkRegistries(clock: clock, metricsFactory: metrics).withRegistry(settings.registry) { services in
            try await withTransport(cluster) { transport in
                try await withTransport(cluster, options: .leaderElection) { election in
                    try await serve(cluster, transport, election, services)
                }
            }
        }
        logger.info("ended")
    }

    /// Runs `body` with a way to the cluster that is closed afterwards, whatever happens.
    private func withTransport(
        _ cluster: ClusterConfiguration,
        options: HTTPTransportOptions = HTTPTransportOptions(),
        _ body: (HTTPAPITransport) async throws -> Void
    ) async throws {
        let transport = try HTTPAPITransport(cluster, options: options, clock: clock)
        do {
            try await body(transport)
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }

    /// The `User-Agent` of every request, which names the replica, so that an audit log tells replicas apart.
    ///
    /// What a header cannot hold, or would end the name, becomes an underscore.
    static func userAgent(identity: String) -> String {
        let name = identity.unicodeScalars.prefix(128).map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": Character(scalar)
            default: "_"
            }
        }
        return "vigil/\(VersionCommand.version) (\(String(name)))"
    }

    private func serve(
        _ cluster: ClusterConfiguration,
        _ transport: HTTPAPITransport,
        _ election: HTTPAPITransport,
        _ images: ImageServices
    ) async throws {
        let role = OperatorServices.Role(
            election: settings.election,
            userAgent: Self.userAgent(identity: settings.identity),
            namespace: settings.namespace,
            lease: settings.lease.map { ObjectKey(namespace: $0.namespace ?? cluster.namespace, name: $0.name) },
            workers: settings.workers,
            evidenceAge: settings.evidenceAge,
            throttle: settings.requestLimit.map {
                RequestThrottle(requestsPerSecond: $0.perSecond, burst: $0.burst)
            }
        )
        let services = OperatorServices(
            role,
            OperatorServices.Surroundings(
                transport: transport,
                election: election,
                registry: images.registry,
                credentialed: images.credentialed,
                revocation: images.revocation,
                clock: clock,
                // Another may lead within seconds: nothing that is still under way here may outlive this moment.
                leadershipLost: { ProcessEnd.now(1) },
                logger: logger,
                metricsFactory: metrics
            )
        )
        let elector = services.elector
        metrics.add(
            ClusterMetrics(view: services.view, isLeading: { elector?.isLeading ?? true }, now: { Date() })
        )
        if settings.exportsKubeNotaryMetrics {
            metrics.add(
                KubeNotaryMetrics(
                    view: services.view,
                    namespace: settings.namespace,
                    isLeading: { elector?.isLeading ?? true }
                )
            )
        }
        // The probes end last.
        let server = makeServer(services.view, services.elector)
        var configuration = ServiceGroupConfiguration(
            services: ([server] + services.all).map { .init(service: $0) },
            logger: quiet(logger)
        )
        configuration.maximumGracefulShutdownDuration = ShutdownSignals.gracePeriod
        try await ShutdownSignals(logger: logger).run(ServiceGroup(configuration: configuration))
    }

    private func makeServer(_ view: ClusterView, _ elector: LeaderElector?) -> EndpointServer {
        let informers = HealthCheck("informers") {
            let clauses = view.caches.compactMap(\.staleness).sorted()
            return clauses.isEmpty ? nil : clauses.joined(separator: "; ")
        }
        let leadership = HealthCheck("leader-election", detail: { elector?.standing ?? "no election" }) {
            elector?.isOverdue() == true ? "takes itself for the leader longer than its lease can have lasted" : nil
        }
        return EndpointServer(
            host: settings.health.host,
            port: settings.health.port,
            liveness: [leadership],
            readiness: [informers, leadership],
            metrics: metrics,
            logger: logger,
            onListening: { port in logger.info("health is served", metadata: ["port": "\(port)"]) }
        )
    }

    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
