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
        try await object(requests.get(name, namespace))
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
        let request = selection.list(of: Object.resource, limit: limit, continueToken: continueToken)
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
                try ContinueToken.check(next.continueToken, after: token)
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
    public func create(_ object: Object, options: WriteOptions = WriteOptions()) async throws -> Object {
        try await self.object(requests.create(try encoded(object), object.metadata.namespace, options))
    }

    /// Creates an object, and reads no more of the answer than its header: for objects that a watch shows anyway.
    ///
    /// - Returns: the header of the object as stored.
    public func headerAfterCreating(
        _ object: Object,
        options: WriteOptions = WriteOptions()
    ) async throws -> ObjectHeader {
        try await header(requests.create(try encoded(object), object.metadata.namespace, options))
    }

    /// Replaces an object, or a subresource such as `status` of it.
    ///
    /// With `metadata.resourceVersion` set, only if it is still at that version.
    ///
    /// - Returns: the object as stored.
    public func replace(
        _ object: Object,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws -> Object {
        let metadata = object.metadata
        return try await self.object(
            requests.replace(metadata.name, metadata.namespace, subresource, try encoded(object), options)
        )
    }

    /// Replaces an object's status and nothing else.
    ///
    /// - Returns: the object as stored.
    public func replaceStatus(_ object: Object, options: WriteOptions = WriteOptions()) async throws -> Object {
        try await replace(object, subresource: "status", options: options)
    }

    /// Changes an object, or a subresource such as `status` of it.
    ///
    /// - Parameters:
    ///   - name: the object's name.
    ///   - namespace: its namespace; `nil` for cluster-scoped types.
    ///   - patch: the change.
    ///   - subresource: what is changed; `nil` for the object itself.
    ///   - options: how it is written; an apply patch names its manager itself.
    /// - Returns: the object as stored.
    /// - Throws: ``APIError``, `TransportError` or `CancellationError`.
    public func patch(
        _ name: String,
        namespace: String? = nil,
        _ patch: Patch,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws -> Object {
        try await object(requests.patch(name, namespace, subresource, patch, options))
    }

    /// Changes an object as ``patch(_:namespace:_:subresource:options:)`` does, and reads no more of the answer than its header.
    ///
    /// - Parameters:
    ///   - name: the object's name.
    ///   - namespace: its namespace; `nil` for cluster-scoped types.
    ///   - patch: the change.
    ///   - subresource: what is changed; `nil` for the object itself.
    /// - Returns: the header of the object as stored.
    /// - Throws: ``APIError``, `TransportError` or `CancellationError`.
    public func headerAfterPatching(
        _ name: String,
        namespace: String? = nil,
        _ patch: Patch,
        subresource: String? = nil
    ) async throws -> ObjectHeader {
        try await header(requests.patch(name, namespace, subresource, patch, WriteOptions()))
    }

    /// Deletes an object.
    ///
    /// - Parameters:
    ///   - name: the object's name.
    ///   - namespace: its namespace; `nil` for cluster-scoped types.
    ///   - options: on which conditions, and how.
    /// - Throws: ``APIError``, `TransportError` or `CancellationError`.
    public func delete(_ name: String, namespace: String? = nil, options: DeleteOptions) async throws {
        _ = try await client.send(requests.delete(name, namespace, options))
    }

    /// Deletes an object, on the conditions that are named; see ``DeleteOptions``.
    public func delete(
        _ name: String,
        namespace: String? = nil,
        uid: String? = nil,
        resourceVersion: String? = nil,
        propagation: String? = nil
    ) async throws {
        let options = DeleteOptions(uid: uid, resourceVersion: resourceVersion, propagation: propagation)
        try await delete(name, namespace: namespace, options: options)
    }

    // MARK: - Common

    private var requests: ResourceRequests {
        ResourceRequests(resource: Object.resource, fieldManager: client.fieldManager)
    }

    private func object(_ request: APIRequest) async throws -> Object {
        let response = try await client.send(request)
        do {
            return try JSONDecoder().decode(Object.self, from: Data(response.body))
        } catch {
            throw unreadable(response, to: request, error)
        }
    }

    private func header(_ request: APIRequest) async throws -> ObjectHeader {
        let response = try await client.send(request)
        do {
            let header = try response.body.withUnsafeBytes { bytes in
                try ObjectHeader(of: bytes, strings: StringPool(capacity: 0))
            }
            guard !header.name.isEmpty else { throw MissingName() }
            if let kind = header.kind, kind != Object.resource.kind {
                throw WrongKind(found: kind, expected: Object.resource.kind)
            }
            return header
        } catch {
            throw unreadable(response, to: request, error)
        }
    }

    private func unreadable(_ response: APIResponse, to request: APIRequest, _ error: any Error) -> APIError {
        APIError(
            .malformedResponse,
            httpStatus: response.status,
            message: "\(request.method.rawValue) \(request.path) was answered with something that is no "
                + "\(Object.resource.kind): \(DecodingSentence(error))"
        )
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
