import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Leader elector", .timeLimit(.minutes(1)))
struct LeaderElectorTests {
    private static let key = ObjectKey(namespace: "operators", name: "example")

    private func elector(
        _ identity: String,
        _ server: LeaseServer,
        _ clock: ManualClock,
        lost: @escaping @Sendable () -> Void = {},
        whileLeading: @escaping @Sendable () async throws -> Void
    ) throws -> LeaderElector {
        LeaderElector(
            client: APIClient(transport: server, userAgent: "\(identity)/1"),
            lease: Self.key,
            configuration: try LeaderElectionConfiguration(identity: identity),
            clock: clock,
            wallClock: { Date(timeIntervalSince1970: 1_700_000_000) },
            seed: 1,
            leadershipLost: lost,
            whileLeading: whileLeading
        )
    }

    /// Moves the clock from sleeper to sleeper until `isDone`.
    private func drive(_ clock: ManualClock, until signal: Latch) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled, !signal.isOpen {
                    clock.advance(by: .milliseconds(100))
                    await Task.yield()
                }
            }
            await signal.wait()
            group.cancelAll()
        }
    }

    @Test("leads when nobody does, keeps the lease, and gives it back when its work ends")
    func leadsAndReleases() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let elector = try elector("a", server, clock) {
            await server.wait { $0?.metadata.resourceVersion == "4" }
        }
        let ended = Latch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await elector.run()
                ended.open()
            }
            await drive(clock, until: ended)
            try await group.waitForAll()
        }
        #expect(server.holders == ["a", "a", "a", "a", ""])
        #expect(server.lease?.spec?.leaseDurationSeconds == 1)
        #expect(!elector.isLeading)
    }

    @Test("gives the lease back when cancelled, and another takes it")
    func cancellation() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let leading = Latch()
        let first = try elector("a", server, clock) {
            leading.open()
            try await Latch().waitOrCancel()
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await first.run() }
            await leading.wait()
            #expect(first.isLeading)
            group.cancelAll()
            while let result = await group.nextResult() {
                #expect(throws: CancellationError.self) { try result.get() }
            }
        }
        #expect(server.holders.last == "")
        let second = Latch()
        let other = try elector("b", server, clock) { second.open() }
        try await other.run()
        #expect(second.isOpen)
    }

    @Test("when the lease cannot be renewed the gate closes by time, the work is cancelled, and the run fails")
    func loss() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let leading = Latch()
        let lost = Latch()
        let wasCancelled = Latch()
        let elector = try elector("a", server, clock, lost: { lost.open() }) {
            leading.open()
            do {
                try await Latch().waitOrCancel()
            } catch {
                wasCancelled.open()
                throw error
            }
        }
        let gated = LeadershipGatedTransport(server, gate: elector.gate)
        let write = APIRequest(.delete, "/api/v1/namespaces/shop/pods/a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await elector.run() }
            await leading.wait()
            _ = try await gated.send(write)
            server.cutOff("a")
            let ended = Latch()
            group.addTask { await self.drive(clock, until: ended) }
            await lost.wait()
            #expect(!elector.isLeading)
            await #expect(throws: LeaderElectionError.self) { _ = try await gated.send(write) }
            _ = try await gated.send(APIRequest(.get, "/api/v1/pods"))
            await wasCancelled.wait()
            ended.open()
            var failure: (any Error)?
            while let result = await group.nextResult() {
                if case .failure(let error) = result { failure = error }
            }
            #expect((failure as? LeaderElectionError)?.code == .leadershipLost)
        }
        #expect(server.holders.allSatisfy { $0 == "a" })
    }

    @Test("a suspended leader finds its gate closed the moment it wakes, before anything ran")
    func suspension() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let leading = Latch()
        let checked = Latch()
        let elector = try elector("a", server, clock) {
            leading.open()
            await checked.wait()
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await elector.run() }
            await leading.wait()
            #expect(elector.gate.allowsWrites)
            clock.advance(by: .seconds(20))
            #expect(!elector.gate.allowsWrites)
            checked.open()
            group.cancelAll()
        }
    }

    @Test("without an election every write is let through")
    func alwaysOpen() throws {
        let gate = LeadershipGate.alwaysOpen()
        #expect(gate.allowsWrites)
        try gate.requireWrites()
    }
}
