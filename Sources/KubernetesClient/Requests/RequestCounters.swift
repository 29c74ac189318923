internal import KubernetesAPI
internal import Metrics

/// `rest_client_requests_total`, as client-go names it.
struct RequestCounters: Sendable {
    private let factory: any MetricsFactory

    init(factory: any MetricsFactory) { self.factory = factory }

    /// Counts one answer by its HTTP status, or `<error>` for none.
    func count(code: String, method: APIRequest.Method) {
        Counter(
            label: "rest_client_requests_total",
            dimensions: [("code", code), ("method", method.rawValue)],
            factory: factory
        ).increment()
    }
}
