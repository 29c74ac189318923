import DequeModule
import FoundationEssentials
import KubernetesAPI

/// What an ``EventRecorder`` has still to do, in which order, and by how many: a value without tasks.
///
/// Warnings go first, and take the place of information when there is no room. Of one object only one thing is under way
/// at a time, in the order in which it came.
struct EventBacklog: Sendable {
    /// One thing to do.
    enum Item: Sendable {
        /// Decide what becomes of a notice, and write it.
        case notice(EventNotice, Date)
        /// Write what was only counted before.
        case write(EventCorrelator.Write)

        /// The object whose Events keep their order.
        fileprivate var object: ObjectReference? {
            var object: ObjectReference? =
                switch self {
                case .notice(let notice, _): notice.regarding
                case .write(.create(let event)), .write(.series(let event)): event.regarding
                }
            object?.resourceVersion = nil
            return object
        }

        fileprivate var isWarning: Bool {
            if case .notice(let notice, _) = self { notice.kind == .warning } else { false }
        }
    }

    /// What was taken out, to be given back with ``finish(_:)``.
    struct Turn: Sendable {
        var item: Item
        fileprivate var object: ObjectReference?
    }

    /// How far an item is looked for whose object has nothing under way.
    private static let reach = 64

    private let limit: Int
    private var warnings: Deque<Item> = []
    private var others: Deque<Item> = []
    private var busy: Set<ObjectReference?> = []

    /// Creates one that holds `limit` notices at most.
    init(limit: Int) { self.limit = limit }

    /// How many things there are to be begun.
    var count: Int { warnings.count + others.count }

    /// Whether so much waits that one writer alone may not get through in time.
    var needsHelp: Bool { warnings.count > 8 || others.count > limit / 4 }

    /// Puts in a notice.
    ///
    /// - Returns: how many notices were dropped, this one or another: 0 or 1.
    mutating func add(_ notice: EventNotice, recordedAt date: Date) -> Int {
        let item = Item.notice(notice, date)
        guard count >= limit else {
            if item.isWarning { warnings.append(item) } else { others.append(item) }
            return 0
        }
        guard item.isWarning, case .notice = others.first else { return 1 }
        others.removeFirst()
        warnings.append(item)
        return 1
    }

    /// Puts in writes, however many there are: a correlator holds a limited number.
    mutating func add(_ writes: [EventCorrelator.Write]) { others.append(contentsOf: writes.map { .write($0) }) }

    /// Takes out what goes next, of objects of which nothing is under way.
    ///
    /// - Parameter isHelper: whether somebody else does what there is for as long as it is little.
    /// - Returns: `nil` when there is nothing within reach.
    mutating func take(isHelper: Bool) -> Turn? {
        guard !isHelper || needsHelp else { return nil }
        return Self.take(&warnings, &busy) ?? Self.take(&others, &busy)
    }

    /// Lets the next thing about the same object begin.
    mutating func finish(_ turn: Turn) { busy.remove(turn.object) }

    /// Takes out everything.
    ///
    /// - Returns: how many there were.
    mutating func removeAll() -> Int {
        defer { (warnings, others) = ([], []) }
        return count
    }

    private static func take(_ items: inout Deque<Item>, _ busy: inout Set<ObjectReference?>) -> Turn? {
        guard let index = items.prefix(reach).firstIndex(where: { !busy.contains($0.object) }) else { return nil }
        let item = items.remove(at: index)
        busy.insert(item.object)
        return Turn(item: item, object: item.object)
    }
}
