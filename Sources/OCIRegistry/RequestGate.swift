internal import Synchronization

/// Lets a fixed number of requests through at a time.
///
/// Of those that wait tenants take turns, and each tenant's go in the order they came: whoever has many requests waiting
/// delays a tenant with one by a turn, and not by the many.
final class RequestGate: Sendable {
    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var nextTicket: UInt64 = 0
        /// Who waits, by tenant; no line is empty.
        var lines: [String: [Waiter]] = [:]
        /// The tenants that wait, whose turn is next first.
        var turns: [String] = []

        mutating func append(_ waiter: Waiter, of tenant: String) {
            if lines[tenant] == nil { turns.append(tenant) }
            lines[tenant, default: []].append(waiter)
        }

        /// Takes out who goes next; his tenant's next turn comes after those of the others.
        mutating func popNext() -> Waiter? {
            guard let tenant = turns.first, let waiter = lines[tenant]?.first else { return nil }
            turns.removeFirst()
            lines[tenant]?.removeFirst()
            if lines[tenant]?.isEmpty == true { lines[tenant] = nil } else { turns.append(tenant) }
            return waiter
        }

        mutating func remove(_ ticket: UInt64, of tenant: String) -> Waiter? {
            guard let index = lines[tenant]?.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            let waiter = lines[tenant]?.remove(at: index)
            if lines[tenant]?.isEmpty == true {
                lines[tenant] = nil
                turns.removeAll { $0 == tenant }
            }
            return waiter
        }
    }

    private let state: Mutex<State>

    init(places: Int) {
        state = Mutex(State(free: max(1, places)))
    }

    /// Runs `body` when there is a place.
    ///
    /// Returns `nil` without running it when the task is cancelled while waiting.
    func pass<Value: Sendable, Failure: Error>(
        of tenant: String = "",
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value? {
        guard await enter(tenant) else { return nil }
        defer { leave() }
        return try await body()
    }

    private func enter(_ tenant: String) async -> Bool {
        let ticket = state.withLock { state -> UInt64 in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.append(Waiter(ticket: ticket, continuation: continuation), of: tenant)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.remove(ticket, of: tenant) }
            waiter?.continuation.resume(returning: false)
        }
    }

    private func leave() {
        let next = state.withLock { state -> Waiter? in
            let next = state.popNext()
            if next == nil { state.free += 1 }
            return next
        }
        next?.continuation.resume(returning: true)
    }
}
