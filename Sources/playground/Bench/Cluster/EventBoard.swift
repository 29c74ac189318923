import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Synchronization
import TrustResources

/// When the first Event about each verification came, as a watch on the cluster saw it.
final class EventBoard: Sendable {
    private let arrivals = Mutex<[ObjectKey: ContinuousClock.Instant]>([:])

    /// About how many verifications there was an Event.
    var count: Int { arrivals.withLock { $0.count } }

    /// When the first Event about a verification came.
    func arrival(_ key: ObjectKey) -> ContinuousClock.Instant? { arrivals.withLock { $0[key] } }

    /// Runs `body` while an informer keeps the board.
    static func watching<Value: Sendable>(
        _ client: APIClient,
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: @escaping @Sendable (EventBoard) async throws -> Value
    ) async throws -> Value {
        let board = EventBoard()
        let events = Informer<Event, ObjectKey?>(client: client, clock: clock, project: verification(of:))
        events.addHandler { change in
            if case .added(let event, _) = change, let key = event.value { board.take(key) }
        }
        return try await withInformer(events) { try await body(board) }
    }

    /// The verification that an Event is about.
    private static func verification(of event: Event) -> ObjectKey? {
        guard let object = event.regarding, object.kind == ImageVerification.resource.kind, let name = object.name
        else { return nil }
        return ObjectKey(namespace: object.namespace, name: name)
    }

    private func take(_ key: ObjectKey) {
        let now = ContinuousClock.now
        arrivals.withLock { arrivals in
            if arrivals[key] == nil { arrivals[key] = now }
        }
    }
}
