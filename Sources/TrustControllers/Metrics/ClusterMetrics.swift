public import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
public import MetricsExposition
import TrustModel
import TrustResources

/// Reads ``TrustMetrics`` from the caches at each scrape.
///
/// On a replica that stands by it reads nothing: the sum over all replicas is what runs, and no image counts twice.
public struct ClusterMetrics: MetricSource {
    private let view: ClusterView
    private let isLeading: @Sendable () -> Bool
    private let now: @Sendable () -> Date

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - view: the caches.
    ///   - isLeading: whether this replica speaks for the cluster.
    ///   - now: the present.
    public init(
        view: ClusterView,
        isLeading: @escaping @Sendable () -> Bool,
        now: @escaping @Sendable () -> Date
    ) {
        self.view = view
        self.isLeading = isLeading
        self.now = now
    }

    /// What it may mention.
    public var families: [MetricFamily] { TrustMetrics.read }

    /// The state of this moment; nothing before the caches are filled, since half a cluster would look like a loss.
    public func readings() async -> [MetricReading] {
        guard isLeading(), view.caches.allSatisfy(\.hasSynced) else { return [] }
        return TrustState(
            verifications: view.verifications.objects.map(\.value).filter(\.isOfRunningImage),
            running: view.runningKeys,
            policies: view.policies.objects.map { policy($0.value) }
                + (view.clusterPolicies?.objects.map { policy($0.value) } ?? []),
            now: now()
        ).readings
    }

    private func policy(_ object: some PolicyObject) -> TrustState.Policy {
        let scope = object.scope
        return TrustState.Policy(name: object.policyName.description, status: object.status) { namespace in
            scope.holds(inNamespace: namespace, labels: view.labels(ofNamespace: namespace))
        }
    }
}
