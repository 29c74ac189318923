import KubernetesAPI
import Synchronization

/// Answers requests from a list, and remembers them.
final class FakeTransport: APITransport {
    enum Answer: Sendable {
        case answer(Int, String, [String: String] = [:])
        case bytes(Int, [UInt8], [String: String] = [:])
        case failure(TransportError)
    }

    private struct State {
        var answers: [Answer]
        var requests: [APIRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: [Answer]) { state = Mutex(State(answers: answers)) }

    var requests: [APIRequest] { state.withLock { $0.requests } }

    private func next(_ request: APIRequest) throws -> APIResponse {
        let answer = state.withLock { state -> Answer? in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        switch answer {
        case .answer(let status, let body, let headers):
            return APIResponse(status: status, headers: headers, body: Array(body.utf8))
        case .bytes(let status, let body, let headers):
            return APIResponse(status: status, headers: headers, body: body)
        case .failure(let error): throw error
        case nil: throw TransportError(.unreachable, "the test expected no more requests")
        }
    }

    func send(_ request: APIRequest) async throws -> APIResponse { try next(request) }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        let response = try next(request)
        return try await body(
            APIResponseStream(status: response.status, headers: response.headers, body: Bytes(chunks: [response.body]))
        )
    }

    struct Bytes: AsyncSequence, Sendable {
        typealias Element = [UInt8]
        typealias Failure = any Error
        let chunks: [[UInt8]]
        func makeAsyncIterator() -> Iterator { Iterator(rest: chunks[...]) }

        struct Iterator: AsyncIteratorProtocol {
            var rest: ArraySlice<[UInt8]>
            mutating func next() async throws -> [UInt8]? { rest.popFirst() }
        }
    }
}

/// A clock on which nobody waits: a sleep moves it on and is written down.
final class JumpingClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let state = Mutex<(now: Duration, sleeps: [Duration])>((.zero, []))

    var now: Instant { Instant(offset: state.withLock { $0.now }) }
    var minimumResolution: Duration { .nanoseconds(1) }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func advance(by duration: Duration) { state.withLock { $0.now += duration } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.sleeps.append(deadline.offset - state.now)
            state.now = max(state.now, deadline.offset)
        }
    }
}
