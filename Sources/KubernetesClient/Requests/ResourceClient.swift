import FoundationEssentials
import JSONModel
public import KubernetesAPI

/// Reads and writes objects of one type.
///
/// Every method throws ``APIError`` when the server refuses, `TransportError` when no answer arrives, and
/// `CancellationError` when the task is cancelled. A write that ends in `TransportError` may have happened.
public struct ResourceClient<Object: KubernetesObject>: Sendable {
    /// What the requests are sent with.
    public let client: APIClient

    /// Creates a client.
    public init(_ client: APIClient) { self.client = client }

    // MARK: - Reading

    /// Reads one object, as recent as the server's storage.
    public func get(_ name: String, namespace: String? = nil) async throws -> Object {
        try await object(APIRequest(.get, path(namespace, name)))
    }

    /// Reads one page of a list.
    ///
    /// - Parameters:
    ///   - selection: which objects.
    ///   - limit: the page size; `nil` for everything at once.
    ///   - continueToken: the token of the previous page.
    /// - Returns: the page; items that cannot be decoded are listed apart.
    /// - Throws: ``APIError``, `TransportError` or `CancellationError`.
    public func page(
        of selection: ObjectSelection,
        limit: Int? = nil,
        continueToken: String? = nil
    ) async throws -> ObjectPage<Object> {
        var query = selection.query
        if let limit { query.append(APIRequest.QueryItem("limit", String(limit))) }
        if let continueToken { query.append(APIRequest.QueryItem("continue", continueToken)) }
        let request = APIRequest(.get, Object.resource.path(namespace: selection.namespace), query: query)
        let response = try await client.send(request)
        return try ObjectPage(body: response.body, asked: "\(request.method.rawValue) \(request.path)")
    }

    /// Reads a whole list, page by page.
    ///
    /// When the pages take so long that the server forgets their snapshot, the list is read once more in one piece.
    ///
    /// - Throws: also ``APIError`` with code `malformedResponse` when an item cannot be decoded: a list with gaps is no
    ///   list.
    public func list(_ selection: ObjectSelection = ObjectSelection(), pageSize: Int = 500) async throws
        -> ObjectPage<Object>
    {
        var list = try await page(of: selection, limit: pageSize)
        while let token = list.continueToken {
            do {
                let next = try await page(of: selection, limit: pageSize, continueToken: token)
                list.items += next.items
                list.unreadable += next.unreadable
                list.continueToken = next.continueToken
            } catch let error as APIError where error.isExpired {
                list = try await page(of: selection)
            }
        }
        if let first = list.unreadable.first {
            let name = first.key.map { " \($0)" } ?? ""
            throw APIError(
                .malformedResponse,
                httpStatus: 200,
                message: "the list of \(Object.resource) holds \(list.unreadable.count) objects that cannot be read; "
                    + "the first\(name): \(first.cause)"
            )
        }
        return list
    }

    // MARK: - Writing

    /// Creates an object.
    ///
    /// - Returns: the object as stored.
    public func create(_ object: Object) async throws -> Object {
        try await write(.post, path(object.metadata.namespace, nil), object)
    }

    /// Replaces an object.
    ///
    /// With `metadata.resourceVersion` set, only if it is still at that version.
    ///
    /// - Returns: the object as stored.
    public func replace(_ object: Object) async throws -> Object {
        try await write(.put, path(object.metadata.namespace, object.metadata.name), object)
    }

    /// Replaces an object's status and nothing else.
    ///
    /// - Returns: the object as stored.
    public func replaceStatus(_ object: Object) async throws -> Object {
        try await write(.put, path(object.metadata.namespace, object.metadata.name, "status"), object)
    }

    /// Changes an object, or a subresource such as `status` of it.
    ///
    /// - Returns: the object as stored.
    public func patch(
        _ name: String,
        namespace: String? = nil,
        _ patch: Patch,
        subresource: String? = nil
    ) async throws -> Object {
        var query: [APIRequest.QueryItem] = []
        if case .apply(_, let manager, let force) = patch {
            query.append(APIRequest.QueryItem("fieldManager", manager))
            if force { query.append(APIRequest.QueryItem("force", "true")) }
        } else {
            query.append(APIRequest.QueryItem("fieldManager", client.fieldManager))
        }
        return try await self.object(
            APIRequest(
                .patch,
                path(namespace, name, subresource),
                query: query,
                headers: ["content-type": patch.contentType],
                body: patch.body
            )
        )
    }

    /// Deletes an object.
    ///
    /// - Parameters:
    ///   - name: the object's name.
    ///   - namespace: its namespace; `nil` for cluster-scoped types.
    ///   - uid: deletes only the object with this uid. Give it whenever the object was found in a cache: one made since
    ///     under the same name is then left alone, and the answer is ``APIError`` `conflict`.
    ///   - resourceVersion: deletes only if the object is still at this version.
    ///   - propagation: `Background`, `Foreground` or `Orphan`; `nil` leaves it to the type's default.
    /// - Throws: ``APIError``, `TransportError` or `CancellationError`.
    public func delete(
        _ name: String,
        namespace: String? = nil,
        uid: String? = nil,
        resourceVersion: String? = nil,
        propagation: String? = nil
    ) async throws {
        var options: [String: JSONValue] = ["kind": "DeleteOptions", "apiVersion": "v1"]
        var preconditions: [String: JSONValue] = [:]
        if let uid { preconditions["uid"] = .string(uid) }
        if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
        if !preconditions.isEmpty { options["preconditions"] = .object(preconditions) }
        if let propagation { options["propagationPolicy"] = .string(propagation) }
        let request = APIRequest(
            .delete,
            path(namespace, name),
            headers: ["content-type": "application/json"],
            body: JSONSerializer().bytes(.object(options))
        )
        _ = try await client.send(request)
    }

    // MARK: - Common

    private func path(_ namespace: String?, _ name: String?, _ subresource: String? = nil) -> String {
        Object.resource.path(namespace: namespace, name: name, subresource: subresource)
    }

    private func write(_ method: APIRequest.Method, _ path: String, _ object: Object) async throws -> Object {
        try await self.object(
            APIRequest(
                method,
                path,
                query: [APIRequest.QueryItem("fieldManager", client.fieldManager)],
                headers: ["content-type": "application/json"],
                body: try encoded(object)
            )
        )
    }

    private func object(_ request: APIRequest) async throws -> Object {
        let response = try await client.send(request)
        do {
            return try JSONDecoder().decode(Object.self, from: Data(response.body))
        } catch {
            throw APIError(
                .malformedResponse,
                httpStatus: response.status,
                message: "\(request.method.rawValue) \(request.path) was answered with something that is no "
                    + "\(Object.resource.kind): \(DecodingSentence(error))"
            )
        }
    }

    /// The object as JSON, with the `apiVersion` and `kind` that custom resources must carry.
    private func encoded(_ object: Object) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(object))
        guard case .object(var members) = try JSONParser().parse(bytes) else { return bytes }
        members["apiVersion"] = .string(Object.resource.apiVersion)
        members["kind"] = .string(Object.resource.kind)
        return JSONSerializer().bytes(.object(members))
    }
}
