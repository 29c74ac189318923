internal import DequeModule

/// Where a ready key stands.
///
/// A key moves by getting another place; the entry at its old one is void from then on, which its ticket shows.
struct ReadyPlace: Sendable {
    /// A lane of a level.
    ///
    /// Keys that came to a level by waiting have lanes of their own: a crowd of them then delays a key that has just
    /// been added by one turn, and not by the crowd.
    struct Lane: Hashable, Sendable {
        var tenant: String
        var isAged = false
    }

    var level: WorkPriority
    var lane: Lane
    /// Identifies the entry in the lane.
    var ticket: UInt64
    /// Identifies the key's stay among the ready ones, however often it moves.
    var arrival: UInt64
}

/// The ready keys of one priority: lanes that take turns, each first in, first out.
///
/// Adding and taking are O(1), amortised: void entries are passed over, each once.
struct ReadyLevel<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var key: Key
        var ticket: UInt64
    }

    private struct Line: Sendable {
        var entries: Deque<Entry> = []
        /// How many of the entries are not void.
        var live = 0
        var turn: UInt64
    }

    private struct Turn: Sendable {
        var lane: ReadyPlace.Lane
        var id: UInt64
    }

    /// Only lanes with a live entry are here.
    private var lines: [ReadyPlace.Lane: Line] = [:]
    /// One turn for each lane, the next first, and void ones of lanes that ended.
    private var rotation: Deque<Turn> = []
    private var lastTurn: UInt64 = 0
    /// The number of live entries.
    private(set) var count = 0

    /// Puts `key` at the end of its lane; a lane that begins has its turn after the others.
    mutating func append(_ key: Key, at place: ReadyPlace) {
        if lines[place.lane] == nil {
            lastTurn &+= 1
            lines[place.lane] = Line(turn: lastTurn)
            rotation.append(Turn(lane: place.lane, id: lastTurn))
        }
        lines[place.lane]?.entries.append(Entry(key: key, ticket: place.ticket))
        lines[place.lane]?.live += 1
        count += 1
    }

    /// Notes that an entry of `lane` is void, because its key has another place by now.
    mutating func leave(_ lane: ReadyPlace.Lane, _ places: [Key: ReadyPlace]) {
        guard let line = lines[lane] else { return }
        count -= 1
        guard line.live > 1 else {
            lines[lane] = nil
            compactRotation()
            return
        }
        lines[lane]?.live -= 1
        // Keeps a lane within twice its live entries.
        guard line.entries.count > 64, line.entries.count > 2 * line.live else { return }
        lines[lane]?.entries = Deque(line.entries.filter { places[$0.key]?.ticket == $0.ticket })
    }

    /// Takes out the first key of the lane whose turn it is; lanes of tenants that may not go keep their turn.
    mutating func popFirst(_ places: [Key: ReadyPlace], ofTenants mayGo: (String) -> Bool) -> Key? {
        var passedOver: [Turn] = []
        defer { for turn in passedOver.reversed() { rotation.prepend(turn) } }
        while let turn = rotation.popFirst() {
            guard lines[turn.lane]?.turn == turn.id else { continue }
            guard mayGo(turn.lane.tenant) else {
                passedOver.append(turn)
                continue
            }
            while let entry = lines[turn.lane]?.entries.popFirst() {
                guard places[entry.key]?.ticket == entry.ticket else { continue }
                count -= 1
                lines[turn.lane]?.live -= 1
                if lines[turn.lane]?.live == 0 { lines[turn.lane] = nil } else { rotation.append(turn) }
                return entry.key
            }
        }
        return nil
    }

    /// Puts the lanes, and the keys in each, in random order.
    mutating func shuffle(using generator: inout SplitMix64) {
        rotation.shuffle(using: &generator)
        for lane in lines.keys.sorted(by: { ($0.tenant, $0.isAged ? 1 : 0) < ($1.tenant, $1.isAged ? 1 : 0) }) {
            lines[lane]?.entries.shuffle(using: &generator)
        }
    }

    private mutating func compactRotation() {
        guard rotation.count > 64, rotation.count > 2 * lines.count else { return }
        rotation = Deque(rotation.filter { lines[$0.lane]?.turn == $0.id })
    }
}
