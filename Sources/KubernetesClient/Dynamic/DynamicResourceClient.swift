import JSONModel
public import KubernetesAPI

/// Reads and writes objects of a resource that is known at run time only.
///
/// Every method throws ``APIError`` when the server refuses, `TransportError` when no answer arrives, and
/// `CancellationError` when the task is cancelled. A write that ends in `TransportError` may have happened.
public struct DynamicResourceClient: Sendable {
    /// What the requests are sent with.
    public let client: APIClient
    /// What the objects are.
    public let resource: ResourceType
    /// How much of each object is read; writes answer with the same.
    public let representation: ObjectRepresentation

    /// Creates a client.
    public init(_ client: APIClient, _ resource: ResourceType, _ representation: ObjectRepresentation = .whole) {
        self.client = client
        self.resource = resource
        self.representation = representation
    }

    // MARK: - Reading

    /// Reads one object, as recent as the server's storage.
    public func get(_ name: String, namespace: String? = nil) async throws -> UnstructuredObject {
        try await object(requests.get(name, namespace))
    }

    /// Reads a whole list, page by page.
    ///
    /// When the pages take so long that the server forgets their snapshot, the list is read once more in one piece.
    ///
    /// - Returns: the objects, and the version that the list shows.
    /// - Throws: ``APIError``, `TransportError` or `CancellationError`.
    public func list(
        _ selection: ObjectSelection = ObjectSelection(),
        pageSize: Int = 500
    ) async throws -> UnstructuredList {
        var list = try await page(selection, limit: pageSize, nil)
        while let token = list.continueToken {
            do {
                let next = try await page(selection, limit: pageSize, token)
                try ContinueToken.check(next.continueToken, after: token)
                list.items += next.items
                list.continueToken = next.continueToken
            } catch let error as APIError where error.isExpired {
                list = try await page(selection, limit: nil, nil)
            }
        }
        return list
    }

    // MARK: - Writing

    /// Creates an object; its namespace is the one in its metadata.
    ///
    /// - Returns: the object as stored.
    public func create(
        _ object: UnstructuredObject,
        options: WriteOptions = WriteOptions()
    ) async throws -> UnstructuredObject {
        try await self.object(requests.create(encoded(object), object.key.namespace, options))
    }

    /// Replaces an object, or a subresource such as `status` of it.
    ///
    /// With `metadata.resourceVersion` set, only if it is still at that version.
    ///
    /// - Returns: the object as stored.
    public func replace(
        _ object: UnstructuredObject,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws -> UnstructuredObject {
        let key = object.key
        return try await self.object(
            requests.replace(key.name, key.namespace, subresource, encoded(object), options)
        )
    }

    /// Reads an object, changes it and writes it; and does so again when somebody else wrote it meanwhile.
    ///
    /// It is read and written whole, whatever ``representation`` says.
    ///
    /// - Parameters:
    ///   - name: the object's name.
    ///   - namespace: its namespace; `nil` for cluster-scoped types.
    ///   - subresource: what is written, such as `status`; `nil` for the object itself.
    ///   - retry: how often a conflict is answered by another attempt.
    ///   - change: changes what was read, and says whether there is anything to write. It may run several times.
    /// - Returns: the object as stored.
    /// - Throws: ``APIError``, with code `conflict` when every attempt lost; `TransportError`, after which the change may
    ///   have been written; whatever `change` throws.
    public func update(
        _ name: String,
        namespace: String? = nil,
        subresource: String? = nil,
        retry: ConflictRetry = .standard,
        _ change: (inout UnstructuredObject) throws -> Bool
    ) async throws -> UnstructuredObject {
        let whole = DynamicResourceClient(client, resource)
        return try await client.retryingConflicts(retry) {
            var object = try await whole.get(name, namespace: namespace)
            guard try change(&object) else { return object }
            return try await whole.replace(object, subresource: subresource)
        }
    }

    /// Changes an object, or a subresource such as `status` of it.
    ///
    /// - Returns: the object as stored.
    public func patch(
        _ name: String,
        namespace: String? = nil,
        _ patch: Patch,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws -> UnstructuredObject {
        try await object(requests.patch(name, namespace, subresource, patch, options))
    }

    /// Makes the fields of `object` what it says, and creates it if it is absent (server-side apply).
    ///
    /// - Parameters:
    ///   - object: the fields that the manager wants, and no others.
    ///   - force: takes fields over from other managers; what controllers do.
    ///   - subresource: such as `status`; `nil` for the object itself.
    ///   - options: how it is written.
    /// - Returns: the object as stored.
    /// - Throws: ``APIError``, with code `conflict` when another manager holds a field and `force` is not set.
    public func apply(
        _ object: UnstructuredObject,
        force: Bool = true,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws -> UnstructuredObject {
        let patch = Patch.apply(
            object.described(as: resource).json,
            fieldManager: options.fieldManager ?? client.fieldManager,
            force: force
        )
        let key = object.key
        return try await self.object(requests.patch(key.name, key.namespace, subresource, patch, options))
    }

    /// Deletes an object.
    public func delete(
        _ name: String,
        namespace: String? = nil,
        options: DeleteOptions = DeleteOptions()
    ) async throws {
        _ = try await client.send(requests.delete(name, namespace, options))
    }

    /// Deletes the objects of a selection that the server finds at this moment.
    public func deleteAll(_ selection: ObjectSelection, options: DeleteOptions = DeleteOptions()) async throws {
        _ = try await client.send(requests.deleteAll(selection, options))
    }

    // MARK: - Common

    private var requests: ResourceRequests {
        ResourceRequests(resource: resource, fieldManager: client.fieldManager)
    }

    private func page(
        _ selection: ObjectSelection,
        limit: Int?,
        _ token: String?
    ) async throws -> UnstructuredList {
        var query = selection.query
        if let limit { query.append(APIRequest.QueryItem("limit", String(limit))) }
        if let token { query.append(APIRequest.QueryItem("continue", token)) }
        let request = APIRequest(.get, resource.path(namespace: selection.namespace), query: query)
        let json = try await answer(to: request, isList: true)
        guard let items = json["items"], items.isNull || items.array != nil else {
            throw malformed(request, "something that is no list")
        }
        var objects: [UnstructuredObject] = []
        for item in items.array ?? [] {
            guard var object = UnstructuredObject(item) else {
                throw malformed(request, "a list that holds something else than objects")
            }
            // Lists of built-in kinds leave out what is the same for every item.
            if object.kind.isEmpty { object = object.described(as: resource) }
            objects.append(object)
        }
        let token = json.value(at: "metadata", "continue")?.string
        return UnstructuredList(
            resourceVersion: json.value(at: "metadata", "resourceVersion")?.string ?? "",
            items: objects,
            continueToken: token.flatMap { $0.isEmpty ? nil : $0 }
        )
    }

    private func object(_ request: APIRequest) async throws -> UnstructuredObject {
        let json = try await answer(to: request)
        guard let object = UnstructuredObject(json) else { throw malformed(request, "something that is no object") }
        return object
    }

    private func answer(to request: APIRequest, isList: Bool = false) async throws -> JSONValue {
        var request = request
        if let accept = representation.accept(isList: isList) { request.headers["accept"] = accept }
        let response = try await client.send(request)
        do {
            // The transport has already bounded the answer.
            return try JSONParser(limits: .bounded(bytes: response.body.count)).parse(response.body)
        } catch {
            throw malformed(request, "something that is no JSON: \(error)")
        }
    }

    private func malformed(_ request: APIRequest, _ what: String) -> APIError {
        APIError(
            .malformedResponse,
            httpStatus: 200,
            message: "\(request.method.rawValue) \(request.path) was answered with \(what)"
        )
    }

    private func encoded(_ object: UnstructuredObject) -> [UInt8] {
        JSONSerializer().bytes(object.described(as: resource).json)
    }
}

/// Objects of a list.
public struct UnstructuredList: Sendable, Hashable {
    /// The version the list shows; a watch goes on from here.
    public var resourceVersion: String
    /// The objects.
    public var items: [UnstructuredObject]
    var continueToken: String?
}

extension UnstructuredObject {
    /// The object, saying what it is.
    func described(as resource: ResourceType) -> UnstructuredObject {
        var object = self
        object.members["apiVersion"] = .string(resource.apiVersion)
        object.members["kind"] = .string(resource.kind)
        return object
    }
}

extension APIClient {
    /// A client for a resource that is known at run time only.
    public func dynamic(
        _ resource: ResourceType,
        _ representation: ObjectRepresentation = .whole
    ) -> DynamicResourceClient {
        DynamicResourceClient(self, resource, representation)
    }
}
