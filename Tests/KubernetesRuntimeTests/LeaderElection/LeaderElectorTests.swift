import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import MetricsTestKit
import ServiceLifecycle
import Synchronization
import TestTiming
import Testing

@Suite("Leader elector", .timeLimit(.minutes(5)))
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

    @Test("leads when nobody does, keeps the lease, and gives it back when its work ends")
    func leadsAndReleases() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let elector = try elector("a", server, clock) {
            await server.wait { $0?.metadata.resourceVersion == "4" }
        }
        let ended = Latch()
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { ended.open() }
                    try await elector.run()
                }
                await ended.wait()
                try await group.waitForAll()
            }
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
        try await VirtualTime(clock: clock).run {
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await first.run() }
                await leading.wait()
                #expect(first.isLeading)
                group.cancelAll()
                while let result = await group.nextResult() {
                    #expect(throws: CancellationError.self) { try result.get() }
                }
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
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector.run() }
                await leading.wait()
                _ = try await gated.send(write)
                server.cutOff("a")
                await lost.wait()
                #expect(!elector.isLeading)
                await #expect(throws: LeaderElectionError.self) { _ = try await gated.send(write) }
                _ = try await gated.send(APIRequest(.get, "/api/v1/pods"))
                await wasCancelled.wait()
                var failure: (any Error)?
                while let result = await group.nextResult() {
                    if case .failure(let error) = result { failure = error }
                }
                #expect((failure as? LeaderElectionError)?.code == .leadershipLost)
            }
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

    @Test("a graceful shut-down lets the work end first, renewing meanwhile, and gives the lease back last")
    func gracefulShutdown() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let (isLeading, isEnding) = (Latch(), Latch())
        let elector = try elector("a", server, clock) {
            isLeading.open()
            await withGracefulShutdownHandler {
                await isEnding.wait()
                // Longer than the lease would last without renewals.
                await server.wait { Int($0?.metadata.resourceVersion ?? "") ?? 0 > 15 }
                #expect(server.holders.last == "a")
            } onGracefulShutdown: {
                isEnding.open()
            }
        }
        let group = ServiceGroup(services: [elector], logger: Logger(label: "test"))
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                let ended = Latch()
                tasks.addTask {
                    defer { ended.open() }
                    try await group.run()
                }
                await isLeading.wait()
                await group.triggerGracefulShutdown()
                await ended.wait()
                tasks.cancelAll()
                while let result = await tasks.nextResult() { try result.get() }
            }
        }
        #expect(server.holders.last == "" && server.holders.count > 16)
    }

    @Test("a standby that is shut down leaves the lease alone")
    func standbyEnds() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let isLeading = Latch()
        let leader = try elector("a", server, clock) {
            isLeading.open()
            try await Latch().waitOrCancel()
        }
        let standby = try elector("b", server, clock) { Issue.record("the standby led") }
        let group = ServiceGroup(services: [standby], logger: Logger(label: "test"))
        try await VirtualTime(clock: clock).run {
            await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try? await leader.run() }
                await isLeading.wait()
                let ended = Latch()
                tasks.addTask {
                    defer { ended.open() }
                    try await group.run()
                }
                while standby.holder != "a" { await Task.yield() }
                #expect(standby.standing == "standby; \"a\" leads" && leader.standing == "leading")
                await group.triggerGracefulShutdown()
                await ended.wait()
                #expect(server.holders.allSatisfy { $0 == "a" })
                tasks.cancelAll()
            }
        }
    }

    @Test("ended while its claim is under way, it awaits the answer and gives back what was granted")
    func endedWhileClaiming() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let elector = try elector("a", server, clock) {}
        let (isClaiming, mayPass, ended) = (Latch(), Latch(), Latch())
        server.holdNextWrite(arrived: isClaiming, mayPass: mayPass)
        try await VirtualTime(clock: clock).run {
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { ended.open() }
                    try await elector.run()
                }
                await isClaiming.wait()
                group.cancelAll()
                mayPass.open()
                await ended.wait()
            }
        }
        server.carryOutAbandoned()
        #expect(server.holders == ["a", ""])
    }

    @Test("a release that the server does not answer does not hold up the end for longer than the renew deadline")
    func hangingRelease() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let elector = try elector("a", server, clock) { server.setSilent(true) }
        let ended = Latch()
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { ended.open() }
                    try await elector.run()
                }
                await ended.wait()
                try await group.waitForAll()
            }
        }
        #expect(clock.elapsed < .seconds(12))
        #expect(server.holders == ["a"])
    }

    @Test("a leader whose Lease names another steps down at once, and does not touch it")
    func thirdParty() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let (isLeading, isLost) = (Latch(), Latch())
        let elector = try elector("a", server, clock, lost: { isLost.open() }) {
            isLeading.open()
            try await Latch().waitOrCancel()
        }
        try await VirtualTime(clock: clock).run {
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector.run() }
                await isLeading.wait()
                server.edit { $0?.spec?.holderIdentity = "someone else" }
                await isLost.wait()
                #expect(clock.elapsed < .seconds(3))
                guard case .failure(let error)? = await group.nextResult() else {
                    Issue.record("the run did not fail")
                    return
                }
                #expect((error as? LeaderElectionError)?.message.contains("held by \"someone else\"") == true)
            }
        }
        #expect(server.lease?.spec?.holderIdentity == "someone else")
    }

    @Test("metrics say who leads, and how often a renewal had to read first; the watchdog sees a leader that is stuck")
    func metricsAndWatchdog() async throws {
        let server = LeaseServer()
        let clock = ManualClock()
        let metrics = TestMetrics()
        let (isLeading, isTouched) = (Latch(), Latch())
        let elector = LeaderElector(
            client: APIClient(transport: server, userAgent: "a/1"),
            lease: Self.key,
            configuration: try LeaderElectionConfiguration(identity: "a"),
            clock: clock,
            seed: 1,
            metricsFactory: metrics,
            whileLeading: {
                isLeading.open()
                try await isTouched.waitOrCancel()
            }
        )
        let status = try metrics.expectGauge("leader_election_master_status", [("name", "example")])
        let slow = try metrics.expectCounter("leader_election_slowpath_total", [("name", "example")])
        #expect(status.lastValue == 0 && slow.totalValue == 0)
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                let ended = Latch()
                group.addTask {
                    defer { ended.open() }
                    try await elector.run()
                }
                await isLeading.wait()
                #expect(status.lastValue == 1 && !elector.isOverdue())
                // A label changes the version, and with it the fast way fails.
                server.edit { $0?.metadata.labels["touched"] = "yes" }
                let renewed = Latch()
                group.addTask {
                    await server.wait { Int($0?.metadata.resourceVersion ?? "") ?? 0 > 3 }
                    renewed.open()
                }
                await renewed.wait()
                #expect(slow.totalValue == 1)
                server.setSilent(true)
                // Nothing of the process runs. The last renewal was sent within the last 2 s: 15 s of lease from there, and 20 s
                // are tolerated.
                let now = clock.elapsed
                clock.jump(to: now + .milliseconds(32_500))
                #expect(!elector.isOverdue())
                clock.jump(to: now + .milliseconds(35_001))
                #expect(elector.isOverdue() && !elector.isLeading)
                server.setSilent(false)
                isTouched.open()
                await ended.wait()
                #expect(status.lastValue == 0)
                try await group.waitForAll()
            }
        }
    }

    @Test("by the system's clock, work that keeps every thread busy does not hold up the election")
    func busyThreads() async throws {
        let server = LeaseServer()
        let isRenewed = Latch()
        let elector = LeaderElector(
            client: APIClient(transport: server, userAgent: "a/1"),
            lease: Self.key,
            configuration: try LeaderElectionConfiguration(
                identity: "a",
                leaseDuration: .seconds(20),
                renewDeadline: .seconds(15),
                retryPeriod: .milliseconds(20)
            ),
            whileLeading: { while !isRenewed.isOpen { await Task.yield() } }
        )
        let hasBegun = Latch()
        let renewedAt = Mutex<ContinuousClock.Instant?>(nil)
        server.onWrite { count in
            hasBegun.open()
            guard count > 8, !isRenewed.isOpen else { return }
            // On the election's own thread, whoever else has to wait for one.
            renewedAt.withLock { $0 = .now }
            isRenewed.open()
        }
        var start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await elector.run() }
            // Beginning takes a thread of those that are busy; going on must not.
            await hasBegun.wait()
            start = .now
            for _ in 0..<64 {
                group.addTask { [start] in
                    // Nothing here suspends, as a long computation does not.
                    while !isRenewed.isOpen, ContinuousClock.now - start < .seconds(12) {}
                }
            }
            try await group.waitForAll()
        }
        let renewal = renewedAt.withLock { $0 }
        let end = try #require(renewal)
        #expect(end - start < .seconds(12), "the lease was renewed only when the work ended")
        #expect(server.holders.last == "")
    }
}
