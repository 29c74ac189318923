import FoundationEssentials
import KubernetesAPI
import Synchronization
import TestTiming

/// An API server that knows one Lease, with optimistic locking, and writes down who changed it.
final class LeaseServer: APITransport {
    private struct State {
        var lease: Lease?
        var version = 0
        var holders: [String] = []
        var observers: [(@Sendable (Lease?) -> Bool, Latch)] = []
        var unreachable: Set<String> = []
        var isSilent = false
        var onWrite: (@Sendable (Int) -> Void)?
        /// What the next write waits for, after it has opened the first.
        var slowWrite: (arrived: Latch, mayPass: Latch)?
        var abandoned: [APIRequest] = []
    }

    private let state = Mutex(State())

    var lease: Lease? { state.withLock { $0.lease } }
    /// The holder after each write.
    var holders: [String] { state.withLock { $0.holders } }

    /// Requests whose `User-Agent` begins with `agent` are lost from here on.
    func cutOff(_ agent: String) { state.withLock { _ = $0.unreachable.insert(agent) } }

    /// No request is answered from here on.
    func setSilent(_ isSilent: Bool) { state.withLock { $0.isSilent = isSilent } }

    /// Tells how many writes there were, after each.
    func onWrite(_ tell: @escaping @Sendable (Int) -> Void) { state.withLock { $0.onWrite = tell } }

    /// Holds up the next write from when it arrives until it may pass.
    func holdNextWrite(arrived: Latch, mayPass: Latch) { state.withLock { $0.slowWrite = (arrived, mayPass) } }

    /// Carries out what was given up while it was held up, as a server does that had received it all the same.
    func carryOutAbandoned() {
        state.withLock { state in
            for request in state.abandoned { _ = try? Self.answer(request, &state) }
            state.abandoned = []
        }
    }

    /// Requests of `agent` arrive again.
    func reconnect(_ agent: String) { state.withLock { _ = $0.unreachable.remove(agent) } }

    /// Changes the Lease past everybody, as with `kubectl edit`; `nil` deletes it.
    func edit(_ change: (inout Lease?) -> Void) {
        state.withLock { state in
            change(&state.lease)
            state.version += 1
            state.lease?.metadata.resourceVersion = String(state.version)
        }
    }

    /// Suspends until the Lease satisfies `condition`.
    func wait(_ condition: @escaping @Sendable (Lease?) -> Bool) async {
        let latch = Latch()
        let isThere = state.withLock { state in
            let isThere = condition(state.lease)
            if !isThere { state.observers.append((condition, latch)) }
            return isThere
        }
        if !isThere { await latch.wait() }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        try Task.checkCancellation()
        let agent = request.headers["user-agent"]?.prefix { $0 != "/" } ?? ""
        if state.withLock({ $0.unreachable.contains(String(agent)) }) {
            throw TransportError(.unreachable, "cut off")
        }
        if state.withLock(\.isSilent) {
            try await Latch().waitOrCancel()
            throw CancellationError()
        }
        if request.method != .get { try await passSlowly(request) }
        let (response, observers) = try state.withLock { state in
            let response = try Self.answer(request, &state)
            let lease = state.lease
            let ready = state.observers.filter { $0.0(lease) }.map(\.1)
            state.observers.removeAll { $0.0(lease) }
            return (response, ready)
        }
        for observer in observers { observer.open() }
        let (tell, count) = state.withLock { ($0.onWrite, $0.holders.count) }
        if request.method != .get { tell?(count) }
        return response
    }

    private func passSlowly(_ request: APIRequest) async throws {
        let slow = state.withLock { state in
            defer { state.slowWrite = nil }
            return state.slowWrite
        }
        guard let slow else { return }
        slow.arrived.open()
        do {
            try await slow.mayPass.waitOrCancel()
        } catch {
            state.withLock { $0.abandoned.append(request) }
            throw error
        }
    }

    private static func answer(_ request: APIRequest, _ state: inout State) throws -> APIResponse {
        func status(_ code: Int, _ reason: String) -> APIResponse {
            APIResponse(status: code, body: Array(WidgetJSON.status(code, reason).utf8))
        }
        switch request.method {
        case .get:
            guard let lease = state.lease else { return status(404, "NotFound") }
            return APIResponse(status: 200, body: Array(try JSONEncoder().encode(lease)))
        case .post where state.lease != nil:
            return status(409, "AlreadyExists")
        case .post, .put:
            var lease = try JSONDecoder().decode(Lease.self, from: Data(request.body ?? []))
            if request.method == .put, lease.metadata.resourceVersion != state.lease?.metadata.resourceVersion {
                return status(409, "Conflict")
            }
            state.version += 1
            lease.metadata.resourceVersion = String(state.version)
            state.lease = lease
            state.holders.append(lease.spec?.holderIdentity ?? "")
            return APIResponse(status: 200, body: Array(try JSONEncoder().encode(lease)))
        default:
            return status(405, "MethodNotAllowed")
        }
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        throw TransportError(.unreachable, "there is no watch here")
    }
}
