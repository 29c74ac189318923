import Synchronization

/// Lets only so many informers fill themselves at the same time, first come first served.
///
/// Filling is when an informer needs memory it does not keep, and when it costs the API server most.
public final class SynchronisationGate: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
    }

    private let state: Mutex<State>

    /// Creates a gate for `limit` informers, at least one, at the same time.
    public init(limit: Int) { state = Mutex(State(free: max(1, limit))) }

    /// Suspends until there is a place.
    ///
    /// Throws `CancellationError` when cancelled first.
    func enter() async throws {
        let id = state.withLock { state in
            state.nextID &+= 1
            return state.nextID
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let answer = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    guard state.free == 0 else {
                        state.free -= 1
                        return true
                    }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: false)
        }
        guard isIn else { throw CancellationError() }
    }

    /// Gives the place to the next.
    func leave() {
        let next = state.withLock { state -> Waiter? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
            state.free += 1
            return nil
        }
        next?.continuation.resume(returning: true)
    }
}
