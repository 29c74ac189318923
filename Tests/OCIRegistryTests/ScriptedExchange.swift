import OCIRegistry
import OutboundHTTP
import Synchronization

/// A network whose other end is a closure, and which writes down what is sent.
final class ScriptedExchange: HTTPExchange {
    typealias Answer = @Sendable (OutboundRequest) async throws(OutboundError) -> OutboundResponse

    private let state: Mutex<(answer: Answer, sent: [OutboundRequest], present: Int, most: Int)>

    init(_ answer: @escaping Answer) { state = Mutex((answer, [], 0, 0)) }

    /// Everything that was sent, in order.
    var sent: [OutboundRequest] { state.withLock { $0.sent } }

    /// The most requests that were under way at the same time.
    var most: Int { state.withLock { $0.most } }

    /// Answers otherwise from here on.
    func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        let answer = state.withLock { state in
            state.sent.append(request)
            state.present += 1
            state.most = max(state.most, state.present)
            return state.answer
        }
        defer { state.withLock { $0.present -= 1 } }
        return try await answer(request)
    }

    func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        throw OutboundError(.unreachable, "nothing is streamed here")
    }
}
