import FoundationEssentials
import JSONModel
public import KubernetesAPI
public import KubernetesClient

extension APIClient {
    /// Creates a pod that nothing starts, on a real cluster neither, and reports that its first container runs an image.
    ///
    /// - Parameters:
    ///   - pod: the pod; its scheduler becomes one that does not exist.
    ///   - imageID: what is reported of the image.
    /// - Throws: `APIError`, `TransportError`.
    public func createUnscheduled(_ pod: Pod, running imageID: String) async throws {
        let encoded = try JSONParser().parse(Array(JSONEncoder().encode(pod)))
        guard let container = pod.spec?.containers?.first, case .object(var object) = encoded,
            case .object(var specification) = object["spec"]
        else { throw APIError(.badRequest, httpStatus: 400, message: "pod \(pod.metadata.name) has no container") }
        specification["schedulerName"] = "nobody"
        object["spec"] = .object(specification)
        _ = try await send(
            APIRequest(
                .post,
                Pod.resource.path(namespace: pod.metadata.namespace),
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes(.object(object))
            )
        )
        let running: JSONValue = [
            "name": .string(container.name), "image": .string(container.image ?? ""), "imageID": .string(imageID),
            "ready": true, "restartCount": 0,
        ]
        _ = try await resource(Pod.self).patch(
            pod.metadata.name,
            namespace: pod.metadata.namespace,
            .merge(["status": ["phase": "Running", "containerStatuses": [running]]]),
            subresource: "status"
        )
    }
}
