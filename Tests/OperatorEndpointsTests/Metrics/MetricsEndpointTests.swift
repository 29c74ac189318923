import HTTPTypes
import MetricsExposition
import Testing

@testable import OperatorEndpoints

/// A scraper gets the format it asks for, and is told which it is.
@Suite("Metrics endpoint")
struct MetricsEndpointTests {
    private let endpoint = Endpoint.metrics(MetricRegistry(families: []))

    @Test("Prometheus' text without a wish")
    func text() async {
        let answer = await endpoint.answer(Endpoint.Query())
        #expect(endpoint.path == "/metrics")
        #expect(answer.status == .ok)
        #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.body.starts(with: "# HELP metrics_series_refused_total ".utf8))
    }

    @Test("OpenMetrics for those who ask for it")
    func openMetrics() async {
        let answer = await endpoint.answer(Endpoint.Query(accept: "application/openmetrics-text;version=1.0.0"))
        #expect(answer.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(String(decoding: answer.body, as: UTF8.self).hasSuffix("\n# EOF\n"))
    }
}
