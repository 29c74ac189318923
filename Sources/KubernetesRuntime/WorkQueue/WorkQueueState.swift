/// The rules of a work queue as a value: no clock, no tasks, no locks.
///
/// A key is handed to one worker at a time. Adding a key that waits already merges the two: the higher priority and the
/// earlier time count. Adding one that is being worked on makes it come back exactly once. Keys that are being worked
/// on hold up no others. Among ready keys the highest priority goes first, low priorities age, and within a priority
/// tenants take turns, and none has all workers (``WorkQueueConfiguration``). Times are durations since an origin the
/// caller chooses, on a monotonic clock. Every operation takes O(log n), amortised.
///
/// Semantics follow client-go's `util/workqueue` and controller-runtime's `priorityqueue`; ageing and turns are this
/// queue's own, because strict priorities starve what is low.
public struct WorkQueueState<Key: Hashable & Sendable>: Sendable {
    /// What a worker gets when it asks for work.
    public enum Next: Sendable, Equatable {
        /// A key to work on, and how long it waited. Must be given back with ``done(_:at:)``.
        case key(Key, waited: Duration)
        /// Nothing to do before the given time, or before something is added.
        case empty(nextReadyAt: Duration?)
        /// The queue was shut down and holds no more work.
        case finished
    }

    /// How often things happened, for metrics.
    public struct Totals: Sendable, Hashable {
        /// Keys that began to need work: `adds - gets` is ``WorkQueueState/depth`` until the queue drops keys.
        public var adds = 0
        /// Keys that were handed out.
        public var gets = 0
        /// Keys that were added with the delay of a failure.
        public var retries = 0
    }

    private struct Need: Sendable {
        var since: Duration
        var priority: WorkPriority
    }

    private enum Mode: Sendable { case open, draining, closed }

    private let configuration: WorkQueueConfiguration<Key>
    private var mode = Mode.open
    /// Keys that need work, ready or in work.
    private var needed: [Key: Need] = [:]
    /// Those of them that may be handed out.
    private var ready: ReadyKeys<Key>
    /// Keys that are being worked on: since when, and with which priority.
    private var processing: [Key: Need] = [:]
    /// How many of them each tenant has.
    private var held: [String: Int] = [:]
    private var delayed = DelayedKeys<Key>()
    private var failures: [Key: Int] = [:]
    /// How many keys need work although they are in work, by priority.
    private var parked: [WorkPriority: Int] = [:]

    /// How often things happened.
    public private(set) var totals = Totals()

    /// Creates an empty queue.
    public init(_ configuration: WorkQueueConfiguration<Key> = WorkQueueConfiguration()) {
        self.configuration = configuration
        ready = ReadyKeys(agingTime: configuration.agingTime)
    }

    /// The number of keys that need work: those that are ready, and those that come back after the work under way.
    public var depth: Int { needed.count }
    /// The same by the priority that they count as.
    ///
    /// A priority that once had keys may be there with 0.
    public var depths: [WorkPriority: Int] { ready.counts.merging(parked, uniquingKeysWith: +) }
    /// The number of keys that wait for their time.
    public var delayedCount: Int { delayed.count }
    /// The number of keys that are being worked on.
    public var processingCount: Int { processing.count }
    /// Whether the queue takes no more keys.
    public var isShutDown: Bool { mode != .open }
    /// The earliest time at which a delayed key becomes ready.
    public var nextReadyAt: Duration? { mode == .open ? delayed.nextReadyAt : nil }

    /// For how long keys have been worked on at `now`: the sum over all, and the longest.
    public func unfinishedWork(at now: Duration) -> (total: Duration, longest: Duration) {
        processing.values.reduce((.zero, .zero)) { sum, need in
            let time = max(now - need.since, .zero)
            return (sum.0 + time, max(sum.1, time))
        }
    }

    /// How often `key` failed since it last succeeded.
    public func retries(of key: Key) -> Int { failures[key] ?? 0 }

    // MARK: - Adding

    /// Makes `key` ready.
    ///
    /// - Parameters:
    ///   - key: what needs work.
    ///   - priority: how urgently; of several the highest counts.
    ///   - now: the present.
    /// - Returns: whether the key did not need work before; always `false` after shut-down.
    @discardableResult
    public mutating func add(_ key: Key, priority: WorkPriority = .normal, at now: Duration) -> Bool {
        guard mode == .open else { return false }
        let earlier = delayed.remove(key)
        return need(key, priority: max(priority, earlier ?? priority), since: now)
    }

    /// Makes `key` ready when `delay` has passed; at once when it is not positive.
    ///
    /// - Parameters:
    ///   - key: what will need work.
    ///   - delay: how long it waits; of several the shortest counts.
    ///   - priority: how urgently it is then needed; of several the highest counts.
    ///   - now: the present.
    public mutating func add(
        _ key: Key,
        after delay: Duration,
        priority: WorkPriority = .normal,
        at now: Duration
    ) {
        guard mode == .open else { return }
        guard delay > .zero, needed[key] == nil else {
            add(key, priority: priority, at: now)
            return
        }
        delayed.insert(key, until: now + delay, priority: priority)
    }

    /// Lets a key that is being worked on come back after `delay`, with the priority that it was handed out with.
    public mutating func requeue(_ key: Key, after delay: Duration, at now: Duration) {
        add(key, after: delay, priority: processing[key]?.priority ?? .normal, at: now)
    }

    /// Does the same after a delay that doubles with each call until ``forget(_:)``.
    ///
    /// - Parameters:
    ///   - key: what failed.
    ///   - now: the present.
    /// - Returns: the delay.
    @discardableResult
    public mutating func addRateLimited(_ key: Key, at now: Duration) -> Duration {
        guard mode == .open else { return .zero }
        let count = failures[key] ?? 0
        failures[key] = count &+ 1
        totals.retries &+= 1
        let delay = configuration.retryDelay.delay(afterFailures: count)
        requeue(key, after: delay, at: now)
        return delay
    }

    /// Starts the retry delays of `key` over.
    public mutating func forget(_ key: Key) { failures[key] = nil }

    /// Makes ready every delayed key whose time has come, earliest first.
    public mutating func promote(at now: Duration) {
        guard mode == .open else { return }
        while let due = delayed.popDue(at: now) { need(due.key, priority: due.priority, since: due.readyAt) }
    }

    /// Puts the ready keys below normal priority in random order.
    ///
    /// For the keys that a process finds at its start: one that makes it crash then does not always stand before the
    /// same others.
    public mutating func shuffleLowPriorities(using generator: inout SplitMix64) {
        ready.shuffleLow(using: &generator)
    }

    // MARK: - Working

    /// Hands out the key that goes first.
    public mutating func take(at now: Duration) -> Next {
        promote(at: now)
        if let key = popReady(at: now) {
            let need = needed.removeValue(forKey: key) ?? Need(since: now, priority: .normal)
            processing[key] = Need(since: now, priority: need.priority)
            held[tenant(of: key), default: 0] += 1
            totals.gets &+= 1
            return .key(key, waited: max(now - need.since, .zero))
        }
        switch mode {
        case .open: return .empty(nextReadyAt: nextReadyAt)
        case .draining: return needed.isEmpty ? .finished : .empty(nextReadyAt: nil)
        case .closed: return .finished
        }
    }

    /// Takes back a key that was handed out.
    ///
    /// If it was added meanwhile it becomes ready again.
    ///
    /// - Returns: how long it was worked on; `nil` when it was not handed out.
    @discardableResult
    public mutating func done(_ key: Key, at now: Duration) -> Duration? {
        guard let work = processing.removeValue(forKey: key) else { return nil }
        let tenant = tenant(of: key)
        held[tenant] = held[tenant].flatMap { $0 > 1 ? $0 - 1 : nil }
        if let need = needed[key] {
            parked[need.priority, default: 0] -= 1
            makeReady(key, need)
        }
        return max(now - work.since, .zero)
    }

    /// Takes no more keys.
    ///
    /// Delayed keys are dropped.
    ///
    /// - Parameter draining: whether keys that are ready are still handed out.
    public mutating func shutDown(draining: Bool) {
        guard mode != .closed else { return }
        mode = draining ? .draining : .closed
        delayed.removeAll()
        guard !draining else { return }
        ready.removeAll()
        needed = [:]
        parked = [:]
    }

    @discardableResult
    private mutating func need(_ key: Key, priority: WorkPriority, since: Duration) -> Bool {
        if let need = needed[key] {
            raise(key, need, to: priority)
            return false
        }
        let need = Need(since: since, priority: priority)
        needed[key] = need
        totals.adds &+= 1
        if processing[key] == nil { makeReady(key, need) } else { parked[priority, default: 0] += 1 }
        return true
    }

    private mutating func raise(_ key: Key, _ need: Need, to priority: WorkPriority) {
        guard need.priority < priority else { return }
        needed[key]?.priority = priority
        guard processing[key] != nil else { return ready.raise(key, to: priority) }
        parked[need.priority, default: 0] -= 1
        parked[priority, default: 0] += 1
    }

    private mutating func makeReady(_ key: Key, _ need: Need) {
        ready.insert(key, priority: need.priority, tenant: tenant(of: key), since: need.since)
    }

    private func tenant(of key: Key) -> String { configuration.fairness?(key) ?? "" }

    /// Takes out the key that goes first, of those whose tenants may have one more worker: see
    /// ``WorkQueueConfiguration/workers``.
    private mutating func popReady(at now: Duration) -> Key? {
        guard let workers = configuration.workers, configuration.fairness != nil else {
            return ready.popFirst(at: now)
        }
        // Not a method: with this value captured, the keys would be copied whenever one is taken.
        let (held, most) = (held, max(1, 3 * (workers - processing.count)))
        return ready.popFirst(at: now) { (held[$0] ?? 0) < most }
    }
}
