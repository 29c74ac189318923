internal import Synchronization

/// The body of an answer in parts, cut anywhere.
///
/// It is read once; a second reading throws `malformed`.
///
/// The next part is taken from the connection only when it is asked for, so a slow reader slows the sender down.
/// The sequence ends when the body is complete, and throws ``OutboundError`` when it breaks off or times out,
/// `CancellationError` when the task was cancelled.
public struct OutboundBody: AsyncSequence, Sendable {
    /// The parts; none is empty.
    public typealias Element = [UInt8]

    private let makeReader: @Sendable () -> Reader
    private let isTaken = TakenFlag()

    typealias Reader = () async throws -> [UInt8]?

    init(reader makeReader: @escaping @Sendable () -> Reader) {
        self.makeReader = makeReader
    }

    /// A body made of parts in memory; for other implementations of ``HTTPExchange``.
    public init(parts: [[UInt8]]) {
        makeReader = {
            var rest = parts.filter { !$0.isEmpty }[...]
            return { rest.popFirst() }
        }
    }

    /// Reads the parts.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(read: isTaken.take() ? makeReader() : nil)
    }

    /// Reads the parts of one body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let read: Reader?

        /// The next part, or `nil` at the end.
        public mutating func next() async throws -> [UInt8]? {
            guard let read else { throw OutboundError(.malformed, "the body of an answer was read twice") }
            return try await read()
        }
    }
}

/// Lets exactly one caller through.
private final class TakenFlag: Sendable {
    private let flag = Mutex(false)

    func take() -> Bool {
        flag.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }
}
