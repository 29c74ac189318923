internal import KubernetesAPI

/// Lists and watches the objects of one type without ever holding a list, or more than one object, in memory.
public struct CollectionReader<Value: Sendable>: Sendable {
    /// What the requests are sent with; lists and watches are sent once, whatever its retry policy says.
    public let client: APIClient
    /// How objects are read.
    public let objects: ObjectReader<Value>

    /// Creates a reader of collections.
    public init(_ client: APIClient, _ objects: ObjectReader<Value>) {
        self.client = client
        self.objects = objects
    }

    /// Reads a list, or one page of it, as it arrives.
    ///
    /// - Parameters:
    ///   - selection: which objects.
    ///   - limit: the page size; `nil` for everything at once.
    ///   - continueToken: the token of the previous page.
    ///   - paced: called before each piece of the answer; while it runs the connection is not read.
    ///   - receive: called with each element, in order; quick, because the connection is not read meanwhile.
    /// - Returns: where the list stands, once it is complete.
    /// - Throws: ``APIError`` when the server refuses, or with code `malformedResponse` when this is no list;
    ///   `TransportError` when the connection fails or breaks; whatever `receive` throws. Elements may have been
    ///   received before.
    public func list(
        _ selection: ObjectSelection = ObjectSelection(),
        limit: Int? = nil,
        continueToken: String? = nil,
        paced: @escaping @Sendable () async throws -> Void = {},
        receive: @escaping @Sendable (ListedObject<Value>) throws -> Void
    ) async throws -> ListPosition {
        var request = selection.list(of: objects.resource, limit: limit, continueToken: continueToken)
        if let accept = objects.representation.accept(isList: true) { request.headers["accept"] = accept }
        let (objects, asked) = (objects, "\(request.method.rawValue) \(request.path)")
        return try await client.list(request) { stream in
            var decoder = ListDecoder(objects, asked: asked)
            for try await piece in stream.body {
                try await paced()
                try decoder.take(piece, receive)
            }
            return try decoder.finish()
        }
    }

    /// Watches objects until the stream ends or `receive` says `stop`.
    ///
    /// The connection is read only while `receive` is not running, so `receive` must be quick: a server closes a stream
    /// that is not read. Cancelling the task closes the stream.
    ///
    /// - Parameters:
    ///   - selection: which objects.
    ///   - options: where to begin and when to end.
    ///   - opened: called once the server has accepted the watch.
    ///   - receive: called with each line, in order.
    /// - Throws: ``APIError`` when the server refuses the watch, or with code `malformedResponse` when a line cannot be
    ///   read; `TransportError` when the connection fails or breaks; whatever `receive` throws.
    public func watch(
        _ selection: ObjectSelection = ObjectSelection(),
        options: WatchOptions = WatchOptions(),
        opened: @escaping @Sendable () async throws -> Void = {},
        receive: @escaping @Sendable (WatchNotification<DecodedObject<Value>>) async throws -> WatchContinuation
    ) async throws {
        let path = objects.resource.path(namespace: selection.namespace)
        var request = APIRequest(.get, path, query: selection.query + options.query)
        let accept = objects.shape == nil ? objects.representation.accept() : WatchBody.accept
        if let accept { request.headers["accept"] = accept }
        let objects = objects
        try await client.stream(request) { stream in
            try await opened()
            let type = stream.headers["content-type"]
            var body = WatchBody(contentType: type, objects.shape, limit: options.maximumLineBytes)
            for try await chunk in stream.body {
                var notifications: [WatchNotification<DecodedObject<Value>>] = []
                let failure = body.failure(reading: chunk, asked: path) { line throws(APIError) in
                    notifications.append(try WatchNotification(line: line, objects))
                }
                for notification in notifications where try await receive(notification) == .stop { return }
                if let failure { throw failure }
            }
        }
    }
}

extension ObjectSelection {
    /// The request for a list, or a page of it.
    func list(of resource: ResourceType, limit: Int?, continueToken: String?) -> APIRequest {
        var query = query
        if let limit { query.append(APIRequest.QueryItem("limit", String(limit))) }
        if let continueToken { query.append(APIRequest.QueryItem("continue", continueToken)) }
        return APIRequest(.get, resource.path(namespace: namespace), query: query)
    }
}
