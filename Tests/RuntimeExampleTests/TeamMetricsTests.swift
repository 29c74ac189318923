import CoreMetrics
import MetricsExposition
import Testing

@testable import RuntimeExample

@Suite("Metrics of the example")
struct TeamMetricsTests {
    @Test("what the machinery records is on the page")
    func page() async {
        let registry = MetricRegistry(families: KubernetesMetrics.all)
        registry.makeCounter(label: "events_written_total", dimensions: []).increment(by: 3)
        let page = String(decoding: await TeamMetrics.page(of: registry), as: UTF8.self)
        #expect(page.contains("\nevents_written_total 3\n"), "\(page)")
    }
}
