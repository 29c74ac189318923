internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Values that are asked for once at a time and kept until shortly before they lapse.
///
/// Whoever wants one that is being asked for waits for it, and shares a failure too. A failure is not kept. What a
/// cancelled task came to counts for nobody else.
final class SharedRequests<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// A value, and until when it is used.
    struct Kept: Sendable {
        let value: Value
        let until: Date
    }

    private enum Turn: Sendable {
        case take(Value)
        case fail(AzureError)
        case make
        case again
    }

    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var kept: [Key: Kept] = [:]
        var flights: [Key: [Waiter]] = [:]
        var nextTicket: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let now: @Sendable () -> Date

    /// Creates a store that keeps `capacity` values at most.
    init(capacity: Int, now: @escaping @Sendable () -> Date) {
        self.capacity = max(1, capacity)
        self.now = now
    }

    /// The value at hand, or what `make` brings.
    ///
    /// - Throws: what `make` throws, to everyone who waits for it; `cancelled` when this task is cancelled.
    func value(_ key: Key, make: () async throws(AzureError) -> Kept) async throws(AzureError) -> Value {
        while !Task.isCancelled {
            switch await turn(key) {
            case .take(let value): return value
            case .fail(let error): throw error
            case .again: continue
            case .make: return try await perform(key, make)
            }
        }
        throw AzureError(.cancelled, "the request was cancelled")
    }

    /// Forgets a value that satisfies `isStale`; a newer one stays.
    func drop(_ key: Key, where isStale: (Value) -> Bool) {
        state.withLock { state in
            if let kept = state.kept[key], isStale(kept.value) { state.kept[key] = nil }
        }
    }

    private func perform(
        _ key: Key,
        _ make: () async throws(AzureError) -> Kept
    ) async throws(AzureError) -> Value {
        do throws(AzureError) {
            let kept = try await make()
            land(key, .take(kept.value), kept)
            return kept.value
        } catch {
            land(key, error.code == .cancelled ? .again : .fail(error), nil)
            throw error
        }
    }

    private func land(_ key: Key, _ turn: Turn, _ kept: Kept?) {
        let date = now()
        let waiters = state.withLock { state -> [Waiter] in
            if let kept {
                if state.kept.count >= capacity { state.kept = state.kept.filter { $0.value.until > date } }
                if state.kept.count >= capacity { state.kept = [:] }
                state.kept[key] = kept
            }
            return state.flights.removeValue(forKey: key) ?? []
        }
        for waiter in waiters { waiter.continuation.resume(returning: turn) }
    }

    private func turn(_ key: Key) async -> Turn {
        let date = now()
        let ticket = state.withLock { state -> UInt64 in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn = state.withLock { state -> Turn? in
                    if Task.isCancelled { return .again }
                    if let kept = state.kept[key], kept.until > date { return .take(kept.value) }
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
}
