import DequeModule
public import Metrics
public import ServiceLifecycle
import Synchronization

/// A queue of keys that need work, shared by event handlers and workers.
///
/// The rules are those of ``WorkQueueState``. Adding never blocks and never suspends, so informer handlers may do it.
/// ``run()`` must be running for delayed keys to come due; a ``Controller`` runs the queue it is given.
public final class WorkQueue<Key: Hashable & Sendable>: Service {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Key?, Never>
    }

    private struct State {
        var rules: WorkQueueState<Key>
        var waiters: Deque<Waiter> = []
        var nextWaiterID: UInt64 = 0
    }

    /// The queue's name, as its metrics carry it.
    public let name: String
    private let state: Mutex<State>
    private let clock: ElapsedClock
    private let delaysChanged = WakeSignal()
    private let metrics: WorkQueueMetrics

    /// Creates an empty queue.
    ///
    /// - Parameters:
    ///   - name: the queue's name, as its metrics carry it.
    ///   - retryDelay: how long keys wait that failed.
    ///   - clock: measures delays; must be monotonic.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    public init(
        name: String,
        retryDelay: RetryDelay = RetryDelay(),
        clock: any Clock<Duration> = ContinuousClock(),
        metricsFactory: (any MetricsFactory)? = nil
    ) {
        self.name = name
        self.state = Mutex(State(rules: WorkQueueState(retryDelay: retryDelay)))
        self.clock = ElapsedClock(clock)
        self.metrics = WorkQueueMetrics(name: name, factory: metricsFactory ?? MetricsSystem.factory)
    }

    /// The number of keys that are ready to be worked on.
    public var depth: Int { state.withLock { $0.rules.depth } }
    /// The number of keys that wait for their time.
    public var delayedCount: Int { state.withLock { $0.rules.delayedCount } }
    /// Whether the queue takes no more keys.
    public var isShutDown: Bool { state.withLock { $0.rules.isShutDown } }
    /// How often `key` failed since it last succeeded.
    public func retries(of key: Key) -> Int { state.withLock { $0.rules.retries(of: key) } }

    /// Makes `key` ready.
    ///
    /// Does nothing when it is ready already, or after shut-down.
    public func add(_ key: Key) {
        change { rules, now in
            if rules.add(key, at: now) { metrics.added() }
        }
    }

    /// Makes `key` ready when `delay` has passed; the earliest of several times counts.
    public func add(_ key: Key, after delay: Duration) {
        change { rules, now in
            if rules.add(key, after: delay, at: now) { metrics.added() }
        }
    }

    /// Makes `key` ready after a delay that doubles with each call until ``forget(_:)``.
    public func addRateLimited(_ key: Key) {
        change { rules, now in
            rules.addRateLimited(key, at: now)
            metrics.retried()
        }
    }

    /// Starts the retry delays of `key` over.
    public func forget(_ key: Key) { state.withLock { $0.rules.forget(key) } }

    /// Gives back a key that ``next()`` handed out.
    public func done(_ key: Key) {
        change { rules, now in
            if let worked = rules.done(key, at: now) { metrics.worked(for: worked) }
        }
    }

    /// Takes no more keys and drops delayed ones.
    ///
    /// Workers get `nil` once nothing is left for them.
    ///
    /// - Parameter draining: whether keys that are ready are still handed out.
    public func shutDown(draining: Bool = false) {
        change { rules, _ in rules.shutDown(draining: draining) }
        delaysChanged.signal()
    }

    /// Suspends until a key is ready and hands it out; it must be given back with ``done(_:)``, whatever happens.
    ///
    /// - Returns: `nil` when the queue was shut down and is empty, or the task was cancelled.
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

    /// Brings delayed keys forward when their time comes, until shut down or cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            let deadline = state.withLock { $0.rules.isShutDown ? Duration?.none : $0.rules.nextReadyAt }
            if isShutDown { return }
            await clock.wait(until: deadline, or: delaysChanged)
            change { rules, now in rules.promote(at: now) }
        }
    }

    // MARK: - Handing over

    private func enqueue(_ waiter: Waiter) {
        let resumption = state.withLock { state -> [(Waiter, Key?)] in
            // The flag is set before the cancellation handler runs: either it is seen here, or the handler finds the
            // waiter.
            if Task.isCancelled { return [(waiter, nil)] }
            state.waiters.append(waiter)
            return serve(&state, at: clock.now)
        }
        for (waiter, key) in resumption { waiter.continuation.resume(returning: key) }
    }

    /// Applies a change and resumes, outside the lock, the waiters it has work for.
    private func change(_ body: (inout WorkQueueState<Key>, Duration) -> Void) {
        let now = clock.now
        let (resumptions, isEarlier) = state.withLock { state -> ([(Waiter, Key?)], Bool) in
            let before = state.rules.nextReadyAt
            body(&state.rules, now)
            let resumptions = serve(&state, at: now)
            let after = state.rules.nextReadyAt
            metrics.record(depth: state.rules.depth)
            guard let after else { return (resumptions, false) }
            return (resumptions, before.map { after < $0 } ?? true)
        }
        for (waiter, key) in resumptions { waiter.continuation.resume(returning: key) }
        if isEarlier { delaysChanged.signal() }
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
}
