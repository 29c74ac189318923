public import KubernetesAPI
public import Logging
public import Metrics
import Synchronization

/// Sends requests to one API server: adds what every request carries, turns failures into errors, repeats what may be
/// repeated, keeps to a rate, counts, and passes the server's warnings on.
public struct APIClient: Sendable {
    /// The largest body of a request that API servers take, in bytes: 3 MiB (apiserver `MaxRequestBodyBytes`).
    public static let maximumRequestBytes = 3 << 20

    /// The way to the server.
    public let transport: any APITransport
    /// `User-Agent` of every request; the part before `/` is what the server shows as the writer of a field.
    public let userAgent: String
    /// The field manager of writes that name none, 128 characters at most.
    public let fieldManager: String
    /// Which failures are repeated.
    public var retryPolicy: RetryPolicy
    /// How long a request may take that sets no limit; `nil` leaves it to the transport.
    public var requestTimeout: Duration?
    /// Keeps requests below a rate; `nil` for as fast as they come.
    ///
    /// Streams are never held up. Leave it out for leader election, whose requests must not wait for others.
    public var throttle: RequestThrottle?

    private let clock: any Clock<Duration>
    private let spread: @Sendable () -> Double
    private let metrics: RequestMetrics
    private let logger: Logger
    private let warnings = ReportedWarnings()
    private var impersonation: Impersonation?

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - transport: the way to the server.
    ///   - userAgent: `program/version (platform)`.
    ///   - fieldManager: defaults to the program's name in `userAgent`.
    ///   - retryPolicy: which failures are repeated.
    ///   - throttle: keeps requests below a rate.
    ///   - clock: measures the waits between repetitions.
    ///   - spread: a number in 0..<1 for each wait, which grows by up to a tenth of it.
    ///   - metricsFactory: where `rest_client_*` goes; `nil` takes the process's.
    ///   - logger: where the server's warnings and refused requests are reported.
    public init(
        transport: any APITransport,
        userAgent: String,
        fieldManager: String? = nil,
        retryPolicy: RetryPolicy = RetryPolicy(),
        throttle: RequestThrottle? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        spread: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        metricsFactory: (any MetricsFactory)? = nil,
        logger: Logger = Logger(label: "kubernetes.client")
    ) {
        self.transport = transport
        self.userAgent = userAgent
        self.fieldManager = fieldManager ?? String(userAgent.prefix { $0 != "/" }.prefix(128))
        self.retryPolicy = retryPolicy
        self.throttle = throttle
        self.clock = clock
        self.spread = spread
        self.metrics = RequestMetrics(host: transport.host, factory: metricsFactory ?? MetricsSystem.factory)
        self.logger = logger
    }

    /// The same client, sending every request once.
    public var withoutRetries: APIClient {
        var copy = self
        copy.retryPolicy = .none
        return copy
    }

    /// The same client, acting as somebody else, whatever its requests say about that themselves.
    public func acting(as impersonation: Impersonation) -> APIClient {
        var copy = self
        copy.impersonation = impersonation
        return copy
    }

    /// A client for one type of object.
    public func resource<Object: KubernetesObject>(_ type: Object.Type = Object.self) -> ResourceClient<Object> {
        ResourceClient(self)
    }

    /// Sends a request, repeating it as the policy says.
    ///
    /// - Returns: an answer with a status of 2xx, or 304.
    /// - Throws: ``APIError`` for any other answer, and for a `Status` that says `Failure` whatever its HTTP status;
    ///   `TransportError` when none arrived; `CancellationError`.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        let request = try prepared(request)
        var attempt = 0
        while true {
            attempt &+= 1
            try await waitForTurn(request)
            do {
                let response = try await sendOnce(request)
                if attempt > 1 { metrics.countRetry(code: String(response.status), method: request.method) }
                return response
            } catch {
                if attempt > 1 { countRetry(ending: error, request) }
                guard let delay = retryPolicy.delay(after: error, request: request, attempt: attempt) else {
                    throw error
                }
                try await pause(delay, jitter: 0.1)
            }
        }
    }

    private func countRetry(ending error: any Error, _ request: APIRequest) {
        if let error = error as? APIError {
            metrics.countRetry(code: String(error.httpStatus), method: request.method)
        } else if error is TransportError {
            metrics.countRetry(code: RequestMetrics.noAnswer, method: request.method)
        }
    }

    /// Reads a list as it arrives, once: like a stream that ends, so that it waits for its turn and is measured.
    ///
    /// - Throws: as ``stream(_:_:)``.
    func list<Result: Sendable>(
        _ request: APIRequest,
        _ body: @escaping @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try await waitForTurn(request)
        let stopwatch = Stopwatch(clock)
        defer { metrics.record(request, duration: stopwatch.elapsed) }
        return try await stream(request, body)
    }

    /// Opens a stream, once, without waiting for a turn: a watch is one request for a long time (client-go, `Request.Watch`).
    ///
    /// - Throws: ``APIError`` when the answer's status is not 2xx, `TransportError` when the connection fails, whatever
    ///   `body` throws.
    public func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @escaping @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        let request = try prepared(request)
        let wasAnswered = Atomic(false)
        do {
            return try await transport.stream(request) { stream in
                wasAnswered.store(true, ordering: .relaxed)
                metrics.count(code: String(stream.status), method: request.method)
                reportWarnings(stream.headers)
                guard !(200..<300).contains(stream.status) else { return try await body(stream) }
                var bytes: [UInt8] = []
                for try await chunk in stream.body {
                    bytes.append(contentsOf: chunk.prefix(64 << 10))
                    if bytes.count >= 64 << 10 { break }
                }
                throw refused(APIResponse(status: stream.status, headers: stream.headers, body: bytes), request)
            }
        } catch let error as TransportError {
            // What breaks later was counted when its answer began.
            if !wasAnswered.load(ordering: .relaxed) {
                metrics.count(code: RequestMetrics.noAnswer, method: request.method)
            }
            throw error
        }
    }

    /// Waits, and up to `jitter` of it longer.
    func pause(_ delay: Duration, jitter: Double) async throws {
        try await clock.sleep(for: delay + delay * (jitter * spread()))
    }

    // MARK: - One request

    private func sendOnce(_ request: APIRequest) async throws -> APIResponse {
        let stopwatch = Stopwatch(clock)
        let response: APIResponse
        do {
            response = try await transport.send(request)
        } catch {
            if error is TransportError {
                metrics.count(code: RequestMetrics.noAnswer, method: request.method)
                metrics.record(request, duration: stopwatch.elapsed)
            }
            throw error
        }
        metrics.count(code: String(response.status), method: request.method)
        metrics.record(request, duration: stopwatch.elapsed)
        metrics.record(responseBytes: response.body.count, to: request.method)
        reportWarnings(response.headers)
        guard (200..<300).contains(response.status) || response.status == 304 else {
            throw refused(response, request)
        }
        if let error = APIError.hidden(in: response, asked: "\(request.method.rawValue) \(request.path)") {
            throw error
        }
        return response
    }

    private func prepared(_ request: APIRequest) throws -> APIRequest {
        var request = request
        request.headers["user-agent"] = userAgent
        if let impersonation { request.act(as: impersonation) }
        if request.timeout == nil { request.timeout = requestTimeout }
        guard let size = request.body?.count, size > Self.maximumRequestBytes else { return request }
        throw APIError(
            .requestEntityTooLarge,
            httpStatus: 413,
            message:
                "\(request.method.rawValue) \(request.path) was not sent: its body of \(size) bytes is larger than "
                + "the \(Self.maximumRequestBytes) bytes that API servers take"
        )
    }

    private func waitForTurn(_ request: APIRequest) async throws {
        guard let waited = try await throttle?.wait() else { return }
        metrics.record(turn: waited, of: request.method)
        guard waited > .milliseconds(50) else { return }
        logger.log(
            level: waited > .seconds(1) ? .info : .debug,
            "a request waited for its turn: the client's own limit of requests a second is reached",
            metadata: ["waited": "\(waited)", "request": "\(request.method.rawValue) \(request.path)"]
        )
    }

    // MARK: - What the server says beside the answer

    private func refused(_ response: APIResponse, _ request: APIRequest) -> APIError {
        let error = APIError(response, to: request)
        var metadata: Logger.Metadata = [
            "request": "\(request.method.rawValue) \(request.path)", "status": "\(response.status)",
            "reason": "\(error.code.rawValue)",
        ]
        if let id = error.auditID { metadata["audit-id"] = "\(id)" }
        // By these an administrator finds the queue in which a request of this client waited in vain.
        for (key, field) in [
            ("flow-schema", "x-kubernetes-pf-flowschema-uid"), ("priority-level", "x-kubernetes-pf-prioritylevel-uid"),
        ] {
            if let uid = response.headers[field] { metadata[key] = "\(uid.prefix(64))" }
        }
        let isServersTrouble = response.status == 429 || response.status >= 500
        logger.log(level: isServersTrouble ? .info : .debug, "a request was refused", metadata: metadata)
        return error
    }

    private func reportWarnings(_ headers: [String: String]) {
        guard let field = headers["warning"] else { return }
        for text in WarningHeader.texts(field) where warnings.isNew(text) {
            logger.warning("the API server warns", metadata: ["warning": "\(text)"])
        }
    }
}
