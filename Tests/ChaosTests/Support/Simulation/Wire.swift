import KubernetesAPI
import Synchronization

/// The wire between a simulated process and the cluster.
///
/// What was sent travels on when its sender is stopped, dies or loses patience: the server acts on it all the same, as a
/// real one does on what is in its sockets. The server's part therefore runs in a lane of its own.
final class Wire: APITransport {
    private struct State {
        var isCut = false
        var streams: [Int: Task<Void, Never>] = [:]
        var nextID = 0
        var answers: [Answer: Int] = [:]
    }

    /// What answers have in common that a client counts as the same.
    struct Answer: Hashable, Sendable {
        var method: APIRequest.Method
        var status: Int
    }

    private let simulation: Simulation
    private let server: Lane
    private let base: any APITransport
    private let latency: ClosedRange<Int>
    private let timeout: Duration
    private let committed: @Sendable (APIRequest, APIResponse) -> Void
    private let state = Mutex(State())

    /// Creates a wire.
    ///
    /// - Parameters:
    ///   - simulation: the world.
    ///   - server: the lane in which requests are served.
    ///   - base: the way into the cluster.
    ///   - latency: how long each way takes, in microseconds.
    ///   - timeout: how long a request may take that sets no limit.
    ///   - committed: is told of each answer as soon as the server has it, before it travels.
    init(
        _ simulation: Simulation,
        server: Lane,
        to base: any APITransport,
        latency: ClosedRange<Int> = 200...3000,
        timeout: Duration = .seconds(60),
        committed: @escaping @Sendable (APIRequest, APIResponse) -> Void = { _, _ in }
    ) {
        self.simulation = simulation
        self.server = server
        self.base = base
        self.latency = latency
        self.timeout = timeout
        self.committed = committed
    }

    /// Ends it, as the death of the process does: nothing is sent any more, and open watches end.
    func cut() {
        let streams = state.withLock { state in
            state.isCut = true
            return Array(state.streams.values)
        }
        for stream in streams { stream.cancel() }
    }

    private var isCut: Bool { state.withLock(\.isCut) }

    /// The answers that reached the process, or their beginnings where they are streams.
    var answers: [Answer: Int] { state.withLock(\.answers) }

    private func count(_ status: Int, to request: APIRequest) {
        state.withLock { $0.answers[Answer(method: request.method, status: status), default: 0] += 1 }
    }

    private func travel() async throws {
        let delay = simulation.draw { Int.random(in: latency, using: &$0) }
        try await simulation.sleep(for: .microseconds(delay))
    }

    private func limit<Value>(_ exchange: Exchange<Value>, _ timeout: Duration) -> Task<Void, Never> {
        let simulation = self.simulation
        return Task(executorPreference: server) {
            guard (try? await simulation.sleep(for: timeout)) != nil else { return }
            exchange.finish(.failure(TransportError(.timedOut, "no answer within \(timeout)")))
        }
    }

    // MARK: - APITransport

    func send(_ request: APIRequest) async throws -> APIResponse {
        try Task.checkCancellation()
        guard !isCut else { throw TransportError(.unreachable, "the process is dead") }
        let exchange = Exchange<APIResponse>()
        _ = Task(executorPreference: server) {
            do {
                try await self.travel()
                let response = try await self.base.send(request)
                self.committed(request, response)
                try await self.travel()
                exchange.finish(.success(response))
            } catch {
                exchange.finish(.failure(error))
            }
        }
        let limit = limit(exchange, request.timeout ?? timeout)
        defer { limit.cancel() }
        let response = try await exchange.value()
        count(response.status, to: request)
        return response
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        guard !isCut else { throw TransportError(.unreachable, "the process is dead") }
        let (chunks, feed) = AsyncThrowingStream<[UInt8], any Error>.makeStream(bufferingPolicy: .unbounded)
        let head = Exchange<APIResponseStream>()
        let reader = Task(executorPreference: server) {
            do {
                try await self.travel()
                try await self.base.stream(request) { answer in
                    try await self.travel()
                    head.finish(
                        .success(
                            APIResponseStream(
                                status: answer.status,
                                headers: answer.headers,
                                body: WireBody(chunks: chunks)
                            )
                        )
                    )
                    for try await chunk in answer.body {
                        try await self.travel()
                        feed.yield(chunk)
                    }
                }
                feed.finish()
            } catch {
                let lost = error is TransportError ? error : TransportError(.connectionLost, "\(error)")
                feed.finish(throwing: lost)
                head.finish(.failure(lost))
            }
        }
        let id = state.withLock { state in
            state.nextID += 1
            state.streams[state.nextID] = reader
            return state.nextID
        }
        defer {
            reader.cancel()
            state.withLock { $0.streams[id] = nil }
        }
        let limit = limit(head, request.timeout ?? timeout)
        defer { limit.cancel() }
        let answer = try await head.value()
        count(answer.status, to: request)
        return try await body(answer)
    }
}

/// A body as it comes off the wire; a cancelled reader gets `CancellationError`, not a silent end.
private struct WireBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let chunks: AsyncThrowingStream<[UInt8], any Error>

    struct Iterator: AsyncIteratorProtocol {
        var chunks: AsyncThrowingStream<[UInt8], any Error>.Iterator

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            let chunk = try await chunks.next(isolation: actor)
            if chunk == nil { try Task.checkCancellation() }
            return chunk
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(chunks: chunks.makeAsyncIterator()) }
}
