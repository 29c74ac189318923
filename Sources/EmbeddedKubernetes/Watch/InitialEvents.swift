internal import FoundationEssentials
internal import JSONModel

/// The state that a watch begins with: rendered as its reader takes it, not before.
struct InitialEvents: Sendable {
    private let objects: [StoredObject]
    private let renderer: ObjectRenderer
    private let now: Date
    /// The event behind the objects.
    private let bookmark: [UInt8]?
    private var index = 0
    private var isAtEnd = false

    /// The events of `objects`, and a bookmark behind them if one was asked for.
    init(_ objects: [StoredObject], _ renderer: ObjectRenderer, now: Date, bookmark: JSONValue?) {
        self.objects = objects
        self.renderer = renderer
        self.now = now
        self.bookmark = bookmark.map {
            WatchHub.line("BOOKMARK", renderer.bookmark($0, now: now, isFirst: objects.isEmpty))
        }
    }

    /// Whether there is nothing to send.
    var isEmpty: Bool { objects.isEmpty && bookmark == nil }

    /// The next events, of about `size` bytes together; `nil` after the last.
    mutating func next(size: Int) -> [[UInt8]]? {
        guard !isAtEnd else { return nil }
        var lines: [[UInt8]] = []
        var count = 0
        while index < objects.count, count < size {
            let line = renderer.eventLine(.added, objects[index], now: now, isFirst: index == 0)
            lines.append(line)
            count += line.count
            index += 1
        }
        if index == objects.count {
            isAtEnd = true
            if let bookmark { lines.append(bookmark) }
        }
        return lines.isEmpty ? nil : lines
    }
}

/// The events of one watch, line by line.
struct WatchEvents: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = Never

    /// How many bytes of the first state are rendered at a time.
    private static let batchSize = 256 << 10

    let initial: InitialEvents?
    let queue: WatchQueue
    /// How events go out; they are lines of JSON here.
    var encoding = AnswerEncoding.json

    struct Iterator: AsyncIteratorProtocol {
        let encoding: AnswerEncoding
        private var initial: InitialEvents?
        private let queue: WatchQueue
        private var lines: ArraySlice<[UInt8]> = []

        init(_ events: WatchEvents) {
            initial = events.initial
            queue = events.queue
            encoding = events.encoding
        }

        /// The next event; `nil` when the watch has ended, or the task is cancelled.
        mutating func next() async -> [UInt8]? {
            if let line = lines.popFirst() { return line }
            guard let batch = await nextBatch() else { return nil }
            lines = batch[...]
            return lines.popFirst()
        }

        /// The events that can be written together.
        mutating func nextBatch() async -> [[UInt8]]? {
            if let batch = initial?.next(size: WatchEvents.batchSize) { return Task.isCancelled ? nil : batch }
            return await queue.next()
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(self) }
}
