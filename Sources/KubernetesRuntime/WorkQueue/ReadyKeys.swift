internal import HeapModule

/// The keys of a work queue that are ready to be worked on, as a value.
///
/// The highest priority goes first; within a priority tenants take turns, and the keys of a tenant go in the order in
/// which they came. A key of less than normal priority counts as normal once it has aged, and after three keys above
/// normal one of normal priority goes. Every operation takes O(log n), amortised.
struct ReadyKeys<Key: Hashable & Sendable>: Sendable {
    private struct Aging: Comparable, Sendable {
        var at: Duration
        var arrival: UInt64
        var key: Key
        static func < (left: Aging, right: Aging) -> Bool { (left.at, left.arrival) < (right.at, right.arrival) }
        static func == (left: Aging, right: Aging) -> Bool { left.arrival == right.arrival }
    }

    private var places: [Key: ReadyPlace] = [:]
    private var levels: [WorkPriority: ReadyLevel<Key>] = [:]
    /// The priorities of `levels`, each once.
    private var priorities = Heap<WorkPriority>()
    /// When keys below normal age; holds also entries of keys that have gone since.
    private var aging = Heap<Aging>()
    private var ticket: UInt64 = 0
    /// How many keys above normal went in a row while one of normal priority waited.
    private var overtakes = 0
    private let agingTime: Duration

    private static var mostOvertakes: Int { 3 }

    init(agingTime: Duration) { self.agingTime = agingTime }

    var count: Int { places.count }

    /// How many keys count as each priority; a priority whose keys have all gone may be there with 0.
    ///
    /// Asked at every change of the queue: in generic code a key path is put together anew each time, a closure is not.
    var counts: [WorkPriority: Int] { levels.mapValues { $0.count } }

    /// Puts in a key that is not there, which has needed work since `since`.
    mutating func insert(_ key: Key, priority: WorkPriority, tenant: String, since: Duration) {
        ticket &+= 1
        let lane = ReadyPlace.Lane(tenant: tenant)
        put(key, at: ReadyPlace(level: priority, lane: lane, ticket: ticket, arrival: ticket))
        guard priority < .normal else { return }
        aging.insert(Aging(at: since + agingTime, arrival: ticket, key: key))
        compactAging()
    }

    /// Moves a key to the end of a higher priority; does nothing when it counts as that or more already.
    mutating func raise(_ key: Key, to priority: WorkPriority) {
        guard let place = places[key], place.level < priority else { return }
        move(key, from: place, to: priority, lane: ReadyPlace.Lane(tenant: place.lane.tenant))
    }

    /// Takes out the key that goes first at `now`, of those whose tenants may go.
    mutating func popFirst(at now: Duration, ofTenants mayGo: (String) -> Bool = { _ in true }) -> Key? {
        age(at: now)
        if let key = popOvertaken(ofTenants: mayGo) { return key }
        var passedOver: [WorkPriority] = []
        defer { for priority in passedOver { priorities.insert(priority) } }
        while let priority = priorities.max {
            if let key = levels[priority]?.popFirst(places, ofTenants: mayGo) {
                places[key] = nil
                return key
            }
            priorities.removeMax()
            if levels[priority]?.count ?? 0 > 0 { passedOver.append(priority) } else { levels[priority] = nil }
        }
        return nil
    }

    /// Takes out the first key of normal priority if it is its turn although there are keys above normal.
    ///
    /// Those do not age to more than normal, so that without it they would wait for as long as others keep coming.
    private mutating func popOvertaken(ofTenants mayGo: (String) -> Bool) -> Key? {
        guard let highest = priorities.max, highest > .normal, levels[.normal]?.count ?? 0 > 0,
            levels.contains(where: { $0.key > .normal && $0.value.count > 0 })
        else {
            overtakes = 0
            return nil
        }
        guard overtakes >= Self.mostOvertakes, let key = levels[.normal]?.popFirst(places, ofTenants: mayGo) else {
            overtakes &+= 1
            return nil
        }
        overtakes = 0
        places[key] = nil
        return key
    }

    mutating func removeAll() { self = ReadyKeys(agingTime: agingTime) }

    /// Puts the keys below normal priority in random order.
    mutating func shuffleLow(using generator: inout SplitMix64) {
        for priority in levels.keys.sorted() where priority < .normal {
            levels[priority]?.shuffle(using: &generator)
        }
    }

    private mutating func age(at now: Duration) {
        while let first = aging.min, first.at <= now {
            aging.removeMin()
            guard let place = places[first.key], place.arrival == first.arrival, place.level < .normal else { continue }
            let lane = ReadyPlace.Lane(tenant: place.lane.tenant, isAged: true)
            move(first.key, from: place, to: .normal, lane: lane)
        }
    }

    private mutating func move(
        _ key: Key,
        from old: ReadyPlace,
        to priority: WorkPriority,
        lane: ReadyPlace.Lane
    ) {
        ticket &+= 1
        put(key, at: ReadyPlace(level: priority, lane: lane, ticket: ticket, arrival: old.arrival))
        levels[old.level]?.leave(old.lane, places)
    }

    private mutating func put(_ key: Key, at place: ReadyPlace) {
        places[key] = place
        if levels[place.level] == nil {
            levels[place.level] = ReadyLevel()
            priorities.insert(place.level)
        }
        levels[place.level]?.append(key, at: place)
    }

    /// Keeps the heap within twice the number of ready keys.
    private mutating func compactAging() {
        guard aging.count > 64, aging.count > 2 * places.count else { return }
        aging = Heap(aging.unordered.filter { places[$0.key]?.arrival == $0.arrival })
    }
}
