import KubernetesAPI
import KubernetesClient
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
    private let isWatching = Promise<Void>()

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

    /// Runs `body` while a watch keeps the board.
    static func watching<Value: Sendable>(
        _ cluster: BenchCluster,
        _ body: @escaping @Sendable (VerdictBoard) async throws -> Value
    ) async throws -> Value {
        let board = VerdictBoard()
        return try await withWatch(on: "verifications", board.isWatching) {
            try await board.follow(cluster)
        } body: {
            try await body(board)
        }
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

    private func follow(_ cluster: BenchCluster) async throws {
        let verifications = cluster.client.resource(ImageVerification.self)
        let there = try await verifications.list()
        for object in there.items { take(object) }
        isWatching.fulfil(())
        let options = WatchOptions(resourceVersion: there.resourceVersion, timeoutSeconds: 3600)
        try await verifications.watch(options: options) { notification in
            switch notification {
            case .added(let object), .modified(let object): self.take(object)
            case .deleted(let object): self.state.withLock { $0.verdicts[object.key] = nil }
            default: break
            }
            return .proceed
        }
    }

    private func take(_ object: ImageVerification) {
        let now = ContinuousClock.now
        let arrival = state.withLock { state -> Promise<ContinuousClock.Instant>? in
            state.changes += 1
            guard let verdict = object.status?.verdict, state.verdicts[object.key] == nil else { return nil }
            state.verdicts[object.key] = (verdict, now)
            guard let wanted = state.wanted, state.verdicts.count >= wanted.count else { return nil }
            state.wanted = nil
            return wanted.arrival
        }
        arrival?.fulfil(now)
    }
}
