public import FoundationEssentials
public import KubernetesAPI

/// How an ``EmbeddedCluster`` behaves.
public struct ClusterConfiguration: Sendable {
    /// The controllers that a whole cluster runs beside its API server.
    public enum BuiltinController: String, Sendable, Hashable, CaseIterable {
        /// Deletes objects whose owners are gone.
        case garbageCollection
        /// Empties and removes namespaces that are being deleted.
        case namespaceLifecycle
        /// Puts ClusterRoles together from others, by their labels.
        case clusterRoleAggregation
    }

    /// The date: creation times, ages in tables.
    public var now: @Sendable () -> Date
    /// The controllers that run, at once after each change.
    ///
    /// Leave one out to see what its absence leaves behind.
    public var controllers: Set<BuiltinController>
    /// How many changes of one resource a watch can replay, 4096 unless told; older ones answer 410 `Expired`.
    public var historyCapacity: Int
    /// How many events a watch may lag behind before it is closed.
    ///
    /// Default 65,536.
    public var watchQueueCapacity: Int
    /// How often a watch that asked for bookmarks gets one.
    ///
    /// Default one minute.
    public var bookmarkInterval: Duration
    /// How long a watch without `timeoutSeconds` lasts.
    ///
    /// Default 30 minutes.
    public var watchTimeout: Duration
    /// How long a list waits for a resource version from the future before it answers 504.
    ///
    /// Default 3 seconds.
    public var futureVersionWait: Duration
    /// How many of the latest mutating requests ``EmbeddedCluster/recordedMutations`` keeps.
    ///
    /// Default 10,000.
    public var recordedMutationLimit: Int
    /// The largest request body, in bytes.
    ///
    /// Default 3 MiB, as kube-apiserver's.
    public var maximumBodySize: Int
    /// How long an Event lives after its last write.
    ///
    /// Default one hour, by the cluster's clock.
    public var eventLifetime: Duration
    /// Whether a pod that is bound to a node and has not finished stays, marked, until it is deleted again with a grace
    /// period of 0, as a kubelet does; `false` unless told.
    public var deletesPodsGracefully: Bool
    /// Whom a request without credentials comes from: a cluster administrator unless told.
    ///
    /// ``ClusterUser/anonymous`` lets such requests do what the cluster's Roles give to everybody; `nil` refuses them
    /// with 401.
    public var userWithoutCredentials: ClusterUser?
    /// Whether watches may ask for the state first (`sendInitialEvents`), as the feature gate WatchList decides.
    public var allowsWatchList: Bool
    /// Whether pods are sent in Protocol Buffers to who asks for that, as every API server does; `true` unless told.
    public var speaksProtobuf: Bool
    /// Users by their bearer token, beside the service accounts' own.
    public var tokens: [String: ClusterUser]
    /// Told of each request when it arrives; it may hold it up, but change nothing.
    ///
    /// What it throws is what ``InProcessAPITransport`` throws.
    public var observer: (@Sendable (APIRequest) async throws -> Void)?
    /// What goes wrong; `nil`: nothing.
    public var faults: FaultPlan?
    /// What all waiting is measured by: watch timeouts, bookmarks, delays, the times in records.
    public let clock: any Clock<Duration>

    /// Creates a configuration with the defaults named above, the system's clock and every controller.
    ///
    /// - Parameters:
    ///   - now: the date: creation times, ages in tables.
    ///   - controllers: the controllers that run.
    ///   - clock: what all waiting is measured by.
    public init(
        now: @escaping @Sendable () -> Date = { Date() },
        controllers: Set<BuiltinController> = Set(BuiltinController.allCases),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.now = now
        self.controllers = controllers
        self.clock = clock
        historyCapacity = 4096
        watchQueueCapacity = 65_536
        bookmarkInterval = .seconds(60)
        watchTimeout = .seconds(1800)
        futureVersionWait = .seconds(3)
        recordedMutationLimit = 10_000
        allowsWatchList = true
        speaksProtobuf = true
        maximumBodySize = 3_145_728
        userWithoutCredentials = .administrator
        tokens = [:]
        eventLifetime = .seconds(3600)
        deletesPodsGracefully = false
        observer = nil
        faults = nil
    }

    /// A configuration for a cluster in virtual time: its dates follow the clock too.
    ///
    /// - Parameters:
    ///   - clock: what all waiting is measured by.
    ///   - epoch: the date at this moment.
    ///   - faults: what goes wrong.
    /// - Returns: the configuration.
    public static func virtual(
        _ clock: any Clock<Duration>,
        epoch: Date = Date(timeIntervalSince1970: 1_795_000_000),
        faults: FaultPlan? = nil
    ) -> ClusterConfiguration {
        let elapsed = ClusterClock(clock)
        var configuration = ClusterConfiguration(
            now: { epoch.addingTimeInterval(elapsed.now / .seconds(1)) },
            clock: clock
        )
        configuration.faults = faults
        return configuration
    }
}
