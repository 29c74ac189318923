public import KubernetesAPI
public import Metrics

/// Sends requests to one API server: adds what every request carries, turns failures into errors, repeats what may be
/// repeated, and counts.
public struct APIClient: Sendable {
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

    private let clock: any Clock<Duration>
    private let spread: @Sendable () -> Double
    private let counters: RequestCounters

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - transport: the way to the server.
    ///   - userAgent: `program/version (platform)`.
    ///   - fieldManager: defaults to the program's name in `userAgent`.
    ///   - retryPolicy: which failures are repeated.
    ///   - clock: measures the waits between repetitions.
    ///   - spread: a number in 0..<1 for each wait, which grows by up to a tenth of it.
    ///   - metricsFactory: where `rest_client_requests_total` goes; `nil` takes the process's.
    public init(
        transport: any APITransport,
        userAgent: String,
        fieldManager: String? = nil,
        retryPolicy: RetryPolicy = RetryPolicy(),
        clock: any Clock<Duration> = ContinuousClock(),
        spread: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        metricsFactory: (any MetricsFactory)? = nil
    ) {
        self.transport = transport
        self.userAgent = userAgent
        self.fieldManager = fieldManager ?? String(userAgent.prefix { $0 != "/" }.prefix(128))
        self.retryPolicy = retryPolicy
        self.clock = clock
        self.spread = spread
        self.counters = RequestCounters(factory: metricsFactory ?? MetricsSystem.factory)
    }

    /// The same client, sending every request once.
    public var withoutRetries: APIClient {
        var copy = self
        copy.retryPolicy = .none
        return copy
    }

    /// A client for one type of object.
    public func resource<Object: KubernetesObject>(_ type: Object.Type = Object.self) -> ResourceClient<Object> {
        ResourceClient(self)
    }

    /// Sends a request, repeating it as the policy says.
    ///
    /// - Returns: an answer with a status below 400.
    /// - Throws: ``APIError`` for any other answer, `TransportError` when none arrived, `CancellationError`.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        let request = prepared(request)
        var attempt = 0
        while true {
            attempt &+= 1
            do {
                let response = try await transport.send(request)
                counters.count(code: String(response.status), method: request.method)
                guard response.status >= 400 else { return response }
                throw APIError(response, to: request)
            } catch {
                if error is TransportError { counters.count(code: "<error>", method: request.method) }
                guard let delay = retryPolicy.delay(after: error, request: request, attempt: attempt) else {
                    throw error
                }
                try await clock.sleep(for: delay + delay * (0.1 * spread()))
            }
        }
    }

    /// Opens a stream, once.
    ///
    /// - Throws: ``APIError`` when the answer's status is 400 or more, `TransportError` when the connection fails,
    ///   whatever `body` throws.
    public func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @escaping @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        let request = prepared(request)
        let counters = self.counters
        do {
            return try await transport.stream(request) { stream in
                counters.count(code: String(stream.status), method: request.method)
                guard stream.status >= 400 else { return try await body(stream) }
                var bytes: [UInt8] = []
                for try await chunk in stream.body {
                    bytes.append(contentsOf: chunk.prefix(64 << 10))
                    if bytes.count >= 64 << 10 { break }
                }
                throw APIError(
                    APIResponse(status: stream.status, headers: stream.headers, body: bytes),
                    to: request
                )
            }
        } catch let error as TransportError {
            counters.count(code: "<error>", method: request.method)
            throw error
        }
    }

    private func prepared(_ request: APIRequest) -> APIRequest {
        var request = request
        request.headers["user-agent"] = userAgent
        if request.timeout == nil { request.timeout = requestTimeout }
        return request
    }
}
