public import Metrics
import Synchronization

/// Counts and measures what is sent through another exchange: a counter by host and outcome, a timer by host.
///
/// The outcome is the HTTP status, or the code of an ``OutboundError`` for requests that were not answered.
public struct MeasuredExchange: HTTPExchange {
    private let base: any HTTPExchange
    private let requests: String
    private let duration: String
    private let clock: any Clock<Duration>
    private let factory: any MetricsFactory

    /// Creates an exchange.
    ///
    /// - Parameters:
    ///   - base: sends the requests.
    ///   - requests: the counter's name; its labels are `host` and `code`.
    ///   - duration: the timer's name; its label is `host`.
    ///   - clock: measures durations.
    ///   - metricsFactory: where the metrics go. How many hosts it tells apart is its affair.
    public init(
        _ base: any HTTPExchange,
        requests: String,
        duration: String,
        clock: any Clock<Duration> = ContinuousClock(),
        metricsFactory: any MetricsFactory
    ) {
        self.base = base
        self.requests = requests
        self.duration = duration
        self.clock = clock
        factory = metricsFactory
    }

    /// Sends a request, and measures the time until the whole answer is there.
    public func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        let host = request.url.authority
        let stopwatch = Self.started(clock)
        do throws(OutboundError) {
            let response = try await base.send(request, limit: limit)
            record(host, code: String(response.status), stopwatch())
            return response
        } catch {
            record(host, code: error.code.rawValue, stopwatch())
            throw error
        }
    }

    /// Sends a request, and measures the time until the head of the answer is there.
    public func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        let host = request.url.authority
        let stopwatch = Self.started(clock)
        let isAnswered = Atomic(false)
        do {
            return try await base.stream(request) { response in
                isAnswered.store(true, ordering: .relaxed)
                record(host, code: String(response.status), stopwatch())
                return try await body(response)
            }
        } catch let error as OutboundError where !isAnswered.load(ordering: .relaxed) {
            record(host, code: error.code.rawValue, stopwatch())
            throw error
        }
    }

    private func record(_ host: String, code: String, _ elapsed: Duration) {
        // What the caller gave up says nothing about the host.
        guard code != OutboundError.Code.cancelled.rawValue else { return }
        Counter(label: requests, dimensions: [("host", host), ("code", code)], factory: factory).increment()
        let (seconds, attoseconds) = elapsed.components
        Timer(label: duration, dimensions: [("host", host)], factory: factory)
            .recordNanoseconds(min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// A closure that tells how long ago this was called.
    private static func started<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
