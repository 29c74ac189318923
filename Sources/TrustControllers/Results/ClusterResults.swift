public import ImageTrust
import KubernetesAPI
import KubernetesRuntime
import OCIModel
import TrustModel
public import TrustResources

/// Reads results from the caches, at each request and on every replica.
public struct ClusterResults: ResultsSource {
    private let view: ClusterView
    private let mirrors: RegistryMirrors

    /// Creates a source that reads `view`, in which images are known by the names of their origins.
    public init(view: ClusterView, mirrors: RegistryMirrors = .none) {
        self.view = view
        self.mirrors = mirrors
    }

    /// What the caches hold now; `nil` until all of them are filled.
    public var revision: ResultsRevision? {
        guard view.caches.allSatisfy(\.hasSynced) else { return nil }
        return ResultsRevision(
            [
                view.pods.revision, view.verifications.revision, view.policies.revision,
                view.clusterPolicies?.revision ?? 0, view.namespaces?.revision ?? 0,
            ],
            isCurrent: view.caches.allSatisfy { $0.staleness == nil }
        )
    }

    /// Every image that runs or has an object, and every policy.
    public func snapshot() -> ResultsSnapshot {
        var running = view.pods.counts(in: ClusterView.byVerification)
        var images = view.verifications.objects.map { object in
            ImageResult(object.value, pods: running.removeValue(forKey: object.key.description) ?? 0)
        }
        if !running.isEmpty {
            let scopes = scopes
            images += running.keys.compactMap { absent($0, scopes) }
        }
        return ResultsSnapshot(
            images: images,
            policies: view.policies.objects.map { VerdictForecast.PolicyEntry($0.value) }
                + (view.clusterPolicies?.objects.map { VerdictForecast.PolicyEntry($0.value) } ?? [])
        )
    }

    /// Every container that runs an image, in order of namespace and pod.
    public func containers() -> [RunningContainer] {
        view.pods.objects.sorted { $0.key < $1.key }.flatMap { pod in
            pod.value.images.flatMap { image in image.containers.map { Self.container($0, image, of: pod.key) } }
        }
    }

    private static func container(_ name: String, _ image: PodImages.Image, of pod: ObjectKey) -> RunningContainer {
        let reference: ImageReference? =
            if case .inRegistry(let reference) = image.image.identity { reference } else { nil }
        let digest = reference?.digest
        let identity = reference.flatMap { found in digest.map { "\(found.repository)@\($0)" } }
        return RunningContainer(
            pod: pod,
            container: name,
            image: image.image.written,
            imageID: identity ?? "",
            hash: digest?.hex ?? "",
            verification: ObjectKey(namespace: pod.namespace, name: image.verification)
        )
    }

    // MARK: - Images without an object

    private var scopes: [PolicyScope] {
        view.policies.objects.map(\.value.scope) + (view.clusterPolicies?.objects.map(\.value.scope) ?? [])
    }

    /// The image that stands in the index under `term`: one that nobody speaks for, or that was not judged yet.
    private func absent(_ term: String, _ scopes: [PolicyScope]) -> ImageResult? {
        let pods = view.pods.objects(in: ClusterView.byVerification, under: term)
        guard let name = term.split(separator: "/", maxSplits: 1).last.map(String.init),
            let namespace = pods.first?.key.namespace
        else { return nil }
        let running = pods.entries(of: name)
        guard let image = running.first else { return nil }
        let key = ObjectKey(namespace: namespace, name: name)
        let subject = ImageGatherer.subject(of: running, mirrors)
        let labels = view.labels(ofNamespace: namespace)
        let isCovered = scopes.contains { scope in
            scope.holds(inNamespace: namespace, labels: labels) && scope.includes(subject)
                && pods.contains { scope.selects(podLabels: $0.value.labels) }
        }
        let reference: ImageReference? =
            if case .inRegistry(let reference) = image.image.identity { mirrors.origin(of: reference) } else { nil }
        return ImageResult(
            absent: key,
            repository: reference?.repository.description ?? image.image.written,
            digest: reference?.digest?.description,
            tags: running.compactMap(\.image.tag),
            pods: pods.map(\.key.name),
            reason: isCovered ? .pending : .noPolicy
        )
    }
}
