import FoundationEssentials
import JSONModel
public import KubernetesAPI
public import KubernetesClient

extension APIClient {
    /// Creates a pod that nothing starts, on a real cluster neither: its status is what the test says.
    ///
    /// - Parameter pod: the pod; its scheduler becomes one that does not exist.
    /// - Throws: `APIError`, `TransportError`.
    public func createUnscheduled(_ pod: Pod) async throws {
        var body = try JSONParser().parse(Array(JSONEncoder().encode(pod)))
        guard case .object(var object) = body, case .object(var specification) = object["spec"] else {
            throw APIError(.badRequest, httpStatus: 400, message: "pod \(pod.metadata.name) has no specification")
        }
        specification["schedulerName"] = "nobody"
        object["spec"] = .object(specification)
        body = .object(object)
        _ = try await send(
            APIRequest(
                .post,
                Pod.resource.path(namespace: pod.metadata.namespace),
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes(body)
            )
        )
    }
}
