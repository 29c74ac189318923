internal import FoundationEssentials
internal import JSONModel

/// A stand-in for a Kubernetes cluster's API, for tests and demonstrations: no scheduler, no kubelet, nothing persists.
///
/// It keeps objects in memory and answers as kube-apiserver 1.36 does, well enough for an unmodified `kubectl` and for
/// controllers: custom resources with validation, defaulting and rules, watches, patches, deletion, garbage
/// collection.
///
/// Whoever shows no credentials is a cluster administrator, unless ``ClusterConfiguration/userWithoutCredentials`` says
/// otherwise; tokens, client certificates and impersonation make a request somebody else's, and then the cluster's
/// Roles decide what it may do.
///
/// What a real cluster has and this one leaves out: admission webhooks and policies are stored and not called; pods are
/// deleted at once, unless ``ClusterConfiguration/deletesPodsGracefully`` says otherwise, for no kubelet makes them
/// wait; workloads (`apps`, `batch`) have no controllers, and namespaces get no default ServiceAccount; built-in kinds are
/// validated, and checked for unknown fields, in part; expressions are the subset that `CELParser` reads, without cost
/// estimates; of all answers only those about pods are protobuf, and none is YAML; an Event whose time is over is seen to go
/// with the next request or bookmark.
public actor EmbeddedCluster {
    nonisolated let configuration: ClusterConfiguration
    var store: ObjectStore
    var registry = KindRegistry()
    var hub = WatchHub()
    var discoveryCache = DiscoveryCache()
    var controllers = ControllerState()
    var eventDeadlines = ExpiryQueue()
    /// Signs the tokens of service accounts.
    let tokens = ServiceAccountTokens()
    /// The rules of Roles and bindings; `nil` when one of them has changed.
    var accessRules: AccessRules?
    /// The names of users who have acted as others by the old verb alone.
    var legacyImpersonators: Set<String> = []
    nonisolated let clock: ClusterClock
    /// What users whom not everything is allowed asked for: each kind of request once.
    public internal(set) var recordedAccess: Set<RecordedAccess> = []
    private var mutations: [RecordedMutation] = []
    private var mutationCount = 0

    /// Creates a cluster with the namespaces that every cluster has.
    public init(configuration: ClusterConfiguration = ClusterConfiguration()) {
        self.configuration = configuration
        clock = ClusterClock(configuration.clock)
        store = Self.initialStore(configuration, firstRevision: 1)
    }

    static func initialStore(_ configuration: ClusterConfiguration, firstRevision: Int64) -> ObjectStore {
        var store = ObjectStore(firstRevision: firstRevision, historyCapacity: configuration.historyCapacity)
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            let object = Self.initialNamespace(name, now: configuration.now())
            _ = store.put(object, in: .namespaces, at: ObjectKey(namespace: "", name: name))
        }
        for entry in BootstrapRoles.entries(now: configuration.now()) {
            let key = ObjectKey(namespace: "", name: APIObject(entry.object).name)
            _ = store.put(entry.object, in: entry.resource, at: key)
        }
        return store
    }

    private static func initialNamespace(_ name: String, now: Date) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": .string(name), "uid": .string(ObjectIdentity.uid()),
                "creationTimestamp": .string(Timestamps.seconds(now)),
                "labels": ["kubernetes.io/metadata.name": .string(name)],
            ],
            "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
        ]
    }

    /// The latest mutating requests, oldest first, at most ``ClusterConfiguration/recordedMutationLimit``.
    public var recordedMutations: [RecordedMutation] { mutations }

    /// Forgets the mutating requests recorded so far.
    public func clearRecordedMutations() { mutations = [] }

    /// Forgets the history that watches could replay, as etcd's compaction does: a watch from an older resource
    /// version gets 410 `Expired`.
    public func compactHistory() { store.compact() }

    /// Ends every open watch, as a restarting API server does.
    ///
    /// Clients see the end of the stream.
    public func closeWatches() { hub.removeAll() }

    /// How many watches are open.
    public var openWatches: Int { hub.watchers.count }

    /// A way into the cluster without a network.
    ///
    /// - Parameters:
    ///   - userAgent: the `User-Agent` of requests that set none.
    ///   - user: who acts, unless a request carries credentials of its own; `nil` for
    ///     ``ClusterConfiguration/userWithoutCredentials``.
    ///   - client: the client's name in records and for faults; empty: its `User-Agent`.
    ///   - limits: how long it waits for answers, by the cluster's clock.
    /// - Returns: a transport whose requests are served in the caller's task.
    public nonisolated func transport(
        userAgent: String,
        as user: ClusterUser? = nil,
        client: String = "",
        limits: InProcessAPITransport.Limits = InProcessAPITransport.Limits()
    ) -> InProcessAPITransport {
        let caller = Caller(userAgent: userAgent, client: client, user: user)
        return InProcessAPITransport(cluster: self, caller: caller, limits: limits)
    }

    func record(_ mutation: RecordedMutation) {
        mutationCount &+= 1
        var mutation = mutation
        mutation.number = mutationCount
        mutations.append(mutation)
        if mutations.count > configuration.recordedMutationLimit {
            mutations.removeFirst(mutations.count - configuration.recordedMutationLimit)
        }
    }
}
