public import KubernetesAPI

/// A way into an ``EmbeddedCluster`` without a network: requests are served in the caller's task.
public struct InProcessAPITransport: APITransport {
    private let cluster: EmbeddedCluster
    private let userAgent: String
    private let user: ClusterUser?

    init(cluster: EmbeddedCluster, userAgent: String, user: ClusterUser?) {
        self.cluster = cluster
        self.userAgent = userAgent
        self.user = user
    }

    /// Sends a request and collects the whole answer.
    ///
    /// A watch is collected until it ends.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        try Task.checkCancellation()
        switch try await cluster.respond(to: request, userAgent: agent(request), as: user) {
        case .complete(let response): return response
        case .watch(let session, let headers):
            var body: [UInt8] = []
            try await follow(session) {
                for await event in session.events { body.append(contentsOf: event) }
            }
            try Task.checkCancellation()
            return APIResponse(status: 200, headers: headers, body: body)
        }
    }

    /// Sends a request whose answer is read as it arrives.
    ///
    /// A watch ends when `body` returns, when its timeout is over, and when the task is cancelled.
    public func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        switch try await cluster.respond(to: request, userAgent: agent(request), as: user) {
        case .complete(let response):
            let (stream, queue) = AsyncThrowingStream<[UInt8], any Error>.makeStream(
                bufferingPolicy: .bufferingOldest(1)
            )
            queue.yield(response.body)
            queue.finish()
            return try await body(APIResponseStream(status: response.status, headers: response.headers, body: stream))
        case .watch(let session, let headers):
            return try await follow(session) {
                let events = WatchBody(events: session.events)
                return try await body(APIResponseStream(status: 200, headers: headers, body: events))
            }
        }
    }

    /// Runs `body` beside the watch's timekeeper, and ends the watch after it.
    private func follow<Result: Sendable>(
        _ session: WatchSession,
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await cluster.keepTime(of: session) }
                defer { group.cancelAll() }
                return try await body()
            }
            await cluster.endWatch(session.id)
            return result
        } catch {
            await cluster.endWatch(session.id)
            throw error
        }
    }

    private func agent(_ request: APIRequest) -> String { request.headers["user-agent"] ?? userAgent }
}

/// A watch's events as a body; a cancelled reader gets `CancellationError`, not a silent end.
struct WatchBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let events: WatchEvents

    struct Iterator: AsyncIteratorProtocol {
        var events: WatchEvents.Iterator

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            let event = await events.next()
            if event == nil { try Task.checkCancellation() }
            return event
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(events: events.makeAsyncIterator()) }
}
