import Synchronization

/// An answer that one task waits for and others may bring; the first counts.
final class Exchange<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Result<Value, any Error>, Never>)
        case over(Result<Value, any Error>)
    }

    private let state = Mutex(State.open)

    /// Brings the answer.
    func finish(_ result: Result<Value, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<Result<Value, any Error>, Never>? in
            switch state {
            case .open: state = .over(result)
            case .waiting(let continuation):
                state = .over(result)
                return continuation
            case .over: break
            }
            return nil
        }
        waiter?.resume(returning: result)
    }

    /// Waits for the answer; one task may.
    ///
    /// - Throws: the failure that was brought; `CancellationError` when the task is cancelled first.
    func value() async throws -> Value {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, any Error>, Never>) in
                let known = state.withLock { state -> Result<Value, any Error>? in
                    if case .over(let result) = state { return result }
                    state = .waiting(continuation)
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            finish(.failure(CancellationError()))
        }
        return try result.get()
    }
}
