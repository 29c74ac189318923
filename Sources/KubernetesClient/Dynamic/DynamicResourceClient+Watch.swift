public import KubernetesAPI

extension DynamicResourceClient {
    /// Watches objects until the stream ends or `receive` says `stop`.
    ///
    /// As ``CollectionReader/watch(_:options:opened:receive:)``: the connection is not read while `receive` runs, and
    /// cancelling the task closes it. An object that is deleted comes as it last was.
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
        receive: @escaping @Sendable (WatchNotification<UnstructuredObject>) async throws -> WatchContinuation
    ) async throws {
        let reader = CollectionReader(client, ObjectReader(resource, representation))
        try await reader.watch(selection, options: options, opened: opened) { notification in
            try await receive(notification.map(\.value))
        }
    }
}
