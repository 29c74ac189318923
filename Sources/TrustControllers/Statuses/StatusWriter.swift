import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient

/// Writes the status of an object whole: what is not in the new status is gone.
struct StatusWriter: Sendable {
    let client: APIClient

    /// Replaces the status of `object`, if nobody has changed the object since.
    ///
    /// So a write that was held up on its way, by the network or because its process was stopped, cannot cover what a
    /// later leader wrote.
    ///
    /// - Returns: the object at its new version, with its status as it was before: that of the answer is not read; `nil` when somebody has changed or deleted it, or made another under its name, so
    ///   that a newer one has to be looked at.
    /// - Throws: `APIError`, `TransportError`, `CancellationError`.
    func write<Object: KubernetesObject>(_ status: some Encodable, of object: Object) async throws -> Object? {
        let value = try JSONParser().parse(Array(JSONEncoder().encode(status)))
        var operations: [JSONValue] = [["op": "add", "path": "/status", "value": value]]
        if let version = object.metadata.resourceVersion {
            // Not a `test`: an API server refuses another version with 409, a failed test with 422, as it does bad objects.
            operations.append(["op": "replace", "path": "/metadata/resourceVersion", "value": .string(version)])
        }
        do {
            let header = try await client.resource(Object.self).headerAfterPatching(
                object.metadata.name,
                namespace: object.metadata.namespace,
                .json(operations),
                subresource: "status"
            )
            var stored = object
            stored.metadata.resourceVersion = header.resourceVersion
            return stored
        } catch let error as APIError where error.code == .conflict || error.code == .notFound {
            return nil
        }
    }
}
