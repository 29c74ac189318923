internal import Synchronization

/// Hands the bound port to whoever waits for it.
final class BoundPort: Sendable {
    private enum Phase {
        case waiting([Int: CheckedContinuation<Int, any Error>])
        case listening(Int)
        case stopped
    }

    private let phase = Mutex((value: Phase.waiting([:]), next: 0))

    func set(_ port: Int) {
        for waiter in settle(.listening(port)) { waiter.resume(returning: port) }
    }

    /// Ends the wait of those who still wait; a port that was told stays told.
    func stop() {
        let isWaiting = phase.withLock { if case .waiting = $0.value { true } else { false } }
        guard isWaiting else { return }
        for waiter in settle(.stopped) { waiter.resume(throwing: CancellationError()) }
    }

    private func settle(_ new: Phase) -> [CheckedContinuation<Int, any Error>] {
        phase.withLock { phase in
            guard case .waiting(let waiters) = phase.value else { return [] }
            phase.value = new
            return Array(waiters.values)
        }
    }

    func value() async throws -> Int {
        let id = phase.withLock { phase in
            phase.next &+= 1
            return phase.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Int, any Error>? = phase.withLock { phase in
                    switch phase.value {
                    case .listening(let port): return .success(port)
                    case .stopped: return .failure(CancellationError())
                    case .waiting(var waiters):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        waiters[id] = continuation
                        phase.value = .waiting(waiters)
                        return nil
                    }
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = phase.withLock { phase -> CheckedContinuation<Int, any Error>? in
                guard case .waiting(var waiters) = phase.value else { return nil }
                let waiter = waiters.removeValue(forKey: id)
                phase.value = .waiting(waiters)
                return waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
