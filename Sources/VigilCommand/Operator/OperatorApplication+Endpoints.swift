import KubernetesClient
import KubernetesRuntime
import Logging
import OperatorEndpoints
import TrustControllers

extension OperatorApplication {
    /// Runs `body` with what decides about requests to the endpoints, where tokens are asked for.
    ///
    /// It asks the API server over connections of its own: whoever reaches the port can make it ask.
    func withEndpointAccess(
        _ cluster: ClusterConfiguration,
        _ body: @escaping @Sendable (TokenEndpointAccess?) async throws -> Void
    ) async throws {
        guard let audiences = settings.tokenAudiences else { return try await body(nil) }
        if settings.certificate == nil {
            logger.warning("bearer tokens are asked for over plain HTTP, where whoever listens can read them")
        }
        var options = HTTPTransportOptions.leaderElection
        options.requestConnections = 8
        options.ownsThread = false
        try await withTransport(cluster, options: options) { transport in
            let client = APIClient(
                transport: transport,
                userAgent: Self.userAgent(identity: settings.identity),
                retryPolicy: RetryPolicy(maximumRetries: 2, longestRetryAfter: .seconds(2), maximumReconnects: 0),
                throttle: RequestThrottle(requestsPerSecond: 10, burst: 20, clock: clock),
                clock: clock,
                metricsFactory: metrics
            )
            try await body(
                TokenEndpointAccess(TokenAccess(client: client, audiences: audiences, clock: clock), logger: logger)
            )
        }
    }

    /// What serves health, metrics, results and the page.
    func makeServer(
        _ services: OperatorServices,
        _ access: TokenEndpointAccess?,
        _ certificate: ServingCertificate?
    ) -> EndpointServer {
        let state = self.state
        // A refused configuration is no reason to send a replica away: the former one is in force.
        let configuration = HealthCheck(
            "configuration",
            detail: { state.reload.problems.map { "refused, the former stays: \($0.summary)" } },
            problem: { nil }
        )
        return EndpointServer(
            host: settings.health.host,
            port: settings.health.port,
            liveness: services.liveness,
            readiness: services.readiness + [configuration] + (access.map { [$0.health] } ?? []),
            metrics: metrics,
            results: ClusterResults(view: services.view, mirrors: settings.mirrors),
            access: access,
            certificate: certificate,
            logger: logger,
            onListening: { port in logger.info("health is served", metadata: ["port": "\(port)"]) }
        )
    }
}
