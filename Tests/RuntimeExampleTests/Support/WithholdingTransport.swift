import KubernetesAPI
import Synchronization

/// Passes everything on, counts writes, and holds back what watches of one resource receive for as long as it is told
/// to.
final class WithholdingTransport: APITransport {
    private struct State {
        var isWithholding = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var writes: [String] = []
    }

    private let base: any APITransport
    private let plural: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - base: where requests go.
    ///   - plural: the resource whose watches are held back and whose writes are counted.
    init(_ base: any APITransport, resource plural: String) {
        self.base = base
        self.plural = plural
    }

    /// The methods of the writes to the resource that succeeded, in order.
    var writes: [String] { state.withLock { $0.writes } }

    func withhold() { state.withLock { $0.isWithholding = true } }

    func release() {
        let waiters = state.withLock { state in
            state.isWithholding = false
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let response = try await base.send(request)
        if request.method != .get, request.path.contains("/\(plural)"), response.status < 300 {
            state.withLock { $0.writes.append(request.method.rawValue) }
        }
        return response
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        guard request.path.hasSuffix("/\(plural)") else { return try await base.stream(request, body) }
        return try await base.stream(request) { response in
            let held = HeldBody(base: response.body) { await self.pass() }
            return try await body(APIResponseStream(status: response.status, headers: response.headers, body: held))
        }
    }

    /// Suspends while withholding; a cancelled watch ends it for all, so that a test that failed comes to its end.
    private func pass() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if state.isWithholding { state.waiters.append(continuation) }
                    return !state.isWithholding
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            release()
        }
    }
}

/// A body whose chunks have to pass.
private struct HeldBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error
    let base: any AsyncSequence<[UInt8], any Error> & Sendable
    let pass: @Sendable () async -> Void

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), pass: pass) }

    struct Iterator: AsyncIteratorProtocol {
        var base: any AsyncIteratorProtocol<[UInt8], any Error>
        let pass: @Sendable () async -> Void

        mutating func next() async throws -> [UInt8]? { try await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            let chunk = try await base.next(isolation: actor)
            await pass()
            return chunk
        }
    }
}
