import HeapModule

/// Who sleeps until when, and when to be woken next, as a value.
///
/// Most sleepers are time limits that are cancelled long before their time: leaving must cost nothing, and what is left
/// of them must not wake anybody.
struct SleeperTable<Sleeper> {
    private struct Entry: Comparable {
        let deadline: Duration
        let id: UInt64

        static func < (left: Entry, right: Entry) -> Bool { (left.deadline, left.id) < (right.deadline, right.id) }
    }

    private var sleepers: [UInt64: Sleeper] = [:]
    private var entries = Heap<Entry>()
    /// The moments at which somebody comes to look, each until it has passed.
    private var calls = Heap<Duration>()
    private var nextID: UInt64 = 0

    /// The number of sleepers.
    var count: Int { sleepers.count }
    /// What is kept of sleepers, those that left included.
    var entryCount: Int { entries.count }

    /// A number for a new sleeper.
    mutating func makeID() -> UInt64 {
        nextID &+= 1
        return nextID
    }

    /// Takes a sleeper in.
    ///
    /// - Returns: the moment at which somebody must come to look; `nil` when somebody comes early enough anyway.
    mutating func insert(_ sleeper: Sleeper, id: UInt64, until deadline: Duration) -> Duration? {
        sleepers[id] = sleeper
        entries.insert(Entry(deadline: deadline, id: id))
        return nextCall()
    }

    /// Lets a sleeper leave; `nil` when it has left already.
    mutating func remove(_ id: UInt64) -> Sleeper? {
        guard let sleeper = sleepers.removeValue(forKey: id) else { return nil }
        // Amortised over as many departures as there are entries left over.
        if entries.count > 2 * sleepers.count + 64 {
            entries = Heap(entries.unordered.filter { sleepers[$0.id] != nil })
        }
        return sleeper
    }

    /// Somebody comes to look at `now`.
    ///
    /// - Returns: the sleepers to wake, in the order of their deadlines, and when to come again; `nil` when somebody
    ///   comes early enough anyway or nobody sleeps.
    mutating func look(at now: Duration) -> (due: [Sleeper], next: Duration?) {
        while let call = calls.min, call <= now { calls.removeMin() }
        var due: [Sleeper] = []
        while let first = entries.min, first.deadline <= now {
            entries.removeMin()
            if let sleeper = sleepers.removeValue(forKey: first.id) { due.append(sleeper) }
        }
        return (due, nextCall())
    }

    private mutating func nextCall() -> Duration? {
        while let first = entries.min, sleepers[first.id] == nil { entries.removeMin() }
        guard let first = entries.min else { return nil }
        if let call = calls.min, call <= first.deadline { return nil }
        calls.insert(first.deadline)
        return first.deadline
    }
}
