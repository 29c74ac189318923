import KubernetesAPI
import KubernetesRuntime
public import MetricsExposition
import OCIModel
import TrustModel
import TrustResources

/// The metrics of kube-notary, for dashboards and alerts that ask for them.
///
/// Names, labels and values are those of kube-notary's `pkg/metrics`, with one difference: every series vanishes with its
/// pod. Digests and pods are labels here, so these metrics are read only where they are asked for.
public struct KubeNotaryMetrics: MetricSource {
    /// One container of one pod.
    struct Entry: Hashable {
        var namespace: String
        var pod: String
        var container: String
        var image: RunningImage
        /// `nil` where nothing is held of it.
        var verdict: Verdict?
    }

    private static let labels = ["namespace", "pod", "container", "image", "image_id", "hash"]

    static let status = MetricFamily(
        "kube_notary_vcn_verification_status",
        .gauge,
        labels: labels,
        seriesLimit: 50_000,
        help: "What is held of an image: 0 trusted, 1 untrusted, 2 unknown, 3 unsupported."
    )
    static let level = MetricFamily(
        "kube_notary_vcn_verification_level",
        .gauge,
        labels: labels,
        seriesLimit: 50_000,
        help: "Whether there is evidence for what is held of an image: 98 if there is, else 0."
    )
    static let aggregate = MetricFamily(
        "kube_notary_aggregate_status",
        .gauge,
        labels: ["target_namespace", "status"],
        help: "Containers by what is held of their images; target_namespace is the one that is watched, empty for all."
    )
    /// All of them.
    public static let all = [status, level, aggregate]

    private let view: ClusterView
    private let namespace: String?
    private let isLeading: @Sendable () -> Bool

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - view: the caches.
    ///   - namespace: the one namespace that is watched; `nil` for all.
    ///   - isLeading: whether this replica speaks for the cluster.
    public init(view: ClusterView, namespace: String?, isLeading: @escaping @Sendable () -> Bool) {
        self.view = view
        self.namespace = namespace
        self.isLeading = isLeading
    }

    /// What it may mention.
    public var families: [MetricFamily] { Self.all }

    /// The state of this moment; nothing before the caches are filled.
    public func readings() async -> [MetricReading] {
        guard isLeading(), view.caches.allSatisfy(\.hasSynced) else { return [] }
        let entries = view.pods.objects.flatMap { pod in
            pod.value.images.flatMap { image in
                let key = ObjectKey(namespace: pod.key.namespace, name: image.verification)
                let verdict = view.verifications.value(key)?.status?.verdict
                return image.containers.map { container in
                    Entry(
                        namespace: pod.key.namespace ?? "",
                        pod: pod.key.name,
                        container: container,
                        image: image.image,
                        verdict: verdict
                    )
                }
            }
        }
        return Self.readings(entries, namespace: namespace)
    }

    /// The metrics of `entries`.
    static func readings(_ entries: [Entry], namespace: String?) -> [MetricReading] {
        var counts: [String: Int] = [:]
        var readings: [MetricReading] = []
        for entry in entries {
            let (code, word) = code(entry.verdict)
            counts[word, default: 0] += 1
            let labels = labels(of: entry)
            let evidence: Double = (entry.verdict ?? .unknown) == .unknown ? 0 : 98
            readings.append(MetricReading(family: status, labels: labels, value: code))
            readings.append(MetricReading(family: level, labels: labels, value: evidence))
        }
        for word in ["TRUSTED", "UNTRUSTED", "UNKNOWN", "UNSUPPORTED", "REVOKED"] {
            readings.append(aggregate.reading(Double(counts[word] ?? 0), namespace ?? "", word))
        }
        return readings
    }

    private static func code(_ verdict: Verdict?) -> (Double, String) {
        switch verdict ?? .unknown {
        case .trusted: (0, "TRUSTED")
        case .untrusted: (1, "UNTRUSTED")
        case .unknown: (2, "UNKNOWN")
        case .unsupported: (3, "UNSUPPORTED")
        }
    }

    private static func labels(of entry: Entry) -> [String] {
        guard case .inRegistry(let reference) = entry.image.identity, let digest = reference.digest else {
            return [entry.namespace, entry.pod, entry.container, entry.image.written, "", ""]
        }
        let identity = "\(reference.repository)@\(digest)"
        return [entry.namespace, entry.pod, entry.container, entry.image.written, identity, "\(digest)"]
    }
}
