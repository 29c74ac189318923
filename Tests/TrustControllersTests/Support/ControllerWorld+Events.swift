import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing

extension ControllerWorld {
    /// The Event with `reason` about the object `name`, as soon as it is there.
    func event(about name: String, reason: String) async throws -> Event {
        let found = Mutex<Event?>(nil)
        let options = WatchOptions(
            sendsInitialEvents: true,
            timeoutSeconds: Int(Self.patience.components.seconds)
        )
        try await cluster.client.resource(Event.self).watch(ObjectSelection(namespace: namespace), options: options) {
            notification in
            switch notification {
            case .added(let event), .modified(let event):
                guard event.regarding?.name == name, event.reason == reason else { return .proceed }
                found.withLock { $0 = event }
                return .stop
            default: return .proceed
            }
        }
        let event = found.withLock { $0 }
        return try #require(event, "no Event \(reason) about \(name)")
    }
}
