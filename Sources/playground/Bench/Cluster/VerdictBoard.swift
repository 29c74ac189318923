import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Synchronization
import TrustModel
import TrustResources

/// When each verification got its first verdict, as a watch on the cluster saw it.
final class VerdictBoard: Sendable {
    private struct State {
        var verdicts: [ObjectKey: (verdict: Verdict, at: ContinuousClock.Instant)] = [:]
        var changes = 0
        var wanted: (count: Int, arrival: Promise<ContinuousClock.Instant>)?
    }

    private let state = Mutex(State())

    /// How often a verification changed.
    var changes: Int { state.withLock { $0.changes } }

    /// How many verifications have a verdict.
    var count: Int { state.withLock { $0.verdicts.count } }

    /// How many have each verdict.
    var tally: [Verdict: Int] {
        state.withLock { state in state.verdicts.values.reduce(into: [:]) { $0[$1.verdict, default: 0] += 1 } }
    }

    /// When a verification got its verdict.
    func arrival(_ key: ObjectKey) -> ContinuousClock.Instant? { state.withLock { $0.verdicts[key]?.at } }

    /// Runs `body` while an informer keeps the board.
    static func watching<Value: Sendable>(
        _ client: APIClient,
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: @escaping @Sendable (VerdictBoard) async throws -> Value
    ) async throws -> Value {
        let board = VerdictBoard()
        let verdicts = Informer<ImageVerification, Verdict?>(
            client: client,
            clock: clock,
            reading: ObjectReader(ImageVerification.resource, VerdictProjection())
        )
        verdicts.addHandler(board.take)
        return try await withInformer(verdicts) { try await body(board) }
    }

    /// Waits until `count` verifications have a verdict.
    ///
    /// - Returns: when the last of them came.
    /// - Throws: ``DemoError`` when that takes longer than `limit`.
    func wait(for count: Int, limit: Duration) async throws -> ContinuousClock.Instant {
        let arrival = Promise<ContinuousClock.Instant>()
        let isThere = state.withLock { state in
            state.wanted = (count, arrival)
            return state.verdicts.count >= count
        }
        if isThere { arrival.fulfil(.now) }
        return try await withTimeLimit(
            limit,
            otherwise: DemoError(
                .timedOut,
                "Only \(self.count) of \(count) verdicts were there after \(limit.components.seconds) s."
            )
        ) { try await arrival.value() }
    }

    private func take(_ change: InformerChange<Verdict?>) {
        switch change {
        case .added(let object, _), .updated(_, let object): take(object.value, of: object.key)
        case .deleted(let last, _): state.withLock { $0.verdicts[last.key] = nil }
        }
    }

    private func take(_ verdict: Verdict?, of key: ObjectKey) {
        let now = ContinuousClock.now
        let arrival = state.withLock { state -> Promise<ContinuousClock.Instant>? in
            state.changes += 1
            guard let verdict, state.verdicts[key] == nil else { return nil }
            state.verdicts[key] = (verdict, now)
            guard let wanted = state.wanted, state.verdicts.count >= wanted.count else { return nil }
            state.wanted = nil
            return wanted.arrival
        }
        arrival?.fulfil(now)
    }
}
