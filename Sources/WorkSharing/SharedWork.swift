internal import Synchronization

/// Work that many ask for and one does, with a memory of what came of it.
///
/// Whoever asks for the same while it is being done waits for it. What is remembered, and for how long, is the memory's
/// business. What a cancelled task came to counts for nobody else: whoever waits has to ask again.
public final class SharedWork<Key: Hashable & Sendable, Value: Sendable, Memory: Sendable>: Sendable {
    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var memory: Memory
        /// Who waits for each piece of work that is being done.
        var flights: [Key: [Waiter]] = [:]
        var nextTicket: UInt64 = 0
    }

    /// What a caller is to do.
    private enum Turn: Sendable {
        /// Take this.
        case take(Value)
        /// Do the work.
        case make
        /// Ask again: the one who did the work was cancelled, or the caller itself was.
        case again
    }

    private let state: Mutex<State>

    /// Creates the work, none of which is being done, with what is known already.
    public init(memory: Memory) { state = Mutex(State(memory: memory)) }

    /// How many wait for the work on `key` that is being done, beside the one who does it.
    public func waitingCount(for key: Key) -> Int { state.withLock { $0.flights[key]?.count ?? 0 } }

    /// Changes what is known; what is being made meanwhile is kept all the same.
    public func changeMemory(_ change: (inout Memory) -> Void) { state.withLock { change(&$0.memory) } }

    /// The value for `key`: what is known, what another task comes to, or what this one does.
    ///
    /// - Parameters:
    ///   - key: what is the same work.
    ///   - known: what the memory holds that may be taken; asked again after each wait that led to nothing. It must not
    ///     block.
    ///   - make: does the work.
    ///   - keep: puts what was made into the memory, and says what everybody gets for it; not asked when the task was
    ///     cancelled. It must not block.
    /// - Returns: the value; `nil` when the task was cancelled before it had one. A task that is cancelled while it does the
    ///   work gets what came of that.
    public func value(
        for key: Key,
        known: (inout Memory) -> Value?,
        make: () async -> Value,
        keep: (inout Memory, Value) -> Value
    ) async -> Value? {
        while !Task.isCancelled {
            switch await turn(key, known: known) {
            case .take(let value): return value
            case .again: continue
            case .make: return land(key, await make(), keep: keep)
            }
        }
        return nil
    }

    /// Finds out what the caller is to do, waiting for whoever does the work.
    private func turn(_ key: Key, known: (inout Memory) -> Value?) async -> Turn {
        let ticket = state.withLock { state -> UInt64 in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn = state.withLock { state -> Turn? in
                    if Task.isCancelled { return .again }
                    if let value = known(&state.memory) { return .take(value) }
                    if state.flights[key] == nil {
                        state.flights[key] = []
                        return .make
                    }
                    state.flights[key]?.append(Waiter(ticket: ticket, continuation: continuation))
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.flights[key]?.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.flights[key]?.remove(at: index)
            }
            waiter?.continuation.resume(returning: .again)
        }
    }

    /// Keeps what was made and hands it to those who wait for it.
    private func land(_ key: Key, _ made: Value, keep: (inout Memory, Value) -> Value) -> Value {
        let isComplete = !Task.isCancelled
        let (value, waiters) = state.withLock { state -> (Value, [Waiter]) in
            let waiters = state.flights.removeValue(forKey: key) ?? []
            return (isComplete ? keep(&state.memory, made) : made, waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: isComplete ? .take(value) : .again) }
        return value
    }
}
