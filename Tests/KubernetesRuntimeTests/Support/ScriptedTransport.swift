import FoundationEssentials
import KubernetesAPI
import Synchronization
import TestTiming

/// Answers each request as the test says, and remembers them.
final class ScriptedTransport: APITransport {
    /// How a stream ends after its chunks.
    enum Ending: Sendable {
        case eof
        case silence
        case failure(TransportError)
    }

    enum Answer: Sendable {
        case json(Int, String)
        case stream([String], Ending)
        case live(LiveBody)
        case failure(TransportError)
    }

    private struct State {
        var requests: [APIRequest] = []
        var observers: [(Int, Latch)] = []
    }

    private let state = Mutex(State())
    private let answer: @Sendable (APIRequest, Int) -> Answer

    /// - Parameter answer: gets the request and how many came before it.
    init(_ answer: @escaping @Sendable (APIRequest, Int) -> Answer) { self.answer = answer }

    /// Answers from a list; what comes after it is silence.
    convenience init(_ answers: [Answer]) {
        self.init { _, index in answers.indices.contains(index) ? answers[index] : .stream([], .silence) }
    }

    var requests: [APIRequest] { state.withLock { $0.requests } }

    /// Suspends until `count` requests have come, or the task is cancelled.
    func waitForRequests(_ count: Int) async {
        let latch = Latch()
        let isThere = state.withLock { state in
            if state.requests.count < count { state.observers.append((count, latch)) }
            return state.requests.count >= count
        }
        if !isThere { await latch.wait() }
    }

    private func next(_ request: APIRequest) -> Answer {
        let (index, observers) = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let ready = state.observers.filter { $0.0 <= count }.map(\.1)
            state.observers.removeAll { $0.0 <= count }
            return (count - 1, ready)
        }
        for observer in observers { observer.open() }
        return answer(request, index)
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        try Task.checkCancellation()
        switch next(request) {
        case .json(let status, let body):
            return APIResponse(status: status, headers: [:], body: Array(body.utf8))
        case .failure(let error): throw error
        case .stream, .live:
            let (never, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in never {}
            continuation.finish()
            throw CancellationError()
        }
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        switch next(request) {
        case .json(let status, let text):
            return try await body(
                APIResponseStream(status: status, headers: [:], body: ChunkedBody([text], .eof))
            )
        case .stream(let chunks, let ending):
            return try await body(APIResponseStream(status: 200, headers: [:], body: ChunkedBody(chunks, ending)))
        case .live(let live):
            return try await body(APIResponseStream(status: 200, headers: [:], body: live))
        case .failure(let error): throw error
        }
    }
}

/// A body of known chunks.
struct ChunkedBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error
    let chunks: [[UInt8]]
    let ending: ScriptedTransport.Ending

    init(_ chunks: [String], _ ending: ScriptedTransport.Ending) {
        self.chunks = chunks.map { Array($0.utf8) }
        self.ending = ending
    }

    func makeAsyncIterator() -> Iterator { Iterator(rest: chunks[...], ending: ending) }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        let ending: ScriptedTransport.Ending

        mutating func next() async throws -> [UInt8]? {
            try Task.checkCancellation()
            if let chunk = rest.popFirst() { return chunk }
            switch ending {
            case .eof: return nil
            case .failure(let error): throw error
            case .silence:
                let (never, continuation) = AsyncStream.makeStream(of: Never.self)
                for await _ in never {}
                continuation.finish()
                throw CancellationError()
            }
        }
    }
}

/// A body whose lines the test sends when it likes.
struct LiveBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error
    private let stream: AsyncThrowingStream<[UInt8], any Error>
    private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation

    init() { (stream, continuation) = AsyncThrowingStream.makeStream() }

    func send(_ text: String) { continuation.yield(Array(text.utf8)) }
    func finish() { continuation.finish() }

    func makeAsyncIterator() -> AsyncThrowingStream<[UInt8], any Error>.Iterator { stream.makeAsyncIterator() }
}
