import Synchronization

/// Lets everyone who wants the same thing at the same time wait for one attempt to get it.
///
/// Whoever comes first makes the attempt, in its own task; the others get its value or its error. When that task is
/// cancelled, one of the others makes an attempt of its own. Nothing is kept afterwards.
final class SingleFlight<Value: Sendable>: Sendable {
    private enum Landing {
        case ended(Result<Value, any Error>)
        case abandoned
        case cancelled
    }

    private struct State {
        var isUnderWay = false
        var nextTicket = 0
        var waiting: [Int: CheckedContinuation<Landing, Never>] = [:]
    }

    private let state = Mutex(State())

    /// How many wait for the attempt that is under way, beside the one who makes it.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// What `attempt` gives, or what the attempt that is under way gives.
    ///
    /// - Throws: what the attempt throws; `CancellationError` when the caller's task is cancelled.
    func value(_ attempt: @Sendable () async throws -> Value) async throws -> Value {
        while true {
            let isFirst = state.withLock { state in
                defer { state.isUnderWay = true }
                return !state.isUnderWay
            }
            if isFirst { return try await lead(attempt) }
            switch await landing() {
            case .ended(let result): return try result.get()
            case .cancelled: throw CancellationError()
            case .abandoned: continue
            }
        }
    }

    private func lead(_ attempt: @Sendable () async throws -> Value) async throws -> Value {
        do {
            let value = try await attempt()
            land(.ended(.success(value)))
            return value
        } catch {
            land(Task.isCancelled ? .abandoned : .ended(.failure(error)))
            throw error
        }
    }

    private func land(_ landing: Landing) {
        let waiting = state.withLock { state in
            defer {
                state.isUnderWay = false
                state.waiting = [:]
            }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: landing) }
    }

    private func landing() async -> Landing {
        let ticket = state.withLock { state in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early: Landing? = state.withLock { state in
                    if Task.isCancelled { return .cancelled }
                    guard state.isUnderWay else { return .abandoned }
                    state.waiting[ticket] = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(returning: .cancelled)
        }
    }
}
