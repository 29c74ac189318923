import EmbeddedKubernetes
import KubernetesAPI
import OperatorTestKit
import Testing

/// Leaders that are cut off, stopped, killed and ended, in virtual time.
@Suite struct LeadershipTests {
    @Test(
        "chaos 10: a leader that is cut off stops writing before another begins",
        arguments: Chaos.seeds,
        [FaultPlan.PartitionDirection.bothWays, .responsesOnly]
    )
    func partition(_ seed: UInt64, _ direction: FaultPlan.PartitionDirection) async throws {
        try await OperatorWorld.run("chaos 10 (\(direction))", seed: seed) { world in
            // The program ends itself when its lease is lost; one half of the runs does without, and trusts the gate.
            let outlives = world.simulation.draw { Bool.random(using: &$0) }
            let (alpha, _) = try await world.startPair(alphaOutlivesItsLease: outlives)
            let robot = world.churn()
            try await world.pass(.seconds(20))
            let cut = world.simulation.now
            world.faults.partition("alpha", direction)
            try await world.pass(.seconds(60))
            #expect(alpha.end?.isLossOfLeadership == true, "\(String(describing: alpha.end))")
            let last = try #require(await world.writes(by: "alpha").last).elapsed
            let first = try #require(await world.writes(by: "beta").first).elapsed
            #expect(last < first)
            // Nothing follows 10 s after the last renewal whose answer came back.
            #expect(last <= cut + .seconds(10.1))
            // The process is gone before its lease can be taken.
            #expect(alpha.endedAt.map { $0 <= cut + .seconds(15.1) } == true)
            let renewal = try #require(await world.renewals(by: "alpha").last).elapsed
            #expect(first >= renewal + .seconds(15), "beta wrote at \(first), alpha renewed at \(renewal)")
            #expect(first <= renewal + .seconds(20))
            #expect(await world.leaseHolding()?.transitions == 1)
            try await world.stopChurn(robot)
        }
    }

    @Test(
        "chaos 10: a leader that is cut off from its Lease alone stops writing too",
        arguments: Chaos.seeds,
        [false, true]
    )
    func leaseUnreachable(_ seed: UInt64, _ watchesCluster: Bool) async throws {
        let name = "chaos 10 (Lease alone, \(watchesCluster ? "cluster" : "namespace"))"
        try await OperatorWorld.run(name, seed: seed, watchesCluster: watchesCluster) { world in
            // All else succeeds, and the process does not end itself: only the gate keeps it from writing.
            let (alpha, _) = try await world.startPair(alphaOutlivesItsLease: true)
            let robot = world.churn()
            try await world.pass(.seconds(20))
            world.faults.add(FaultMatch([], "leases.coordination.k8s.io", client: "alpha"), .blackHole(.beforeCommit))
            try await world.pass(.seconds(60))
            #expect(alpha.end?.isLossOfLeadership == true, "\(String(describing: alpha.end))")
            let renewal = try #require(await world.renewals(by: "alpha").last).elapsed
            let last = try #require(await world.writes(by: "alpha").last).elapsed
            // What left in the last moment is still on the wire for 3 ms.
            #expect(last <= renewal + .seconds(10.003), "renewed at \(renewal), wrote at \(last)")
            #expect(last > renewal + .seconds(8), "it must have gone on until then")
            #expect(await world.writes(by: "beta").first.map { $0.elapsed >= renewal + .seconds(15) } == true)
            try await world.stopChurn(robot)
        }
    }

    @Test("chaos 11: a leader that was stopped for 20 s writes nothing when it goes on", arguments: Chaos.seeds)
    func stopped(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 11", seed: seed) { world in
            let (alpha, _) = try await world.startPair()
            let robot = world.churn()
            // Wherever it is at that moment: a renewal, a judgement, a write.
            try await world.pass(milliseconds: 5000...9000)
            alpha.stop()
            let stopped = world.simulation.now
            try await world.pass(.seconds(20))
            alpha.proceed()
            let resumed = world.simulation.now
            try await world.pass(.seconds(30))
            #expect(alpha.end?.isLossOfLeadership == true)
            let late = await world.attempts(by: "alpha", since: resumed).map(\.key)
            #expect(late.isEmpty, "written after the pause: \(late)")
            // What was in its sockets was served; then there was silence.
            let last = try #require(await world.writes(by: "alpha").last).elapsed
            #expect(last <= stopped + .milliseconds(10))
            #expect(await world.writes(by: "beta").isEmpty == false)
            try await world.stopChurn(robot)
        }
    }

    @Test("chaos 11: a short stop, less than the lease, changes no leader", arguments: Chaos.seeds)
    func stoppedBriefly(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 11 (5 s)", seed: seed) { world in
            let (alpha, beta) = try await world.startPair()
            for _ in 0..<5 {
                alpha.stop()
                try await world.pass(.seconds(5))
                alpha.proceed()
                try await world.pass(.seconds(7))
            }
            #expect(alpha.end == nil && beta.end == nil)
            await world.expectOnlyLeader("alpha")
        }
    }

    @Test("after kill -9 a standby leads within 20 s, after SIGTERM within 3 s", arguments: Chaos.seeds)
    func failover(_ seed: UInt64) async throws {
        try await OperatorWorld.run("failover", seed: seed) { world in
            let (alpha, beta) = try await world.startPair()
            let robot = world.churn()
            try await world.pass(milliseconds: 5000...9000)
            alpha.kill()
            let killed = world.simulation.now
            try await world.waitForLeader("beta")
            let crash = world.simulation.now - killed
            #expect(crash <= .seconds(20) && crash >= .seconds(10), "took \(crash)")
            try world.start("gamma")
            try await world.pass(.seconds(10))
            beta.terminate()
            let terminated = world.simulation.now
            try await world.waitForLeader("gamma")
            let handover = world.simulation.now - terminated
            #expect(handover <= .seconds(3), "took \(handover)")
            #expect(await beta.waitForEnd() == .cleanly)
            try await world.pass(.seconds(5))
            try await world.stopChurn(robot)
        }
    }

    @Test(
        "chaos 30: leadership is kept while the API answers slowly and the Lease after up to 4.8 s",
        arguments: Chaos.seeds
    )
    func slowAPI(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 30", seed: seed) { world in
            let (alpha, beta) = try await world.startPair()
            let robot = world.churn()
            let slow = world.faults.add(FaultMatch(client: "alpha"), .jitter(.milliseconds(20)...(.seconds(2))))
            let slower = world.faults.add(
                FaultMatch([.update], "leases.coordination.k8s.io", client: "alpha"),
                .delay(.seconds(2.8))
            )
            try await world.pass(.seconds(Chaos.runsSlowScenarios ? 600 : 60))
            #expect(alpha.end == nil && beta.end == nil)
            // A renewal in seven seconds at most: two between them, and what it takes.
            #expect(world.faults.firings(of: slower) >= 8, "the Lease was not slow")
            #expect(world.faults.firings(of: slow) > world.faults.firings(of: slower), "nothing else was slow")
            await world.expectOnlyLeader("alpha")
            world.faults.heal()
            try await world.pass(.seconds(10))
            try await world.stopChurn(robot)
        }
    }
}
