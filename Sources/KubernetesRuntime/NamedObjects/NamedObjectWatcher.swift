import JSONModel
import KubernetesAPI
public import KubernetesClient
public import Logging
public import ServiceLifecycle
import Synchronization

/// Watches single objects by their names, as many as are wanted, and tells of each change.
///
/// For what an informer is too much for: objects that others refer to, of a kind that holds much else, or that one may
/// not list. Each is watched with a field selector for its name, which RBAC grants by name (`resourceNames`) as well as
/// by kind, and needs the verb `watch` alone. Nothing of an object is kept but its version. It is a way to learn of
/// changes sooner, not the only one: while a server refuses a watch, or more objects are wanted than the limit allows,
/// changes go unnoticed here, so look at the objects from time to time, too.
public final class NamedObjectWatcher<Owner: Hashable & Sendable>: Service {
    private struct State {
        var demand: NamedObjectDemand<Owner>
        /// Ends each watch that runs.
        var stops: [NamedObject: OneShotSignal] = [:]
        /// Watches that have to be started.
        var pending: [(object: NamedObject, stop: OneShotSignal)] = []
        /// Of which a refusal was reported already.
        var refused: Set<NamedObject> = []
        var seeds: SplitMix64

        mutating func nextSeed() -> UInt64 { seeds.next() }

        mutating func start(_ object: NamedObject) {
            let stop = OneShotSignal()
            stops[object] = stop
            pending.append((object, stop))
        }
    }

    /// How long a stream is asked for, in seconds.
    static var streamSeconds: Int { 300 }

    private let client: APIClient
    private let clock: ElapsedClock
    private let logger: Logger
    private let changed: @Sendable (NamedObject, Set<Owner>) -> Void
    private let state: Mutex<State>
    private let wake = WakeSignal()

    /// Creates a watcher; it watches nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - client: the way to the server.
    ///   - limit: the most objects that are watched at a time.
    ///   - clock: measures delays.
    ///   - seed: decides the jitter of delays.
    ///   - logger: where refusals are reported.
    ///   - changed: told of an object that appeared, changed or went away, and who wants to know; must not block.
    public init(
        client: APIClient,
        limit: Int = 256,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger,
        changed: @escaping @Sendable (NamedObject, Set<Owner>) -> Void
    ) {
        self.client = client
        self.clock = ElapsedClock(clock)
        self.logger = logger
        self.changed = changed
        state = Mutex(State(demand: NamedObjectDemand(limit: limit), seeds: SplitMix64(seed: seed)))
    }

    /// Sets what `owner` wants to hear of; an empty set for nothing.
    public func want(_ objects: Set<NamedObject>, owner: Owner) {
        let ended = state.withLock { state -> [OneShotSignal] in
            let (begin, end) = state.demand.want(objects, owner: owner)
            for object in begin { state.start(object) }
            state.refused.subtract(end)
            return end.compactMap { state.stops.removeValue(forKey: $0) }
        }
        for stop in ended { stop.fire() }
        wake.signal()
    }

    /// What is watched at present.
    public var watched: Set<NamedObject> { state.withLock { $0.demand.watched } }

    /// Watches until cancelled or asked to shut down gracefully.
    ///
    /// When run again, it begins anew with what is wanted then.
    public func run() async throws {
        state.withLock { state in
            state.pending = []
            for object in state.demand.watched.sorted() { state.start(object) }
        }
        try await untilGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    let pending = self.state.withLock { state in
                        defer { state.pending = [] }
                        return state.pending
                    }
                    for (object, stop) in pending {
                        group.addTask { await self.watch(object, until: stop) }
                    }
                    await self.wake.wait()
                }
            }
        }
    }

    private func watch(_ object: NamedObject, until stop: OneShotSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await stop.wait() }
            group.addTask { await self.watch(object) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Watches from stream to stream until cancelled.
    private func watch(_ object: NamedObject) async {
        let watch = WatchHolder(seed: state.withLock { $0.nextSeed() })
        while !Task.isCancelled {
            let end = await stream(object, watch)
            guard !Task.isCancelled else { return }
            let pause = watch.state.withLock { $0.didEnd(end, at: clock.now) }
            if end == .refused { report(refused: object) }
            if pause > .zero { try? await clock.sleep(for: pause) }
        }
    }

    /// One stream; a connection that outlives what was asked for is given up.
    private func stream(_ object: NamedObject, _ watch: WatchHolder) async -> NamedObjectWatch.End {
        await withTaskGroup(of: NamedObjectWatch.End.self) { group in
            group.addTask { await self.read(object, watch) }
            group.addTask {
                try? await self.clock.sleep(for: .seconds(Self.streamSeconds + 30))
                return .failed
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failed
        }
    }

    private func read(_ object: NamedObject, _ watch: WatchHolder) async -> NamedObjectWatch.End {
        let reader = CollectionReader(client, ObjectReader(object.resource, VersionAlone()))
        let selection = ObjectSelection(namespace: object.namespace, fieldSelector: "metadata.name=\(object.name)")
        do {
            // Without a version the stream begins with the object as it is, on every server.
            try await reader.watch(
                selection,
                options: WatchOptions(timeoutSeconds: Self.streamSeconds),
                opened: { watch.state.withLock { $0.didOpen(at: self.clock.now) } },
                receive: { try self.receive($0, object, watch) }
            )
            return .closed
        } catch let error as APIError where [401, 403, 404, 405].contains(error.httpStatus) {
            return error.httpStatus == 401 ? .failed : .refused
        } catch {
            return .failed
        }
    }

    private func receive(
        _ notification: WatchNotification<DecodedObject<VersionAlone.Kept>>,
        _ object: NamedObject,
        _ watch: WatchHolder
    ) throws(StreamFailure) -> WatchContinuation {
        let isNews: Bool
        switch notification {
        case .added(let found), .modified(let found):
            // A server that does not know the selector sends others as well.
            guard found.header.name == object.name else { return .proceed }
            isNews = watch.state.withLock { $0.isNews(version: found.header.resourceVersion) }
        case .unreadable(let metadata, isDeletion: false, _):
            guard metadata.name == object.name else { return .proceed }
            isNews = watch.state.withLock { $0.isNews(version: metadata.resourceVersion ?? "") }
        case .deleted(let found):
            guard found.header.name == object.name else { return .proceed }
            watch.state.withLock { $0.didDelete() }
            isNews = true
        case .unreadable(let metadata, isDeletion: true, _):
            guard metadata.name == object.name else { return .proceed }
            watch.state.withLock { $0.didDelete() }
            isNews = true
        case .bookmark: isNews = false
        case .failed: throw StreamFailure()
        }
        if isNews { tell(of: object) }
        return .proceed
    }

    private func tell(of object: NamedObject) {
        let owners = state.withLock { $0.demand.owners(of: object) }
        if !owners.isEmpty { changed(object, owners) }
    }

    private func report(refused object: NamedObject) {
        guard state.withLock({ $0.refused.insert(object).inserted }) else { return }
        logger.notice(
            "changes of an object are noticed late: the server does not allow to watch it",
            metadata: ["object": "\(object)", "advice": "grant the verb watch, by name if need be"]
        )
    }
}

/// Where the state of one watch is while its streams come and go.
private final class WatchHolder: Sendable {
    let state: Mutex<NamedObjectWatch>

    init(seed: UInt64) { state = Mutex(NamedObjectWatch(seed: seed)) }
}

/// The server reported a failure in a stream.
private struct StreamFailure: Error {}

/// Keeps nothing of an object but its header.
private struct VersionAlone: ObjectProjection {
    struct Kept: Sendable {}

    func draft() -> Kept { Kept() }
    func read(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Kept) throws -> Bool { false }
    func value(_ draft: Kept, _ header: ObjectHeader) throws -> Kept { draft }
}
