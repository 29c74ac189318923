internal import Synchronization

/// What one server has under way, so that its end concerns nobody else's connections.
final class ServedAnswers: Sendable {
    private struct State {
        var isStopped = false
        var streams: [ObjectIdentifier: AnswerStream] = [:]
    }

    private let state = Mutex(State())
    private let stopping = Signal()

    /// Breaks every connection: open watches end, and requests that wait in a fault are given up.
    func stop() {
        let streams = state.withLock { state in
            state.isStopped = true
            return Array(state.streams.values)
        }
        for stream in streams { stream.end(.reset) }
        stopping.send()
    }

    /// Suspends until the server stops.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func waitForStop() async throws {
        let turn = stopping.turn
        if state.withLock(\.isStopped) { return }
        try await stopping.wait(after: turn)
    }

    /// Takes an answer that is being sent into the server's hands; it ends at once when the server stops already.
    func add(_ stream: AnswerStream) {
        let isStopped = state.withLock { state in
            state.streams[ObjectIdentifier(stream)] = stream
            return state.isStopped
        }
        if isStopped { stream.end(.reset) }
    }

    func remove(_ stream: AnswerStream) {
        state.withLock { _ = $0.streams.removeValue(forKey: ObjectIdentifier(stream)) }
    }
}
