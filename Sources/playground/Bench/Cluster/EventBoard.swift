import KubernetesAPI
import KubernetesClient
import Synchronization
import TrustResources

/// When the first Event about each verification came, as a watch on the cluster saw it.
final class EventBoard: Sendable {
    private let arrivals = Mutex<[ObjectKey: ContinuousClock.Instant]>([:])
    private let isWatching = Promise<Void>()

    /// About how many verifications there was an Event.
    var count: Int { arrivals.withLock { $0.count } }

    /// When the first Event about a verification came.
    func arrival(_ key: ObjectKey) -> ContinuousClock.Instant? { arrivals.withLock { $0[key] } }

    /// Runs `body` while a watch keeps the board.
    static func watching<Value: Sendable>(
        _ cluster: BenchCluster,
        _ body: @escaping @Sendable (EventBoard) async throws -> Value
    ) async throws -> Value {
        let board = EventBoard()
        return try await withWatch(on: "Events", board.isWatching) {
            try await board.follow(cluster)
        } body: {
            try await body(board)
        }
    }

    private func follow(_ cluster: BenchCluster) async throws {
        let events = cluster.client.resource(Event.self)
        // Those that a real cluster has already are of no interest, but their version is.
        let there = try await events.page(of: ObjectSelection(), limit: 1)
        isWatching.fulfil(())
        let options = WatchOptions(resourceVersion: there.resourceVersion, timeoutSeconds: 3600)
        try await events.watch(options: options) { notification in
            if case .added(let event) = notification { self.take(event) }
            return .proceed
        }
    }

    private func take(_ event: Event) {
        let now = ContinuousClock.now
        guard let object = event.regarding, object.kind == ImageVerification.resource.kind,
            let name = object.name
        else { return }
        let key = ObjectKey(namespace: object.namespace, name: name)
        arrivals.withLock { arrivals in
            if arrivals[key] == nil { arrivals[key] = now }
        }
    }
}
