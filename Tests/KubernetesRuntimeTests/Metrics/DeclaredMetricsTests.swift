import KubernetesAPI
import MetricsExposition
import Synchronization
import Testing

@testable import KubernetesClient
@testable import KubernetesRuntime

/// What the machinery measures, and what `KubernetesMetrics` declares, are the same.
@Suite("Declared metrics")
struct DeclaredMetricsTests {
    @Test("everything that the machinery measures is declared, and everything declared is measured")
    func bothWays() async throws {
        let refusals = Mutex<[MetricRefusal]>([])
        let registry = MetricRegistry(families: KubernetesMetrics.all) { refusal in
            refusals.withLock { $0.append(refusal) }
        }
        let queue = WorkQueueMetrics(name: "things", factory: registry)
        queue.record(depths: [.low: 1])
        _ = ControllerMetrics(name: "things", workers: 2, factory: registry)
        let informer = InformerMetrics(name: "things", factory: registry)
        informer.reached("1", objects: 2, now: 4)
        informer.lags(by: 3)
        _ = LeaderElectionMetrics(name: "things", factory: registry)
        RequestMetrics(host: "api", factory: registry).count(code: "418", method: .get)
        _ = EventRecorder(
            client: APIClient(transport: NoTransport(), userAgent: "test", metricsFactory: registry),
            reportingController: "example.com/test",
            reportingInstance: "a",
            metricsFactory: registry
        )
        #expect(refusals.withLock(\.self) == [])
        let text = String(decoding: await registry.exposition(.prometheusText), as: UTF8.self)
        let exported = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
            $0.split(separator: " ")[2]
        }
        let declared = KubernetesMetrics.all.map(\.name) + [MetricRegistry.refusedSeries.name]
        #expect(Set(exported.map(String.init)) == Set(declared))
    }
}

/// A way to nowhere.
private struct NoTransport: APITransport {
    func send(_ request: APIRequest) async throws -> APIResponse { throw CancellationError() }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result { throw CancellationError() }
}
