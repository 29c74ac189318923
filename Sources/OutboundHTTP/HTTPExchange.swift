/// A way to send HTTP requests to other machines.
///
/// Each request is sent once: retries, redirects and authentication are the caller's. Implementations keep no
/// reference to a request after its exchange ended.
public protocol HTTPExchange: Sendable {
    /// Sends a request and collects the whole answer.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - limit: the largest accepted body.
    /// - Returns: the answer, whatever its status.
    /// - Throws: ``OutboundError``; cancellation of the task has the code `cancelled`.
    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse

    /// Sends a request whose answer is read as it arrives, as a watch is.
    ///
    /// `body` runs in a child task. The connection is released when it returns or throws, whether or not the answer was
    /// read to its end; cancelling the task, or a time limit that passes, ends the stream promptly.
    ///
    /// - Throws: ``OutboundError`` when the connection fails before or during the answer; whatever `body` throws.
    func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result
}
