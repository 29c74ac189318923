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
        receive: @escaping @Sendable (WatchNotification<Object>) async throws -> WatchContinuation
    ) async throws {
        let request = APIRequest(
            .get,
            Object.resource.path(namespace: selection.namespace),
            query: selection.query + options.query
        )
        try await client.stream(request) { stream in
            try await opened()
            var decoder = WatchDecoder(maximumLineBytes: options.maximumLineBytes)
            for try await chunk in stream.body {
                let lines: [[UInt8]]
                do {
                    lines = try decoder.decode(chunk)
                } catch {
                    throw APIError(.malformedResponse, httpStatus: 500, message: "GET \(request.path): \(error)")
                }
                for line in lines {
                    if try await receive(try WatchNotification(line: line)) == .stop { return }
                }
            }
        }
    }
}
