import Hummingbird
public import Logging
public import ServiceLifecycle

/// Serves `/healthz`, `/livez` (the same) and `/readyz` over HTTP, for probes.
///
/// 200 with `ok`, or 500 with the failed checks; `?verbose` lists all, `?exclude=name` leaves one out, and
/// `/readyz/<name>` runs one alone, as with kube-apiserver. Nothing else is served and no request body is read.
public struct HealthServer: Service {
    private let host: String
    private let port: Int
    private let liveness: [HealthCheck]
    private let readiness: [HealthCheck]
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// Creates a server; nothing is served before ``run()``.
    ///
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: the port; 0 takes a free one.
    ///   - liveness: must hold, or the process should be restarted.
    ///   - readiness: must hold for the process to do its work.
    ///   - logger: where requests are logged at debug level.
    ///   - onListening: told the port once connections are accepted.
    public init(
        host: String,
        port: Int,
        liveness: [HealthCheck],
        readiness: [HealthCheck],
        logger: Logger = Logger(label: "operator.health"),
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.liveness = liveness
        self.readiness = readiness
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: when the port cannot be opened.
    public func run() async throws {
        let router = Router()
        for endpoint in ["healthz", "livez"] { Self.add(liveness, to: router, endpoint: endpoint) }
        Self.add(readiness, to: router, endpoint: "readyz")
        let onListening = self.onListening
        var logger = self.logger
        logger.logLevel = max(logger.logLevel, .notice)
        let application = Application(
            router: router,
            configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        try await application.runService(gracefulShutdownSignals: [])
    }

    private static func add(_ checks: [HealthCheck], to router: Router<BasicRequestContext>, endpoint: String) {
        router.get("/\(endpoint)") { request, _ in
            let excluded = Set(request.uri.queryParameters.getAll("exclude"))
            let isVerbose = request.uri.queryParameters.has("verbose")
            return response(HealthReport(checks, excluding: excluded), endpoint: endpoint, isVerbose: isVerbose)
        }
        for check in checks {
            router.get("/\(endpoint)/\(check.name)") { _, _ in
                response(HealthReport([check]), endpoint: endpoint, isVerbose: false)
            }
        }
    }

    private static func response(_ report: HealthReport, endpoint: String, isVerbose: Bool) -> Response {
        let text = report.text(endpoint: endpoint, isVerbose: isVerbose)
        return Response(
            status: report.isHealthy ? .ok : .internalServerError,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-cache"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}
