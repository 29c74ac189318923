public import KubernetesAPI
public import KubernetesClient
public import KubernetesRuntime
public import Logging
public import Metrics
public import ServiceLifecycle
import TrustModel
public import TrustResources

/// What the operator sees of the cluster: one informer for each kind of object it needs, and nothing beside.
public struct ClusterView: Sendable {
    /// The images that pods run.
    public let pods: Informer<Pod, PodImages>
    /// The verifications.
    public let verifications: Informer<ImageVerification, ImageVerification>
    /// The policies of namespaces.
    public let policies: Informer<TrustPolicy, TrustPolicy>
    /// The policies of the cluster; `nil` when only one namespace is watched, whose permissions do not reach them.
    public let clusterPolicies: Informer<ClusterTrustPolicy, ClusterTrustPolicy>?
    /// The labels of namespaces; `nil` as for ``clusterPolicies``.
    public let namespaces: Informer<Namespace, [String: String]>?

    /// The index of ``pods`` by the key of the verification that stands for an image.
    static let byVerification = "verification"
    /// The index of ``verifications`` by the policies that judged them.
    static let byPolicy = "policy"

    /// Creates the informers; they do nothing before they are run.
    ///
    /// - Parameters:
    ///   - client: the way to the server.
    ///   - namespace: the one namespace to watch; `nil` for the whole cluster.
    ///   - clock: measures delays.
    ///   - seed: decides what is left to chance.
    ///   - logger: where failures are reported.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    public init(
        client: APIClient,
        namespace: String?,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger,
        metricsFactory: (any MetricsFactory)? = nil
    ) {
        let selection = ObjectSelection(namespace: namespace)
        let gate = SynchronisationGate(limit: 2)
        var chance = SplitMix64(seed: seed)
        pods = Informer(
            client: client,
            selection: selection,
            indexers: [Self.byVerification: { key, pod in pod.verifications(in: key.namespace).map(\.description) }],
            gate: gate,
            clock: clock,
            seed: chance.next(),
            logger: logger,
            metricsFactory: metricsFactory,
            reading: ObjectReader(Pod.resource, PodProjection(), shape: PodProjection.shape)
        )
        verifications = Informer(
            client: client,
            selection: selection,
            indexers: [Self.byPolicy: { _, verification in verification.judgingPolicies }],
            gate: gate,
            clock: clock,
            seed: chance.next(),
            logger: logger,
            metricsFactory: metricsFactory
        )
        policies = Informer(
            client: client,
            selection: selection,
            gate: gate,
            clock: clock,
            seed: chance.next(),
            logger: logger,
            metricsFactory: metricsFactory
        )
        guard namespace == nil else {
            clusterPolicies = nil
            namespaces = nil
            return
        }
        clusterPolicies = Informer(
            client: client,
            gate: gate,
            clock: clock,
            seed: chance.next(),
            logger: logger,
            metricsFactory: metricsFactory
        )
        namespaces = Informer(
            client: client,
            gate: gate,
            clock: clock,
            seed: chance.next(),
            logger: logger,
            metricsFactory: metricsFactory
        ) { $0.metadata.labels }
    }

    /// The informers, to be run.
    public var services: [any Service] {
        var services: [any Service] = [policies, verifications, pods]
        if let clusterPolicies { services.append(clusterPolicies) }
        if let namespaces { services.append(namespaces) }
        return services
    }

    /// The informers, to be waited for.
    public var caches: [any CacheSynchronizing] {
        var caches: [any CacheSynchronizing] = [policies, verifications, pods]
        if let clusterPolicies { caches.append(clusterPolicies) }
        if let namespaces { caches.append(namespaces) }
        return caches
    }

    /// The keys of every verification that stands for a running image or exists, in `namespace` or everywhere.
    func verificationKeys(in namespace: String?) -> Set<ObjectKey> {
        var keys = runningKeys
        for object in verifications.objects { keys.insert(object.key) }
        return namespace.map { namespace in keys.filter { $0.namespace == namespace } } ?? keys
    }

    /// The keys of every verification that stands for a running image, whether or not it exists.
    var runningKeys: Set<ObjectKey> {
        var keys: Set<ObjectKey> = []
        for term in pods.counts(in: Self.byVerification).keys {
            let parts = term.split(separator: "/", maxSplits: 1)
            if parts.count == 2 { keys.insert(ObjectKey(namespace: String(parts[0]), name: String(parts[1]))) }
        }
        return keys
    }

    /// The keys of every running image that has no verification.
    var keysWithoutVerification: Set<ObjectKey> {
        runningKeys.filter { verifications.object($0) == nil }
    }

    func labels(ofNamespace name: String) -> [String: String] {
        namespaces?.value(ObjectKey(namespace: nil, name: name)) ?? [:]
    }
}

extension ImageVerification {
    /// The policies whose findings stand in the status, as they are written there.
    var judgingPolicies: [String] { Array(Set((status?.findings ?? []).map(\.policy))) }

    /// The anchors of `policy`, as it is written in the status, that vouch for the image: its signer, or the time of its
    /// signature.
    func anchors(of policy: String) -> Set<TrustPolicyStatus.AnchorUse> {
        Set(
            (status?.findings ?? []).filter { $0.policy == policy && $0.verdict == .trusted }.flatMap { finding in
                [finding.anchor, finding.timestampAnchor].compactMap(\.self).map { anchor in
                    TrustPolicyStatus.AnchorUse(authority: finding.authority, sha256: anchor)
                }
            }
        )
    }
}
