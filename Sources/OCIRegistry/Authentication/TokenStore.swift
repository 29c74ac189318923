internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Performs what ``BearerTokenCache`` decides: one request per key, everyone else waits for its outcome.
final class TokenStore: Sendable {
    private enum Outcome: Sendable {
        case token(BearerToken)
        case failed(RegistryError)
        /// The one who asked was cancelled: somebody else asks.
        case again
    }

    private struct State {
        var cache = BearerTokenCache()
        var nextTicket: BearerTokenCache.Ticket = 0
        var waiting: [BearerTokenCache.Ticket: CheckedContinuation<Outcome?, Never>] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) {
        self.now = now
    }

    /// The token at hand, or the one `fetch` brings.
    ///
    /// - Throws: what `fetch` throws, to everyone who waits for it; `cancelled` when this task is cancelled.
    func token(
        _ key: TokenKey,
        cancelled: @autoclosure () -> RegistryError,
        fetch: () async throws(RegistryError) -> BearerToken
    ) async throws(RegistryError) -> BearerToken {
        while true {
            if Task.isCancelled { throw cancelled() }
            switch await wish(key) {
            case .token(let token): return token
            case .failed(let error): throw error
            case .again: continue
            case nil: return try await perform(key, fetch)
            }
        }
    }

    /// The registry refused a token for a scope.
    func reject(_ scope: String, token: String) {
        state.withLock { $0.cache.rejected(scope, token: token) }
    }

    private func perform(
        _ key: TokenKey,
        _ fetch: () async throws(RegistryError) -> BearerToken
    ) async throws(RegistryError) -> BearerToken {
        do throws(RegistryError) {
            let token = try await fetch()
            let date = now()
            finish(.token(token)) { $0.fetched(key, token, now: date) }
            return token
        } catch {
            finish(error.code == .cancelled ? .again : .failed(error)) { $0.failed(key) }
            throw error
        }
    }

    private func finish(
        _ outcome: Outcome,
        _ change: (inout BearerTokenCache) -> [BearerTokenCache.Ticket]
    ) {
        let waiters = state.withLock { state in
            change(&state.cache).compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    /// What becomes of a wish; `nil` when this task is the one to ask.
    private func wish(_ key: TokenKey) async -> Outcome? {
        let date = now()
        let ticket = state.withLock { state -> BearerTokenCache.Ticket in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome?? in
                    if Task.isCancelled { return .some(.again) }
                    switch state.cache.wants(key, ticket, now: date) {
                    case .use(let token): return .some(.token(token))
                    case .fetch: return .some(nil)
                    case .wait:
                        state.waiting[ticket] = continuation
                        return nil
                    }
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.cache.gaveUp(key, ticket)
                return state.waiting.removeValue(forKey: ticket)
            }
            waiter?.resume(returning: .again)
        }
    }
}
