internal import DequeModule
internal import HeapModule

/// The rules of a work queue as a value: no clock, no tasks, no locks.
///
/// A key is handed to one worker at a time. Adding a key that waits already changes nothing; adding one that is being
/// worked on makes it come back exactly once. A delayed key keeps the earliest of its times, and adding it without
/// delay replaces the delay. Times are durations since an origin the caller chooses, on a monotonic clock.
///
/// Semantics follow client-go's `workqueue`, with delays merged into the pending work of a key as controller-runtime's
/// queue does.
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

    private struct Delayed: Comparable, Sendable {
        var readyAt: Duration
        var order: UInt64
        var key: Key
        static func < (left: Delayed, right: Delayed) -> Bool {
            (left.readyAt, left.order) < (right.readyAt, right.order)
        }
        static func == (left: Delayed, right: Delayed) -> Bool {
            left.readyAt == right.readyAt && left.order == right.order
        }
    }

    private enum Mode: Sendable { case open, draining, closed }

    private let retryDelay: RetryDelay
    private var mode = Mode.open
    private var ready: Deque<Key> = []
    /// Keys that need work, with the time since which they do.
    private var dirty: [Key: Duration] = [:]
    /// Keys that are being worked on, with the time at which that began.
    private var processing: [Key: Duration] = [:]
    private var delayedUntil: [Key: Duration] = [:]
    private var delays = Heap<Delayed>()
    private var order: UInt64 = 0
    private var failures: [Key: Int] = [:]

    /// Creates an empty queue.
    public init(retryDelay: RetryDelay = RetryDelay()) { self.retryDelay = retryDelay }

    /// The number of keys that are ready to be worked on.
    public var depth: Int { ready.count }
    /// The number of keys that wait for their time.
    public var delayedCount: Int { delayedUntil.count }
    /// The number of keys that are being worked on.
    public var processingCount: Int { processing.count }
    /// Whether the queue takes no more keys.
    public var isShutDown: Bool { mode != .open }
    /// The earliest time at which a delayed key becomes ready.
    public var nextReadyAt: Duration? {
        mode == .open ? delays.min?.readyAt : nil
    }
    /// When the longest running worker got its key.
    public var oldestProcessingStart: Duration? { processing.values.min() }

    /// How often `key` failed since it last succeeded.
    public func retries(of key: Key) -> Int { failures[key] ?? 0 }

    /// Makes `key` ready.
    ///
    /// - Returns: whether this changed anything; `false` when the key is ready already or the queue was shut down.
    @discardableResult
    public mutating func add(_ key: Key, at now: Duration) -> Bool {
        guard mode == .open else { return false }
        removeDelay(of: key)
        return markDirty(key, at: now)
    }

    /// Makes `key` ready when `delay` has passed; at once when it is not positive.
    @discardableResult
    public mutating func add(_ key: Key, after delay: Duration, at now: Duration) -> Bool {
        guard mode == .open else { return false }
        guard delay > .zero else { return add(key, at: now) }
        if dirty[key] != nil { return false }
        let readyAt = now + delay
        if let earlier = delayedUntil[key], earlier <= readyAt { return false }
        order &+= 1
        delayedUntil[key] = readyAt
        delays.insert(Delayed(readyAt: readyAt, order: order, key: key))
        compactDelays()
        return true
    }

    /// Makes `key` ready after a delay that doubles with each call until ``forget(_:)``.
    ///
    /// - Returns: the delay.
    @discardableResult
    public mutating func addRateLimited(_ key: Key, at now: Duration) -> Duration {
        guard mode == .open else { return .zero }
        let count = failures[key] ?? 0
        failures[key] = count &+ 1
        let delay = retryDelay.delay(afterFailures: count)
        add(key, after: delay, at: now)
        return delay
    }

    /// Starts the retry delays of `key` over.
    public mutating func forget(_ key: Key) { failures[key] = nil }

    /// Makes ready every delayed key whose time has come, earliest first.
    public mutating func promote(at now: Duration) {
        guard mode == .open else { return }
        while let first = delays.min, first.readyAt <= now {
            delays.removeMin()
            guard delayedUntil[first.key] == first.readyAt else { continue }
            delayedUntil[first.key] = nil
            markDirty(first.key, at: first.readyAt)
            dropStaleDelays()
        }
        dropStaleDelays()
    }

    /// Hands out the key that is ready longest.
    public mutating func take(at now: Duration) -> Next {
        promote(at: now)
        if let key = ready.popFirst() {
            let since = dirty.removeValue(forKey: key) ?? now
            processing[key] = now
            return .key(key, waited: max(now - since, .zero))
        }
        switch mode {
        case .open: return .empty(nextReadyAt: nextReadyAt)
        case .draining: return dirty.isEmpty ? .finished : .empty(nextReadyAt: nil)
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
        guard let start = processing.removeValue(forKey: key) else { return nil }
        if dirty[key] != nil { ready.append(key) }
        return max(now - start, .zero)
    }

    /// Takes no more keys.
    ///
    /// Delayed keys are dropped.
    ///
    /// - Parameter draining: whether keys that are ready are still handed out.
    public mutating func shutDown(draining: Bool) {
        guard mode != .closed else { return }
        mode = draining ? .draining : .closed
        delayedUntil = [:]
        delays = Heap()
        guard !draining else { return }
        ready = []
        dirty = [:]
    }

    @discardableResult
    private mutating func markDirty(_ key: Key, at now: Duration) -> Bool {
        guard dirty[key] == nil else { return false }
        dirty[key] = now
        if processing[key] == nil { ready.append(key) }
        return true
    }

    private mutating func removeDelay(of key: Key) {
        guard delayedUntil.removeValue(forKey: key) != nil else { return }
        dropStaleDelays()
        compactDelays()
    }

    /// Removes entries from the top of the heap that an earlier time or an add has replaced.
    private mutating func dropStaleDelays() {
        while let first = delays.min, delayedUntil[first.key] != first.readyAt { delays.removeMin() }
    }

    /// Keeps the heap within twice the number of delayed keys, whatever the order of adds.
    private mutating func compactDelays() {
        guard delays.count > 64, delays.count > 2 * delayedUntil.count else { return }
        let live = delays.unordered.filter { delayedUntil[$0.key] == $0.readyAt }
        delays = Heap(live)
    }
}
