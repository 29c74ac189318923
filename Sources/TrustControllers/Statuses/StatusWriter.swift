import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient

/// Writes the status of an object whole: what is not in the new status is gone.
struct StatusWriter: Sendable {
    let client: APIClient

    /// Replaces the status of `object`, as ``write(json:of:)`` does.
    ///
    /// - Throws: `EncodingError`, and what that throws.
    func write<Object: KubernetesObject>(_ status: some Encodable, of object: Object) async throws -> Object? {
        try await write(json: Array(JSONEncoder().encode(status)), of: object)
    }

    /// Replaces the status of `object`, if nobody has changed the object since.
    ///
    /// So a write that was held up on its way, by the network or because its process was stopped, cannot cover what a
    /// later leader wrote.
    ///
    /// - Parameters:
    ///   - status: its JSON.
    ///   - object: what it is the status of.
    /// - Returns: the object at its new version, with its status as it was before: that of the answer is not read; `nil`
    ///   when somebody has changed or deleted it, or made another under its name, so that a newer one has to be looked at.
    /// - Throws: `APIError`, `TransportError`, `CancellationError`.
    func write<Object: KubernetesObject>(json status: [UInt8], of object: Object) async throws -> Object? {
        do {
            let header = try await client.resource(Object.self).headerAfterPatching(
                object.metadata.name,
                namespace: object.metadata.namespace,
                .jsonText(Self.patch(status, at: object.metadata.resourceVersion)),
                subresource: "status"
            )
            var stored = object
            stored.metadata.resourceVersion = header.resourceVersion
            return stored
        } catch let error as APIError where error.code == .conflict || error.code == .notFound {
            return nil
        }
    }

    /// A JSON patch that sets a status, and fails with 409 where the object is at another version.
    private static func patch(_ status: [UInt8], at version: String?) -> [UInt8] {
        var text = Array(#"[{"op":"add","path":"/status","value":"#.utf8) + status + Array("}".utf8)
        if let version {
            // Not a `test`: another version is refused with 409, and a failed test with 422, as bad objects are.
            let operation: [String: JSONValue] = [
                "op": "replace", "path": "/metadata/resourceVersion", "value": .string(version),
            ]
            text += Array(",".utf8) + JSONSerializer().bytes(.object(operation))
        }
        return text + Array("]".utf8)
    }
}
