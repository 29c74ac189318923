import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing

extension ControllerWorld {
    /// The Event with `reason` about the object `name`, as soon as it is there.
    func event(about name: String, reason: String) async throws -> Event {
        let event = try await firstObject(Event.self, in: ObjectSelection(namespace: namespace)) { event in
            event.regarding?.name == name && event.reason == reason
        }
        return try #require(event, "no Event \(reason) about \(name)")
    }
}
