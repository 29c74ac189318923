public import KubernetesAPI
public import KubernetesClient
public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps a copy of the objects of one type, and tells of every change.
///
/// Of each object only what `project` makes of it is kept. Handlers are called in order, one at a time, by the task
/// that reads the watch: they must be quick and must not block; adding a key to a ``WorkQueue`` is what they are for.
/// The rules are those of ``ReflectorStateMachine`` and ``InformerStore``.
public final class Informer<Object: KubernetesObject, Value: Sendable>: Service, CacheSynchronizing {
    /// Is told of changes.
    public typealias Handler = @Sendable (InformerChange<Value>) -> Void

    struct State {
        var store: InformerStore<Value>
        var status = InformerStatus()
        var lastContact: Duration?
    }

    /// What it holds, for people: the resource, and the namespace if it is limited to one.
    public let name: String
    let selection: ObjectSelection
    let client: ResourceClient<Object>
    let project: @Sendable (Object) -> Value
    let configuration: ReflectorConfiguration
    let clock: ElapsedClock
    let logger: Logger
    let state: Mutex<State>
    private let seed: UInt64
    private let synced = OneShotSignal()
    /// Held while changes are told, so that a handler that joins sees each object once and in order.
    private let handlers = Mutex<[Handler]>([])

    /// Creates an informer; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - client: the way to the server. Its own retries are not used.
    ///   - selection: which objects.
    ///   - configuration: how to ask.
    ///   - indexers: functions that make objects findable by terms, by name of the index.
    ///   - clock: measures delays and silences.
    ///   - seed: decides the jitter.
    ///   - logger: where failures are reported.
    ///   - project: makes of an object what is worth keeping. Total, and the same for equal objects.
    public init(
        client: APIClient,
        selection: ObjectSelection = ObjectSelection(),
        configuration: ReflectorConfiguration = ReflectorConfiguration(),
        indexers: [String: InformerStore<Value>.Indexer] = [:],
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.informer"),
        project: @escaping @Sendable (Object) -> Value
    ) {
        self.name = selection.namespace.map { "\(Object.resource) in \($0)" } ?? String(describing: Object.resource)
        self.selection = selection
        self.client = ResourceClient(client.withoutRetries)
        self.project = project
        self.configuration = configuration
        self.clock = ElapsedClock(clock)
        self.logger = logger
        self.seed = seed
        self.state = Mutex(State(store: InformerStore(indexers: indexers)))
    }

    // MARK: - Reading

    /// Whether the first synchronisation is complete.
    public var hasSynced: Bool { synced.isFired }

    /// Suspends until the first synchronisation is complete.
    ///
    /// Throws `CancellationError` when cancelled first.
    public func waitUntilSynced() async throws { try await synced.wait() }

    /// The object under `key`.
    public func object(_ key: ObjectKey) -> InformedObject<Value>? { state.withLock { $0.store.object(key) } }

    /// The projection of the object under `key`.
    public func value(_ key: ObjectKey) -> Value? { object(key)?.value }

    /// The number of objects.
    public var count: Int { state.withLock { $0.store.count } }

    /// Every object, in no order.
    public var objects: [InformedObject<Value>] { state.withLock { $0.store.objects } }

    /// The objects that index `name` has under `term`, in no order.
    public func objects(in name: String, under term: String) -> [InformedObject<Value>] {
        state.withLock { $0.store.objects(in: name, under: term) }
    }

    /// The keys of the objects that index `name` has under `term`.
    public func keys(in name: String, under term: String) -> Set<ObjectKey> {
        state.withLock { $0.store.keys(in: name, under: term) }
    }

    /// How many objects each term of index `name` has.
    public func counts(in name: String) -> [String: Int] { state.withLock { $0.store.counts(in: name) } }

    /// How it is doing.
    public var status: InformerStatus {
        let now = clock.now
        return state.withLock { state in
            var status = state.status
            status.hasSynced = synced.isFired
            status.objectCount = state.store.count
            status.timeSinceContact = state.lastContact.map { now - $0 }
            return status
        }
    }

    // MARK: - Handlers

    /// Adds a handler.
    ///
    /// Objects that are there already are told to it first, as initial additions.
    ///
    /// Must not be called from within a handler.
    public func addHandler(_ handler: @escaping Handler) {
        handlers.withLock { handlers in
            let present = objects.sorted { $0.key < $1.key }
            for object in present { handler(.added(object, isInitial: true)) }
            handlers.append(handler)
        }
    }

    /// Changes the store and tells the changes.
    func apply(_ change: (inout InformerStore<Value>) -> [InformerChange<Value>]) {
        handlers.withLock { handlers in
            let changes = state.withLock { change(&$0.store) }
            for change in changes {
                for handler in handlers { handler(change) }
            }
        }
    }

    func completeSynchronisation(at version: String) {
        apply { $0.completeSynchronisation() }
        state.withLock { state in
            state.status.resourceVersion = version
            state.status.synchronisations &+= 1
            state.status.lastFailure = nil
        }
        synced.fire()
    }

    // MARK: - Running

    /// Keeps the copy in step with the server until cancelled or asked to shut down gracefully.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await InformerLoop(informer: self, seed: self.seed).run()
        }
    }
}

extension Informer where Object == Value {
    /// Creates an informer that keeps whole objects.
    public convenience init(
        client: APIClient,
        selection: ObjectSelection = ObjectSelection(),
        configuration: ReflectorConfiguration = ReflectorConfiguration(),
        indexers: [String: InformerStore<Value>.Indexer] = [:],
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.informer")
    ) {
        self.init(
            client: client,
            selection: selection,
            configuration: configuration,
            indexers: indexers,
            clock: clock,
            seed: seed,
            logger: logger,
            project: { $0 }
        )
    }
}
