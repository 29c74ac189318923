public import FoundationEssentials
public import KubernetesAPI
public import KubernetesClient
public import Logging
public import Metrics
public import ServiceLifecycle
import Synchronization

/// Keeps a copy of the objects of one type, and tells of every change.
///
/// Of each object only its projection is kept, made while the object is read. Each handler is told the changes in order,
/// one at a time, by a task of its own: one that is slow delays neither the others nor the watch. A handler must not
/// block; adding a key to a ``WorkQueue`` is what it is for. The rules are those of ``ReflectorStateMachine`` and
/// ``InformerStore``.
public final class Informer<Object: KubernetesObject, Value: Sendable>: Service, CacheSynchronizing {
    /// Is told of changes.
    public typealias Handler = @Sendable (InformerChange<Value>) -> Void

    struct State {
        var store: InformerStore<Value>
        var status = InformerStatus()
        var lastContact: Duration?
        var lastEvent: Duration?
    }

    /// What it holds, for people: the resource, and the namespace if it is limited to one.
    public let name: String
    /// Which objects it holds.
    public let selection: ObjectSelection
    let collection: CollectionReader<Value>
    let configuration: ReflectorConfiguration
    let gate: SynchronisationGate?
    let clock: ElapsedClock
    let logger: Logger
    let metrics: InformerMetrics
    private let wallClock: @Sendable () -> Date
    let state: Mutex<State>
    private let seed: UInt64
    private let synced = OneShotSignal()
    /// Held while changes are handed over, so that every handler is told each object's changes once and in order.
    private let listeners = Mutex<[InformerListener<Value>]>([])
    /// The same handlers for those who only look at them, and must not wait for changes that are handed over.
    private let roster = Mutex<[InformerListener<Value>]>([])
    private let joined = WakeSignal()

    /// Creates an informer; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - client: the way to the server. Its own retries are not used.
    ///   - selection: which objects.
    ///   - configuration: how to ask.
    ///   - indexers: functions that make objects findable by terms, by name of the index.
    ///   - gate: where informers wait that would fill themselves at the same time; `nil` for nowhere.
    ///   - clock: measures delays and silences.
    ///   - seed: decides the jitter.
    ///   - logger: where failures are reported.
    ///   - metricsFactory: where the metrics go; `nil` takes the process's.
    ///   - wallClock: the present, for the metric that says when the last event came.
    ///   - reading: how an object is read, and what is kept of it.
    public init(
        client: APIClient,
        selection: ObjectSelection = ObjectSelection(),
        configuration: ReflectorConfiguration = ReflectorConfiguration(),
        indexers: [String: InformerStore<Value>.Indexer] = [:],
        gate: SynchronisationGate? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.informer"),
        metricsFactory: (any MetricsFactory)? = nil,
        wallClock: @escaping @Sendable () -> Date = { Date() },
        reading: ObjectReader<Value>
    ) {
        self.name = selection.namespace.map { "\(Object.resource) in \($0)" } ?? String(describing: Object.resource)
        self.selection = selection
        self.collection = CollectionReader(client, reading)
        self.configuration = configuration
        self.gate = gate
        self.clock = ElapsedClock(clock)
        self.logger = logger
        self.metrics = InformerMetrics(name: name, factory: metricsFactory ?? MetricsSystem.factory)
        self.wallClock = wallClock
        self.seed = seed
        self.state = Mutex(State(store: InformerStore(indexers: indexers)))
    }

    /// Creates an informer that reads whole objects, and keeps what `project` makes of each.
    ///
    /// - Parameters:
    ///   - client: the way to the server. Its own retries are not used.
    ///   - selection: which objects.
    ///   - configuration: how to ask.
    ///   - indexers: functions that make objects findable by terms, by name of the index.
    ///   - gate: where informers wait that would fill themselves at the same time; `nil` for nowhere.
    ///   - clock: measures delays and silences.
    ///   - seed: decides the jitter.
    ///   - logger: where failures are reported.
    ///   - metricsFactory: where the metrics go; `nil` takes the process's.
    ///   - project: makes of an object what is worth keeping. Total, and the same for equal objects.
    public convenience init(
        client: APIClient,
        selection: ObjectSelection = ObjectSelection(),
        configuration: ReflectorConfiguration = ReflectorConfiguration(),
        indexers: [String: InformerStore<Value>.Indexer] = [:],
        gate: SynchronisationGate? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.informer"),
        metricsFactory: (any MetricsFactory)? = nil,
        project: @escaping @Sendable (Object) -> Value
    ) {
        self.init(
            client: client,
            selection: selection,
            configuration: configuration,
            indexers: indexers,
            gate: gate,
            clock: clock,
            seed: seed,
            logger: logger,
            metricsFactory: metricsFactory,
            reading: ObjectReader(Object.self, project)
        )
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

    /// How many changes of the copy there were: the same number means the same objects in the same versions.
    ///
    /// Counts in this process only; who reads it before the objects never takes older objects for newer ones.
    public var revision: UInt64 { state.withLock { $0.store.revision } }

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
        let backlog = backlog
        return state.withLock { state in
            var status = state.status
            status.hasSynced = synced.isFired
            status.objectCount = state.store.count
            status.timeSinceContact = state.lastContact.map { now - $0 }
            status.timeSinceEvent = state.lastEvent.map { now - $0 }
            status.backlog = backlog
            return status
        }
    }

    /// The most changes that one of the handlers has not been told yet.
    private var backlog: Int { roster.withLock { $0 }.reduce(0) { max($0, $1.backlog) } }

    // MARK: - Handlers

    /// Adds a handler.
    ///
    /// Objects that are there already are told to it as initial additions, before this returns. Must not be called from
    /// within a handler.
    ///
    /// - Parameters:
    ///   - resyncPeriod: how often every object is told again as an update of itself, from the copy and without asking
    ///     the server; at least a second. It gives a controller another look, and repairs nothing. Default never.
    ///   - synchronised: is called whenever the whole copy was compared with the server, the first time and after every
    ///     break that could not be bridged, once the handler was told what came of it. It must not block.
    ///   - handler: is told of changes.
    /// - Returns: says how far the handler has come.
    @discardableResult
    public func addHandler(
        resyncPeriod: Duration? = nil,
        synchronised: @escaping @Sendable () -> Void = {},
        _ handler: @escaping Handler
    ) -> HandlerRegistration {
        let listener = InformerListener<Value>(
            longestBacklog: configuration.longestBacklog,
            resyncPeriod: resyncPeriod.map { max($0, .seconds(1)) },
            caughtUp: { [weak self] in self?.recordBacklog() },
            synchronised: synchronised,
            handler: handler
        )
        let present = listeners.withLock { listeners in
            let (objects, isComplete) = state.withLock { ($0.store.objects, $0.status.synchronisations > 0) }
            listener.append(objects.sorted { $0.key < $1.key }.map { .added($0, isInitial: true) })
            if isComplete { listener.appendSynchronisation() }
            listeners.append(listener)
            roster.withLock { $0.append(listener) }
            return objects.count + (isComplete ? 1 : 0)
        }
        listener.tell(atMost: present)
        joined.signal()
        return HandlerRegistration(listener)
    }

    /// Changes the store and hands the changes to the handlers.
    func apply(_ change: (inout InformerStore<Value>) -> [InformerChange<Value>]) {
        listeners.withLock { listeners in
            let changes = state.withLock { change(&$0.store) }
            for listener in listeners { listener.append(changes) }
        }
    }

    /// Ends a synchronisation; the informer is synchronised when the handlers that are there were told of it.
    func completeSynchronisation(at version: String) {
        let pending = listeners.withLock { listeners in
            let changes = state.withLock { state in
                state.status.resourceVersion = version
                state.status.synchronisations &+= 1
                state.status.lastFailure = nil
                return state.store.completeSynchronisation()
            }
            let pending = PendingListeners(count: listeners.count) { [synced] in
                UnusedMemory.giveBack()
                synced.fire()
            }
            for listener in listeners {
                listener.append(changes)
                listener.appendSynchronisation { pending.finishOne() }
            }
            return pending
        }
        pending.finishIfNone()
    }

    /// Tells `listener` every object as an update of itself.
    private func resync(_ listener: InformerListener<Value>) {
        listeners.withLock { _ in
            let objects = state.withLock { $0.store.objects }
            listener.append(objects.sorted { $0.key < $1.key }.map { .updated(old: $0, new: $0) })
        }
    }

    /// Suspends while a handler is further behind than it may be.
    func waitForHandlers() async {
        for listener in roster.withLock({ $0 }) where listener.isBehind { await listener.waitForRoom() }
    }

    /// Records how far the copy has come.
    func recordProgress() {
        let (version, count) = state.withLock { ($0.status.resourceVersion, $0.store.count) }
        metrics.reached(version, objects: count, now: wallClock().timeIntervalSince1970)
        recordBacklog()
    }

    /// Records how far the slowest handler is behind.
    private func recordBacklog() {
        var depth = backlog
        while true {
            metrics.lags(by: depth)
            // The reader and the tellers record side by side: who wrote last sees to it that it is the last number.
            let now = backlog
            guard now != depth else { return }
            depth = now
        }
    }

    // MARK: - Running

    /// Keeps the copy in step with the server until cancelled or asked to shut down gracefully.
    public func run() async throws {
        try await untilGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await InformerLoop(informer: self, seed: self.seed).run() }
                var served = 0
                while !Task.isCancelled {
                    let listeners = self.roster.withLock { $0 }
                    for listener in listeners[served...] {
                        group.addTask { await listener.run() }
                        if let period = listener.resyncPeriod {
                            group.addTask { await self.resync(listener, every: period) }
                        }
                    }
                    served = listeners.count
                    await self.joined.wait()
                }
            }
        }
    }

    private func resync(_ listener: InformerListener<Value>, every period: Duration) async {
        while (try? await clock.sleep(for: period)) != nil {
            if listener.synced.isFired { resync(listener) }
        }
    }
}

/// Counts the handlers that were not told yet, and says when none is left.
private final class PendingListeners: Sendable {
    private let count: Mutex<Int>
    private let finished: @Sendable () -> Void

    init(count: Int, finished: @escaping @Sendable () -> Void) {
        self.count = Mutex(count)
        self.finished = finished
    }

    func finishOne() {
        let isLast = count.withLock { count in
            count -= 1
            return count == 0
        }
        if isLast { finished() }
    }

    func finishIfNone() { if count.withLock({ $0 == 0 }) { finished() } }
}

extension Informer where Object == Value {
    /// Creates an informer that keeps whole objects.
    public convenience init(
        client: APIClient,
        selection: ObjectSelection = ObjectSelection(),
        configuration: ReflectorConfiguration = ReflectorConfiguration(),
        indexers: [String: InformerStore<Value>.Indexer] = [:],
        gate: SynchronisationGate? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.informer"),
        metricsFactory: (any MetricsFactory)? = nil
    ) {
        self.init(
            client: client,
            selection: selection,
            configuration: configuration,
            indexers: indexers,
            gate: gate,
            clock: clock,
            seed: seed,
            logger: logger,
            metricsFactory: metricsFactory,
            project: { $0 }
        )
    }
}
