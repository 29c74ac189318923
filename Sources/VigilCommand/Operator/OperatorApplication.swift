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
    /// Where the configuration is read again.
    private let reader: ConfigurationReader
    /// What became of it.
    let state: ConfigurationState
    /// What Events about it are about, if the operator's own namespace is the given one.
    private let subject: @Sendable (String) -> ConfigurationEvents.Subject?
    private let log: LogOutput
    /// What is exported; everything that measures records to it.
    let metrics: MetricRegistry
    let logger = Logger(label: "vigil.operator")
    /// Everything that waits or has a time limit shares one timer: a quiet operator has little else to wake it.
    let clock = SharedTimerClock()

    init(
        settings: OperatorSettings,
        setup: OperatorSetup,
        environment: [String: String],
        subject: @escaping @Sendable (String) -> ConfigurationEvents.Subject?,
        log: LogOutput,
        metrics: MetricRegistry
    ) {
        self.settings = settings
        self.environment = environment
        self.subject = subject
        self.log = log
        self.metrics = metrics
        reader = setup.reader
        state = ConfigurationState(setup.start, at: Date())
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
        logger.debug("the configuration in force", metadata: ConfigurationWatch.fields(state.inForce))
        // The nodes pull through the same addresses, and at times with the same accounts: half is left to them.
        let opener = NetworkRegistries(
            clock: clock,
            metricsFactory: metrics,
            share: 0.5,
            clouds: settings.clouds
        )
        let vaults = NetworkVaults(clock: clock)
        try await LiveRegistries.with(opener, settings.registry) { registries in
            try await vaults.withVaults(settings.vaults, environment: environment) { vaults in
                try await withTransport(cluster) { transport in
                    try await withTransport(cluster, options: .leaderElection) { election in
                        try await withEndpointAccess(cluster) { access in
                            try await serve(cluster, (transport, election), registries, vaults, access)
                        }
                    }
                }
            }
        }
        logger.info("ended")
    }

    /// Runs `body` with a way to the cluster that is closed afterwards, whatever happens.
    func withTransport(
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
        _ ways: (transport: HTTPAPITransport, election: HTTPAPITransport),
        _ registries: LiveRegistries,
        _ vaults: any CertificateVaults,
        _ access: TokenEndpointAccess?
    ) async throws {
        let (state, images) = (self.state, registries.services)
        let role = OperatorServices.Role(
            election: settings.election,
            userAgent: Self.userAgent(identity: settings.identity),
            namespace: settings.namespace,
            lease: settings.lease.map { ObjectKey(namespace: $0.namespace ?? cluster.namespace, name: $0.name) },
            workers: settings.workers,
            evidenceAge: { state.inForce.evidenceAge },
            writesPolicyReports: settings.writesPolicyReports,
            mirrors: settings.mirrors,
            throttle: settings.requestLimit.map {
                RequestThrottle(requestsPerSecond: $0.perSecond, burst: $0.burst)
            }
        )
        let services = OperatorServices(
            role,
            OperatorServices.Surroundings(
                transport: ways.transport,
                election: ways.election,
                registry: images.registry,
                credentialed: images.credentialed,
                credentialedCache: images.credentialedCache,
                revocation: images.revocation,
                configuration: subject(cluster.namespace).map { .init(state: state, subject: $0) },
                vaults: vaults,
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
        metrics.add(RegistryMetrics(figures: { registries.figures }))
        metrics.add(
            KubeNotaryMetrics(
                view: services.view,
                namespace: settings.namespace,
                isLeading: { state.inForce.exportsKubeNotaryMetrics && elector?.isLeading ?? true }
            )
        )
        metrics.add(ConfigurationMetrics(state: state))
        // The probes end last.
        let certificate = settings.certificate.map { ServingCertificate($0) }
        if let certificate { metrics.add(EndpointMetrics(certificate: certificate)) }
        let server = makeServer(services, access, certificate)
        var configuration = ServiceGroupConfiguration(
            services: ([server, watch(registries, certificate)] + services.all).map { .init(service: $0) },
            logger: quiet(logger)
        )
        configuration.maximumGracefulShutdownDuration = ShutdownSignals.gracePeriod
        try await ShutdownSignals(logger: logger).run(ServiceGroup(configuration: configuration))
    }

    /// Looks at the configuration, and puts into force what can be changed while the operator runs.
    private func watch(_ registries: LiveRegistries, _ certificate: ServingCertificate?) -> ConfigurationWatch {
        let (state, log, proxies, reader) = (self.state, self.log, settings.proxies, self.reader)
        return ConfigurationWatch(
            state: state,
            read: { () throws(ConfigurationProblems) in try reader.read() },
            apply: { (next: ReadConfiguration) throws(InputError) in
                let present = state.reload.inForce
                let pair = next.serving == present.serving ? nil : try next.servingCertificate()
                if next.asksRegistriesOtherwise(than: present) {
                    try registries.change(to: try next.registryOptions(proxies: proxies))
                }
                if let pair { certificate?.replace(by: pair) }
                log.set(level: next.configuration.logLevel, format: next.configuration.logFormat)
            },
            tidy: { await registries.sweep() },
            clock: clock,
            now: { Date() },
            logger: Logger(label: "vigil.configuration")
        )
    }

    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
