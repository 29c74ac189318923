internal import KubernetesAPI

/// Whether a watcher wants to go on.
public enum WatchContinuation: Sendable, Hashable {
    /// Read the next line.
    case proceed
    /// Close the stream.
    case stop
}

extension ResourceClient {
    /// Watches objects until the stream ends or `receive` says `stop`.
    ///
    /// As ``CollectionReader/watch(_:options:opened:receive:)``, with whole objects.
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
        receive: @escaping @Sendable (WatchNotification<Object>) async throws -> WatchContinuation
    ) async throws {
        try await CollectionReader(client, .whole).watch(selection, options: options, opened: opened) { notification in
            try await receive(notification.map(\.value))
        }
    }
}
