import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Synchronization
import TestTiming
import Testing

/// What becomes of writes while leadership comes and goes, seen through an elector.
@Suite("Leadership gate", .timeLimit(.minutes(5)))
struct LeadershipGateTests {
    /// A leader, and a cluster in which writes hang until they are answered.
    private final class Scene: Sendable {
        let server = LeaseServer()
        let clock = ManualClock()
        let isLeading = Latch()
        /// Opened when the leader's work is to end.
        let isOver = Latch()
        /// Opened when the elector has ended.
        let hasEnded = Latch()
        let hanging = HangingTransport()
        let elector: LeaderElector
        let isLost: Latch

        init() throws {
            let (isLeading, isOver) = (self.isLeading, self.isOver)
            let isLost = Latch()
            self.isLost = isLost
            elector = LeaderElector(
                client: APIClient(transport: server, userAgent: "a/1"),
                lease: ObjectKey(namespace: "operators", name: "example"),
                configuration: try LeaderElectionConfiguration(identity: "a"),
                clock: clock,
                wallClock: { Date(timeIntervalSince1970: 1_700_000_000) },
                seed: 1,
                leadershipLost: { isLost.open() },
                whileLeading: {
                    isLeading.open()
                    try await isOver.waitOrCancel()
                }
            )
        }

        var gated: LeadershipGatedTransport { LeadershipGatedTransport(hanging, gate: elector.gate) }

        /// Moves time on until the elector has given up, wherever it was when time was moved last.
        func advanceUntilLost() async {
            while !isLost.isOpen, !Task.isCancelled {
                clock.advance(by: .milliseconds(1))
                await Task.yield()
            }
        }

        /// Runs the elector beside `body`.
        func run(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try? await self.elector.run()
                    self.hasEnded.open()
                }
                group.addTask {
                    await self.isLeading.wait()
                    // The next renewal, and the closing of the gate.
                    await self.clock.waitForSleepers { $0.contains(.seconds(2)) && $0.contains(.seconds(10)) }
                    try await body(self)
                    throw CancellationError()
                }
                do {
                    while try await group.next() != nil {}
                } catch is CancellationError {}
                group.cancelAll()
            }
        }
    }

    private static let write = APIRequest(.patch, "/apis/example.dev/v1/namespaces/shop/widgets/w")

    @Test("a write under way is abandoned the moment the gate closes, before the lease is given up")
    func abandonedWrite() async throws {
        let scene = try Scene()
        try await scene.run { scene in
            // The lease was claimed at 0 s, and nothing about it succeeds from here on.
            scene.server.cutOff("a")
            async let outcome = Self.code { _ = try await scene.gated.send(Self.write) }
            await scene.hanging.waitForRequest()
            scene.clock.advance(to: .milliseconds(9999))
            #expect(scene.elector.isLeading && !scene.hanging.wasCancelled.isOpen)
            scene.clock.advance(to: .seconds(10))
            #expect(!scene.elector.isLeading && scene.elector.gate.term == nil)
            await scene.hanging.wasCancelled.wait()
            #expect(await outcome == .notLeading)
            scene.clock.advance(to: .milliseconds(11_999))
            #expect(!scene.isLost.isOpen)
            #expect(scene.elector.standing == "leading, but the lease is not being renewed")
            scene.clock.advance(to: .seconds(12))
            await scene.advanceUntilLost()
        }
    }

    @Test("a gate whose time has passed lets nothing through, even before anything in the process could close it")
    func expired() async throws {
        let scene = try Scene()
        try await scene.run { scene in
            // As after SIGSTOP: the time has passed, and no task has run since.
            scene.clock.jump(to: .seconds(11))
            #expect(throws: LeaderElectionError.self) { try scene.elector.gate.requireWrites() }
            #expect(await Self.code { _ = try await scene.gated.send(Self.write) } == .notLeading)
        }
    }

    @Test("a write that waited for a connection while the process was stopped is held back when it has one")
    func stoppedWhileWaiting() async throws {
        let scene = try Scene()
        try await scene.run { scene in
            let queueing = QueueingTransport()
            let gated = LeadershipGatedTransport(queueing, gate: scene.elector.gate)
            async let outcome = Self.code { _ = try await gated.send(Self.write) }
            await queueing.isQueued.wait()
            // Nothing in the process has noticed the time yet: the connection is found first.
            scene.clock.jump(to: .seconds(15))
            queueing.hasConnection.open()
            #expect(await outcome == .notLeading)
            #expect(queueing.sent.withLock(\.self) == 0)
        }
    }

    @Test("a write that waited for a connection is sent while the process leads")
    func sentAfterWaiting() async throws {
        let scene = try Scene()
        try await scene.run { scene in
            let queueing = QueueingTransport()
            let gated = LeadershipGatedTransport(queueing, gate: scene.elector.gate)
            async let outcome = Self.code { _ = try await gated.send(Self.write) }
            await queueing.isQueued.wait()
            queueing.hasConnection.open()
            #expect(await outcome == nil)
            #expect(queueing.sent.withLock(\.self) == 1)
        }
    }

    @Test("when the lease is renewed in the last moment the gate opens again, in the same term")
    func reopened() async throws {
        let scene = try Scene()
        try await scene.run { scene in
            #expect(scene.elector.gate.term == 0)
            scene.server.cutOff("a")
            scene.clock.advance(to: .milliseconds(10_500))
            #expect(!scene.elector.isLeading)
            // The next try is halfway to giving up at 12 s; the requests that failed had until 11.5 s and 12 s.
            await scene.clock.waitForSleepers { $0.contains(.milliseconds(11_250)) }
            await #expect(throws: LeaderElectionError.self) { _ = try await scene.gated.send(Self.write) }
            scene.server.reconnect("a")
            scene.clock.advance(to: .milliseconds(11_900))
            while !scene.elector.isLeading, !scene.isLost.isOpen, !Task.isCancelled { await Task.yield() }
            #expect(scene.elector.gate.term == 0 && !scene.isLost.isOpen)
        }
    }

    @Test("a write that is answered in time is returned, and its failure thrown as it is")
    func answered() async throws {
        let scene = try Scene()
        try await scene.run { scene in
            async let response = scene.gated.send(Self.write)
            await scene.hanging.waitForRequest()
            scene.hanging.answer(.success(APIResponse(status: 201, headers: [:], body: [])))
            let status = try await response.status
            #expect(status == 201)
            async let failure = Self.code { _ = try await scene.gated.send(Self.write) }
            await scene.hanging.waitForRequest()
            scene.hanging.answer(.failure(LeaderElectionError(.leadershipLost, "as it is")))
            #expect(await failure == .leadershipLost)
        }
    }

    @Test("a lease is given back after writes that were answered, and runs out after one whose outcome is unknown")
    func writesInDoubt() async throws {
        let response = APIResponse(status: 201, headers: [:], body: [])
        let failures: [(Result<APIResponse, any Error>?, isGivenBack: Bool)] = [
            (.success(response), true), (.failure(TransportError(.unreachable, "refused")), true),
            (.failure(TransportError(.connectionLost, "reset")), false),
            (.failure(TransportError(.timedOut, "late")), false),
            (.failure(TransportError(.malformedResponse, "half an answer")), false),
            (.success(APIResponse(status: 502)), false), (.success(APIResponse(status: 504)), false),
            (.success(APIResponse(status: 500)), true),
            (nil, false),
        ]
        for (answer, isGivenBack) in failures {
            let scene = try Scene()
            try await scene.run { scene in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try? await scene.gated.send(Self.write) }
                    await scene.hanging.waitForRequest()
                    if let answer { scene.hanging.answer(answer) } else { group.cancelAll() }
                }
                scene.isOver.open()
                await scene.hasEnded.wait()
            }
            #expect(scene.server.holders.last == (isGivenBack ? "" : "a"), "\(String(describing: answer))")
        }
    }

    @Test("without an election every write is let through, in term 0")
    func alwaysOpen() async throws {
        let gate = LeadershipGate.alwaysOpen()
        #expect(gate.allowsWrites && gate.term == 0)
        try gate.requireWrites()
        let result = try await gate.whileOpen { 7 }
        #expect(result == 7)
    }

    private static func code(_ body: () async throws -> Void) async -> LeaderElectionError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? LeaderElectionError)?.code
        }
    }
}

/// Asks for the permission when it is told that there is a connection.
private final class QueueingTransport: APITransport {
    let isQueued = Latch()
    let hasConnection = Latch()
    let sent = Mutex(0)

    func send(_ request: APIRequest) async throws -> APIResponse {
        sent.withLock { $0 += 1 }
        return APIResponse(status: 200)
    }

    func send(
        _ request: APIRequest,
        while isPermitted: @escaping @Sendable () -> Bool
    ) async throws -> APIResponse {
        isQueued.open()
        // Not cancellable: what a stopped process finds when it goes on has not been cancelled yet.
        await hasConnection.wait()
        guard isPermitted() else { throw TransportError(.withheld, "held back") }
        return try await send(request)
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        throw TransportError(.unreachable, "there is no watch here")
    }
}

/// Requests hang until they are answered or cancelled.
private final class HangingTransport: APITransport {
    private let waiting = Mutex<[CheckedContinuation<APIResponse, any Error>]>([])
    private let arrivals = Mutex(Latch())
    let wasCancelled = Latch()

    func waitForRequest() async {
        let latch = arrivals.withLock(\.self)
        await latch.wait()
        arrivals.withLock { $0 = Latch() }
    }

    func answer(_ result: Result<APIResponse, any Error>) {
        let next = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        next?.resume(with: result)
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting.withLock { $0.append(continuation) }
                arrivals.withLock(\.self).open()
            }
        } onCancel: {
            wasCancelled.open()
            answer(.failure(CancellationError()))
        }
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        throw TransportError(.unreachable, "there is no watch here")
    }
}
