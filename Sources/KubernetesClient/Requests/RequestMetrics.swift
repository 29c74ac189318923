import KubernetesAPI
import Metrics
import Synchronization

/// What is measured of requests, under client-go's names, so that existing dashboards work.
final class RequestMetrics: Sendable {
    private struct Series: Hashable {
        var code: String
        var method: APIRequest.Method
    }

    private struct Sizes: Sendable {
        var duration: Timer
        var turn: Timer
        var request: Recorder
        var response: Recorder
    }

    private let host: String
    private let factory: any MetricsFactory
    private let counters: Mutex<[Series: Counter]>
    private let retries: Mutex<[Series: Counter]>
    private let sizes: [APIRequest.Method: Sizes]

    /// Creates the metrics; what every client will see sooner or later is there from the beginning, as 0.
    init(host: String, factory: any MetricsFactory) {
        self.host = host
        self.factory = factory
        var (counters, retries): ([Series: Counter], [Series: Counter]) = ([:], [:])
        var sizes: [APIRequest.Method: Sizes] = [:]
        for method in APIRequest.Method.allCases {
            let success = method == .post ? "201" : "200"
            for code in [success, "409", "429", "500", "503", Self.noAnswer] {
                let series = Series(code: code, method: method)
                counters[series] = Self.counter(series, host, factory)
                retries[series] = Self.retryCounter(series, host, factory)
            }
            let dimensions = [("verb", method.rawValue), ("host", host)]
            func recorder(_ label: String) -> Recorder {
                Recorder(label: label, dimensions: dimensions, aggregate: true, factory: factory)
            }
            sizes[method] = Sizes(
                duration: Timer(
                    label: "rest_client_request_duration_seconds",
                    dimensions: dimensions,
                    factory: factory
                ),
                turn: Timer(
                    label: "rest_client_rate_limiter_duration_seconds",
                    dimensions: dimensions,
                    factory: factory
                ),
                request: recorder("rest_client_request_size_bytes"),
                response: recorder("rest_client_response_size_bytes")
            )
        }
        for counter in counters.values { counter.increment(by: 0) }
        for counter in retries.values { counter.increment(by: 0) }
        self.counters = Mutex(counters)
        self.retries = Mutex(retries)
        self.sizes = sizes
    }

    /// The code of a request that was not answered.
    static let noAnswer = "<error>"

    /// Counts one answer by its HTTP status, or `<error>` for none.
    func count(code: String, method: APIRequest.Method) {
        let series = Series(code: code, method: method)
        let counter = counters.withLock { counters in
            if let known = counters[series] { return known }
            let counter = Self.counter(series, host, factory)
            counters[series] = counter
            return counter
        }
        counter.increment()
    }

    /// Counts what became of a request that was sent once more, by its HTTP status, or `<error>` for no answer.
    func countRetry(code: String, method: APIRequest.Method) {
        let counter = retries.withLock { retries in
            let series = Series(code: code, method: method)
            if let known = retries[series] { return known }
            let counter = Self.retryCounter(series, host, factory)
            retries[series] = counter
            return counter
        }
        counter.increment()
    }

    private static func retryCounter(_ series: Series, _ host: String, _ factory: any MetricsFactory) -> Counter {
        Counter(
            label: "rest_client_request_retries_total",
            dimensions: [("code", series.code), ("verb", series.method.rawValue), ("host", host)],
            factory: factory
        )
    }

    /// Records how long a request took and how large its body was.
    func record(_ request: APIRequest, duration: Duration) {
        guard let sizes = sizes[request.method] else { return }
        sizes.duration.recordNanoseconds(Self.nanoseconds(duration))
        sizes.request.record(request.body?.count ?? 0)
    }

    /// Records how long a request waited because of the client's own rate.
    func record(turn waited: Duration, of method: APIRequest.Method) {
        sizes[method]?.turn.recordNanoseconds(Self.nanoseconds(waited))
    }

    /// Records how large the body of an answer was.
    func record(responseBytes: Int, to method: APIRequest.Method) { sizes[method]?.response.record(responseBytes) }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    private static func counter(_ series: Series, _ host: String, _ factory: any MetricsFactory) -> Counter {
        Counter(
            label: "rest_client_requests_total",
            dimensions: [("code", series.code), ("method", series.method.rawValue), ("host", host)],
            factory: factory
        )
    }
}
