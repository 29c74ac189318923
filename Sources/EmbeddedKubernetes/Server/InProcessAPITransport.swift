public import KubernetesAPI

/// A way into an ``EmbeddedCluster`` without a network: requests are served in the caller's task.
public struct InProcessAPITransport: APITransport {
    /// How long the transport waits, by the cluster's clock; `nil`: as long as it takes.
    public struct Limits: Sendable, Hashable {
        /// For the whole answer, and for the beginning of a stream, of a request that sets no limit.
        public var requestTimeout: Duration?
        /// For the next bytes of a stream.
        public var streamIdleTimeout: Duration?

        /// Creates limits.
        public init(requestTimeout: Duration? = nil, streamIdleTimeout: Duration? = nil) {
            self.requestTimeout = requestTimeout
            self.streamIdleTimeout = streamIdleTimeout
        }
    }

    private let cluster: EmbeddedCluster
    private let caller: Caller
    private let limits: Limits

    init(cluster: EmbeddedCluster, caller: Caller, limits: Limits) {
        self.cluster = cluster
        self.caller = caller
        self.limits = limits
    }

    /// Sends a request and collects the whole answer.
    ///
    /// A watch is collected until it ends.
    ///
    /// - Throws: `TransportError` when the connection fails or the answer takes too long; `CancellationError` when the
    ///   task was cancelled.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        try Task.checkCancellation()
        return try await limited(request) {
            switch try await cluster.exchange(request, from: caller(of: request)) {
            case .complete(let response): return response
            case .streamed(let answer):
                return try await follow(answer) {
                    var body: [UInt8] = []
                    for try await part in answer.body { body.append(contentsOf: part) }
                    return APIResponse(status: answer.status, headers: answer.headers, body: body)
                }
            }
        }
    }

    /// Sends a request whose answer is read as it arrives.
    ///
    /// A watch ends when `body` returns, when its timeout is over, and when the task is cancelled.
    ///
    /// - Throws: `TransportError` when the connection fails or nothing arrives in time; whatever `body` throws.
    public func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        let delivery = try await limited(request) {
            try await cluster.exchange(request, from: caller(of: request))
        }
        switch delivery {
        case .complete(let response):
            let (stream, queue) = AsyncThrowingStream<[UInt8], any Error>.makeStream(
                bufferingPolicy: .bufferingOldest(1)
            )
            queue.yield(response.body)
            queue.finish()
            return try await body(APIResponseStream(status: response.status, headers: response.headers, body: stream))
        case .streamed(let answer):
            return try await follow(answer) {
                try await body(
                    APIResponseStream(status: answer.status, headers: answer.headers, body: answer.body)
                )
            }
        }
    }

    /// Gives up on an answer that takes longer than the request allows.
    private func limited<Result: Sendable>(
        _ request: APIRequest,
        _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let limit = request.timeout ?? limits.requestTimeout else { return try await operation() }
        let clock = cluster.clock
        return try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await clock.sleep(for: limit)
                throw TransportError(.timedOut, "The embedded API server did not answer within \(limit).")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    /// Runs `body` beside the timekeepers of a stream, and ends the stream after it.
    private func follow<Result: Sendable>(
        _ answer: StreamedAnswer,
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await withThrowingTaskGroup(of: Void.self) { group in
                if let session = answer.session { group.addTask { await cluster.keepTime(of: session) } }
                if let limit = limits.streamIdleTimeout {
                    group.addTask { await Self.watchSilence(of: answer.stream, limit, cluster.clock) }
                }
                defer { group.cancelAll() }
                return try await body()
            }
            await cluster.close(answer)
            return result
        } catch {
            await cluster.close(answer)
            throw error
        }
    }

    /// Breaks a stream whose reader has waited too long.
    private static func watchSilence(of stream: AnswerStream, _ limit: Duration, _ clock: ClusterClock) async {
        while true {
            let start = stream.waitsSince ?? clock.now
            if clock.now >= start + limit {
                return stream.fail(TransportError(.timedOut, "The embedded API server was silent for \(limit)."))
            }
            do { try await clock.sleep(until: start + limit) } catch { return }
        }
    }

    private func caller(of request: APIRequest) -> Caller {
        var caller = caller
        caller.userAgent = request.headers["user-agent"] ?? caller.userAgent
        return caller
    }
}
