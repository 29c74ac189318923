internal import HeapModule

/// The keys of a work queue that wait for their time, as a value.
///
/// A key has one time, the earliest that was asked for, and one priority, the highest. Every operation takes
/// O(log n), amortised.
struct DelayedKeys<Key: Hashable & Sendable>: Sendable {
    /// A key whose time has come.
    struct Due: Sendable {
        var key: Key
        var readyAt: Duration
        var priority: WorkPriority
    }

    private struct Wait: Sendable {
        var readyAt: Duration
        var priority: WorkPriority
        /// Identifies the entry in the heap that is not void.
        var order: UInt64
    }

    private struct Entry: Comparable, Sendable {
        var readyAt: Duration
        var order: UInt64
        var key: Key
        static func < (left: Entry, right: Entry) -> Bool {
            (left.readyAt, left.order) < (right.readyAt, right.order)
        }
        static func == (left: Entry, right: Entry) -> Bool {
            left.readyAt == right.readyAt && left.order == right.order
        }
    }

    private var waits: [Key: Wait] = [:]
    /// Holds also entries that an earlier time or a removal has made void, but at its top never one.
    private var heap = Heap<Entry>()
    private var order: UInt64 = 0

    var count: Int { waits.count }

    /// The earliest time at which a key is due.
    var nextReadyAt: Duration? { heap.min?.readyAt }

    /// Lets `key` wait until `readyAt`, or as long as it does already if that is shorter.
    mutating func insert(_ key: Key, until readyAt: Duration, priority: WorkPriority) {
        var wait = waits[key] ?? Wait(readyAt: readyAt, priority: priority, order: 0)
        wait.priority = max(wait.priority, priority)
        if wait.order > 0, wait.readyAt <= readyAt {
            waits[key] = wait
            return
        }
        order &+= 1
        wait.readyAt = readyAt
        wait.order = order
        waits[key] = wait
        heap.insert(Entry(readyAt: readyAt, order: order, key: key))
        dropVoidEntries()
    }

    /// Ends the wait of `key`, and gives its priority if it waited.
    mutating func remove(_ key: Key) -> WorkPriority? {
        guard let wait = waits.removeValue(forKey: key) else { return nil }
        dropVoidEntries()
        return wait.priority
    }

    /// Takes out the key that is due first, if one is due at `now`.
    mutating func popDue(at now: Duration) -> Due? {
        guard let first = heap.min, first.readyAt <= now else { return nil }
        heap.removeMin()
        let wait = waits.removeValue(forKey: first.key)
        dropVoidEntries()
        return wait.map { Due(key: first.key, readyAt: first.readyAt, priority: $0.priority) }
    }

    mutating func removeAll() { self = DelayedKeys() }

    private mutating func dropVoidEntries() {
        while let first = heap.min, waits[first.key]?.order != first.order { heap.removeMin() }
        // Keeps the heap within twice the number of keys, whatever the order of adds.
        guard heap.count > 64, heap.count > 2 * waits.count else { return }
        heap = Heap(heap.unordered.filter { waits[$0.key]?.order == $0.order })
    }
}
