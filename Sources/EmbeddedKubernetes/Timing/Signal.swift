internal import Synchronization

/// Wakes everybody who waits, each time it is sent; who comes later waits for the next one.
///
/// A waiter names the turn that it has seen, so that a signal between looking and waiting is not lost.
final class Signal: Sendable {
    private struct State {
        var turn: UInt64 = 0
        var nextID: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// How often it was sent.
    var turn: UInt64 { state.withLock { $0.turn } }

    func send() {
        let waiters = state.withLock { state in
            state.turn &+= 1
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Suspends until it was sent since `turn`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func wait(after turn: UInt64) async throws {
        let id = state.withLock { state in
            state.nextID &+= 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.turn != turn || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
        try Task.checkCancellation()
    }
}
