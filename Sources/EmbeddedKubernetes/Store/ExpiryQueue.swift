internal import FoundationEssentials

/// When objects that live for a time go: each write gives an object its whole time again.
///
/// All of them live equally long, so the order of writing is the order of going.
struct ExpiryQueue: Sendable {
    private var deadlines: [ObjectKey: Date] = [:]
    private var order: [(deadline: Date, key: ObjectKey)] = []
    private var first = 0

    /// How many objects have a deadline.
    var count: Int { deadlines.count }

    /// Gives an object its time from now on.
    mutating func renew(_ key: ObjectKey, until deadline: Date) {
        deadlines[key] = deadline
        order.append((deadline, key))
    }

    /// Forgets an object that is gone.
    mutating func remove(_ key: ObjectKey) { deadlines.removeValue(forKey: key) }

    /// Takes out the objects whose time is over.
    mutating func due(at now: Date) -> [ObjectKey] {
        var due: [ObjectKey] = []
        while first < order.count, order[first].deadline <= now {
            let (deadline, key) = order[first]
            first += 1
            // A renewed object stands further back too.
            guard deadlines[key] == deadline else { continue }
            deadlines.removeValue(forKey: key)
            due.append(key)
        }
        if first > 1024, first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
        return due
    }
}
