import Logging
import MetricsExposition
import TrustControllers

/// The metrics of the operator, all of them: what is declared here is exported, and documented in `docs/metrics.md`.
enum OperatorMetrics {
    /// Which version runs.
    static let buildInfo = MetricFamily(
        "vigil_build_info",
        .gauge,
        labels: ["version"],
        help: "Always 1; the label tells which version of Vigil runs."
    )

    /// Requests to registries and their token services.
    static let registry = ExchangeFamilies(
        prefix: "vigil_registry",
        of: "Requests to registries and to their token and storage services",
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30]
    )

    /// Requests to revocation services.
    static let revocation = ExchangeFamilies(
        prefix: "vigil_revocation",
        of: "Requests to OCSP responders and for revocation lists",
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5]
    )

    /// What is recorded by those who measure.
    private static let recorded = KubernetesMetrics.all + registry.all + revocation.all + TrustMetrics.counted

    /// Everything that an operator may export.
    static var all: [MetricFamily] {
        recorded + TrustMetrics.read + RegistryMetrics.all + KubeNotaryMetrics.all + ConfigurationMetrics.all
            + EndpointMetrics.all + ProcessMetrics().families + [
                buildInfo, MetricRegistry.refusedSeries,
            ]
    }

    /// A registry with everything that does not depend on what is seen of the cluster.
    static func registry(logger: Logger) -> MetricRegistry {
        MetricRegistry(
            families: recorded,
            sources: [BuildInfo(), ProcessMetrics()]
        ) { refusal in
            logger.warning(
                "a series of a metric is refused",
                metadata: ["metric": "\(refusal.name)", "reason": "\(refusal.reason.rawValue)"]
            )
        }
    }

    private struct BuildInfo: MetricSource {
        var families: [MetricFamily] { [buildInfo] }

        func readings() async -> [MetricReading] { [buildInfo.reading(1, VersionCommand.version)] }
    }
}

/// A counter by host and outcome, and a histogram by host, for requests to other machines.
struct ExchangeFamilies: Sendable {
    let requests: MetricFamily
    let duration: MetricFamily

    var all: [MetricFamily] { [requests, duration] }

    /// Hosts are named by pods and certificates, so there is a limit to how many are told apart.
    init(prefix: String, of what: String, buckets: HistogramBuckets) {
        requests = MetricFamily(
            "\(prefix)_requests_total",
            .counter,
            labels: ["host", "code"],
            help: "\(what), by host and by HTTP status or kind of failure."
        )
        duration = MetricFamily(
            "\(prefix)_request_duration_seconds",
            .histogram(buckets),
            unit: .seconds,
            labels: ["host"],
            seriesLimit: 100,
            help: "\(what): how long they took, by host."
        )
    }
}
