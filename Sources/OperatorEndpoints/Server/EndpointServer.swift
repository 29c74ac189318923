import ConnectionHandover
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
public import MetricsExposition
import NIOCore
import NIOSSL
public import ServiceLifecycle
public import TrustResources

/// Serves what people and machines ask the operator for, over HTTP: `/healthz`, `/livez` (the same) and `/readyz` for
/// probes, `/metrics`, `/results` and `/api/v1` for programs, and `/status` for people.
///
/// What can be asked for is read with GET and HEAD, and nothing can be changed. Whoever reaches the port may be anyone in
/// the cluster: headers, bodies, connections and their time are limited. A bearer token can be asked for, for everything but
/// the probes, and all of it can be served in TLS.
public struct EndpointServer: Service {
    private let host: String
    private let port: Int
    private let limits: ServerLimits
    private let endpoints: [Endpoint]
    private let access: (any EndpointAccess)?
    private let certificate: ServingCertificate?
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// Creates a server; nothing is served before ``run()``.
    ///
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: the port; 0 takes a free one.
    ///   - liveness: must hold, or the process should be restarted.
    ///   - readiness: must hold for the process to do its work.
    ///   - metrics: what is exported.
    ///   - results: what is known of images; `nil` serves neither results nor the page.
    ///   - access: who decides about requests for anything but health; `nil` lets everybody read everything.
    ///   - certificate: what is shown in TLS, 1.2 at least; `nil` serves plain HTTP.
    ///   - logger: where failures are logged.
    ///   - onListening: told the port once connections are accepted.
    public init(
        host: String,
        port: Int,
        liveness: [HealthCheck],
        readiness: [HealthCheck],
        metrics: MetricRegistry,
        results: (any ResultsSource)? = nil,
        access: (any EndpointAccess)? = nil,
        certificate: ServingCertificate? = nil,
        logger: Logger = Logger(label: "operator.endpoints"),
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.init(
            host: host,
            port: port,
            limits: ServerLimits(),
            endpoints: Endpoint.health(liveness, at: "healthz") + Endpoint.health(liveness, at: "livez")
                + Endpoint.health(readiness, at: "readyz") + [.metrics(metrics)]
                + (results.map { Endpoint.results($0) + [.bulkSign($0)] + Endpoint.statusPage($0) } ?? []),
            access: access,
            certificate: certificate,
            logger: logger,
            onListening: onListening
        )
    }

    /// The same, with any endpoints and limits.
    init(
        host: String,
        port: Int,
        limits: ServerLimits,
        endpoints: [Endpoint],
        access: (any EndpointAccess)? = nil,
        certificate: ServingCertificate? = nil,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) {
        self.host = host
        self.port = port
        self.limits = limits
        self.endpoints = endpoints
        self.access = access
        self.certificate = certificate
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: when the port cannot be opened.
    public func run() async throws {
        let onListening = onListening
        var logger = self.logger
        logger.logLevel = max(logger.logLevel, .notice)
        let handover = ConnectionHandover()
        let http = http(handover)
        let application = Application(
            responder: EndpointResponder(endpoints, access: access, bodyBytes: limits.bodyBytes),
            server: try certificate.map { try .tls(http, tlsConfiguration: $0.configuration) } ?? http,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                serverName: nil,
                // Beyond those that have a place only such as are being closed.
                availableConnectionsDelegate: MaximumAvailableConnections(
                    2 * (limits.connections + limits.answers),
                    logger: logger
                )
            ),
            onServerRunning: { channel in
                await handover.watch(channel)
                await onListening(channel.localAddress?.port ?? 0)
            },
            logger: logger
        )
        try await handover.serve { try await application.runService(gracefulShutdownSignals: []) }
    }

    private func http(_ handover: ConnectionHandover) -> HTTPServerBuilder {
        let limits = limits
        let places = ConnectionPlaces(limits)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionPlace(places), ConnectionLifetime(lifetime: limits.lifetime, grace: limits.grace),
            ],
            idleTimeout: TimeAmount(limits.idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes,
                maxHeaderListSize: limits.headerBytes,
                maxHeaderFieldCount: limits.headers
            )
        )
        return HTTPServerBuilder {
            handover.connections(HTTP1Channel(responder: $0, configuration: configuration))
        }
    }
}
