import DequeModule
import KubernetesAPI
public import Metrics
public import ServiceLifecycle
import Synchronization

/// A queue of keys that need work, shared by event handlers and workers.
///
/// The rules are those of ``WorkQueueState``. Adding never blocks and never suspends, so informer handlers may do it.
/// ``run()`` must be running for delayed keys to come due; a ``Controller`` runs the queue it is given.
///
/// For `ObjectKey`, the key of most controllers, the compiler is told to make code of its own: generic code costs
/// several times as much.
public final class WorkQueue<Key: Hashable & Sendable>: Service {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Key?, Never>
    }

    private struct State {
        var rules: WorkQueueState<Key>
        var waiters: Deque<Waiter> = []
        var nextWaiterID: UInt64 = 0
        /// When the metrics of work under way are due; `nil` while nothing is under way.
        var refreshAt: Duration?

        /// When ``WorkQueue/run()`` has something to do.
        var wakeAt: Duration? {
            guard let refreshAt else { return rules.nextReadyAt }
            return min(refreshAt, rules.nextReadyAt ?? refreshAt)
        }
    }

    /// How often the metrics of work under way are brought up to date: 500 ms, as in client-go.
    private static var refreshPeriod: Duration { .milliseconds(500) }

    /// The queue's name, as its metrics carry it.
    public let name: String
    private let state: Mutex<State>
    private let clock: ElapsedClock
    private let timesChanged = WakeSignal()
    private let isRunning = Mutex(false)
    private let hasShutDown = OneShotSignal()
    private let metrics: WorkQueueMetrics

    /// Creates an empty queue.
    ///
    /// - Parameters:
    ///   - name: the queue's name, as its metrics carry it.
    ///   - configuration: how keys are ordered and delayed.
    ///   - clock: measures delays; must be monotonic.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    public init(
        name: String,
        configuration: WorkQueueConfiguration<Key> = WorkQueueConfiguration(),
        clock: any Clock<Duration> = ContinuousClock(),
        metricsFactory: (any MetricsFactory)? = nil
    ) {
        self.name = name
        self.state = Mutex(State(rules: WorkQueueState(configuration)))
        self.clock = ElapsedClock(clock)
        self.metrics = WorkQueueMetrics(name: name, factory: metricsFactory ?? MetricsSystem.factory)
    }

    /// The number of keys that need work: those that are ready, and those that come back after the work under way.
    public var depth: Int { state.withLock { $0.rules.depth } }
    /// The number of keys that wait for their time.
    public var delayedCount: Int { state.withLock { $0.rules.delayedCount } }
    /// The number of keys that are being worked on.
    public var processingCount: Int { state.withLock { $0.rules.processingCount } }
    /// How often things happened.
    public var totals: WorkQueueState<Key>.Totals { state.withLock { $0.rules.totals } }
    /// Whether the queue takes no more keys.
    public var isShutDown: Bool { state.withLock { $0.rules.isShutDown } }
    /// How often `key` failed since it last succeeded.
    public func retries(of key: Key) -> Int { state.withLock { $0.rules.retries(of: key) } }

    /// Makes `key` ready.
    ///
    /// When it needs work already the higher priority counts. Does nothing after shut-down.
    @specialized(where Key == ObjectKey)
    public func add(_ key: Key, priority: WorkPriority = .normal) {
        change { rules, now in rules.add(key, priority: priority, at: now) }
    }

    /// Makes `key` ready when `delay` has passed; of several times the earliest counts, of several priorities the
    /// highest.
    @specialized(where Key == ObjectKey)
    public func add(_ key: Key, after delay: Duration, priority: WorkPriority = .normal) {
        change { rules, now in rules.add(key, after: delay, priority: priority, at: now) }
    }

    /// Lets a key that is being worked on come back after `delay`, with the priority that it was handed out with.
    @specialized(where Key == ObjectKey)
    public func requeue(_ key: Key, after delay: Duration) {
        change { rules, now in rules.requeue(key, after: delay, at: now) }
    }

    /// Does the same after a delay that doubles with each call until ``forget(_:)``.
    @specialized(where Key == ObjectKey)
    public func addRateLimited(_ key: Key) {
        change { rules, now in rules.addRateLimited(key, at: now) }
    }

    /// Starts the retry delays of `key` over.
    public func forget(_ key: Key) { state.withLock { $0.rules.forget(key) } }

    /// Gives back a key that ``next()`` handed out.
    @specialized(where Key == ObjectKey)
    public func done(_ key: Key) {
        change { rules, now in
            if let worked = rules.done(key, at: now) { metrics.worked(for: worked) }
        }
    }

    /// Puts the ready keys below normal priority in random order.
    ///
    /// A ``Controller`` does so before its first key.
    public func shuffleLowPriorities(using generator: inout SplitMix64) {
        state.withLock { $0.rules.shuffleLowPriorities(using: &generator) }
    }

    /// Takes no more keys and drops delayed ones.
    ///
    /// Workers get `nil` once nothing is left for them.
    ///
    /// - Parameter draining: whether keys that are ready are still handed out.
    public func shutDown(draining: Bool = false) {
        change { rules, _ in rules.shutDown(draining: draining) }
        hasShutDown.fire()
        timesChanged.signal()
    }

    /// Suspends until a key is ready and hands it out; it must be given back with ``done(_:)``, whatever happens.
    ///
    /// - Returns: `nil` when the queue was shut down and is empty, or the task was cancelled.
    @specialized(where Key == ObjectKey)
    public func next() async -> Key? {
        let id = state.withLock { state -> UInt64 in
            state.nextWaiterID &+= 1
            return state.nextWaiterID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Key?, Never>) in
                enqueue(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// Brings delayed keys forward when their time comes, and the metrics of work under way up to date, until shut down
    /// or cancelled.
    ///
    /// Run by several, one does the work, and the others only wait for the same end.
    @specialized(where Key == ObjectKey)
    public func run() async throws {
        let isOnly = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isOnly else {
            try? await hasShutDown.wait()
            return
        }
        defer { isRunning.withLock { $0 = false } }
        while !Task.isCancelled {
            let (isShutDown, wakeAt) = state.withLock { ($0.rules.isShutDown, $0.wakeAt) }
            if isShutDown { return }
            await clock.wait(until: wakeAt, or: timesChanged)
            refreshMetrics()
            change { rules, now in rules.promote(at: now) }
        }
    }

    // MARK: - Handing over

    private func enqueue(_ waiter: Waiter) {
        // The flag is set before the cancellation handler runs: either it is seen here, or the handler finds the waiter.
        let isCancelled = state.withLock { state in
            if Task.isCancelled { return true }
            state.waiters.append(waiter)
            return false
        }
        if isCancelled { return waiter.continuation.resume(returning: nil) }
        change { _, _ in }
    }

    /// Applies a change and resumes, outside the lock, the waiters it has work for.
    private func change(_ body: (inout WorkQueueState<Key>, Duration) -> Void) {
        let (resumptions, isEarlier) = state.withLock { state -> ([(Waiter, Key?)], Bool) in
            // Read under the lock, so that times never go back from one change to the next.
            let now = clock.now
            let (wakeBefore, totalsBefore) = (state.wakeAt, state.rules.totals)
            body(&state.rules, now)
            let resumptions = serve(&state, at: now)
            if state.refreshAt == nil, state.rules.processingCount > 0 { state.refreshAt = now + Self.refreshPeriod }
            metrics.record(from: totalsBefore, to: state.rules.totals)
            metrics.record(depths: state.rules.depths)
            guard let wakeAt = state.wakeAt else { return (resumptions, false) }
            return (resumptions, wakeBefore.map { wakeAt < $0 } ?? true)
        }
        for (waiter, key) in resumptions { waiter.continuation.resume(returning: key) }
        if isEarlier { timesChanged.signal() }
    }

    private func serve(_ state: inout State, at now: Duration) -> [(Waiter, Key?)] {
        var resumptions: [(Waiter, Key?)] = []
        while let waiter = state.waiters.first {
            switch state.rules.take(at: now) {
            case .key(let key, let waited):
                metrics.handedOut(after: waited)
                resumptions.append((waiter, key))
            case .finished:
                resumptions.append((waiter, nil))
            case .empty:
                return resumptions
            }
            state.waiters.removeFirst()
        }
        return resumptions
    }

    /// Shows how long work under way has taken, if that is due, and stops doing so once there is none.
    private func refreshMetrics() {
        state.withLock { state in
            let now = clock.now
            guard let refreshAt = state.refreshAt, refreshAt <= now else { return }
            metrics.record(unfinishedWork: state.rules.unfinishedWork(at: now))
            state.refreshAt = state.rules.processingCount > 0 ? now + Self.refreshPeriod : nil
        }
    }
}
