import Metrics
import MetricsExposition

/// Makes the metrics of the machinery ready to be read by Prometheus.
enum TeamMetrics {
    /// To be called once, before anything else.
    static func begin() -> MetricRegistry {
        let registry = MetricRegistry(families: KubernetesMetrics.all)
        MetricsSystem.bootstrap(registry)
        return registry
    }

    /// What `GET /metrics` answers with.
    static func page(of registry: MetricRegistry) async -> [UInt8] {
        let page = await registry.exposition(.prometheusText)
        return page
    }
}
