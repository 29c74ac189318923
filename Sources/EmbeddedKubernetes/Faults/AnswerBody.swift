internal import KubernetesAPI

/// The body of an answer as the client receives it, with all that goes wrong on the way.
///
/// Throws `TransportError` when the connection breaks, `CancellationError` when the reader's task is cancelled.
struct AnswerBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let source: WatchEvents
    let stream: AnswerStream
    let clock: ClusterClock

    struct Iterator: AsyncIteratorProtocol {
        var source: WatchEvents.Iterator
        let stream: AnswerStream
        let clock: ClusterClock
        /// What is left of events that were taken up, last first.
        private var pieces: [[UInt8]] = []
        /// Events kept back.
        private var held: [[UInt8]] = []
        private var sourceIsOver = false

        init(_ body: AnswerBody) {
            source = body.source.makeAsyncIterator()
            stream = body.stream
            clock = body.clock
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            stream.waitsSince = clock.now
            defer { stream.waitsSince = nil }
            if stream.isPlain, let line = await source.next() { return source.encoding.encode(line: line) }
            while true {
                try Task.checkCancellation()
                switch stream.step(hasPieces: !pieces.isEmpty) {
                case .end: return nil
                case .fail(let error): throw error
                case .wait(let turn): try await stream.signal.wait(after: turn)
                case .send(let bytes): if !bytes.isEmpty { return bytes }
                case .proceed where !pieces.isEmpty:
                    if let bytes = try await nextPiece() { return bytes }
                case .proceed:
                    if try await isOver() { return nil }
                }
            }
        }

        /// The next piece of an event that was taken up.
        private mutating func nextPiece() async throws -> [UInt8]? {
            guard let piece = pieces.popLast() else { return nil }
            let (bytes, takes) = stream.admit(piece)
            if takes > .zero { try await clock.sleep(for: takes) }
            return bytes.isEmpty ? nil : bytes
        }

        /// Takes up the next event; whether the body is over.
        private mutating func isOver() async throws -> Bool {
            if !held.isEmpty, !stream.isWithholding {
                let line = held.removeFirst()
                pieces = stream.pieces(of: line).reversed()
                return false
            }
            if sourceIsOver {
                guard !held.isEmpty else { return true }
                let turn = stream.signal.turn
                if stream.isWithholding { try await stream.signal.wait(after: turn) }
                return false
            }
            guard let line = await source.next() else {
                sourceIsOver = true
                return false
            }
            guard !line.isEmpty else { return false }
            if stream.withholds(line, behindOthers: !held.isEmpty) {
                held.append(line)
            } else {
                pieces = stream.pieces(of: line).reversed()
            }
            return false
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(self) }
}
