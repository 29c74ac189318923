import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient

/// Writes the status of an object whole: what is not in the new status is gone.
struct StatusWriter: Sendable {
    let client: APIClient

    /// Replaces the status of `object`, if it is still the same object.
    ///
    /// A JSON patch rather than an update: a change of the specification that is under way must not make it fail, because
    /// `observedGeneration` says which specification the status speaks of.
    ///
    /// - Returns: the object as stored.
    /// - Throws: `APIError`, `TransportError`, `CancellationError`.
    func write<Object: KubernetesObject>(_ status: some Encodable, of object: Object) async throws -> Object {
        let value = try JSONParser().parse(Array(JSONEncoder().encode(status)))
        var operations: [JSONValue] = []
        if let uid = object.metadata.uid {
            operations.append(["op": "test", "path": "/metadata/uid", "value": .string(uid)])
        }
        operations.append(["op": "add", "path": "/status", "value": value])
        return try await client.resource(Object.self).patch(
            object.metadata.name,
            namespace: object.metadata.namespace,
            .json(operations),
            subresource: "status"
        )
    }
}
