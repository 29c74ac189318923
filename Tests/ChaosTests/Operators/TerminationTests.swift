import EmbeddedKubernetes
import KubernetesAPI
import OperatorTestKit
import Testing

/// SIGTERM at any moment, in virtual time; as real processes in the end-to-end tests.
@Suite struct TerminationTests {
    private static var rounds: Int { Chaos.runsSlowScenarios ? 200 : 4 }

    @Test(
        "chaos 28: SIGTERM at any moment ends cleanly, gives the lease back and leaves nothing open",
        arguments: Chaos.seeds
    )
    func anyMoment(_ seed: UInt64) async throws {
        for round in 0..<UInt64(Self.rounds) {
            try await OperatorWorld.run("chaos 28 (round \(round))", seed: seed &+ round) { world in
                try await world.apply(world.policy())
                let alpha = try world.start("alpha")
                let robot = world.churn()
                if world.simulation.draw({ Bool.random(using: &$0) }) {
                    world.faults.add(FaultMatch(client: "alpha"), .jitter(.zero...(.seconds(1))))
                }
                try await world.pass(milliseconds: 0...5000)
                alpha.terminate()
                let terminated = world.simulation.now
                let end = await alpha.waitForEnd()
                let took = world.simulation.now - terminated
                #expect(end == .cleanly && took <= .seconds(30), "\(end) after \(took)")
                #expect(await world.leaseHolding()?.holder ?? "" == "")
                try await world.pass(.seconds(30))
                #expect(world.faults.openStreams(.client("alpha")) == 0)
                let renewals = await world.renewals(by: "alpha")
                let released = renewals.last?.number ?? 0
                let late = await world.attempts(by: "alpha").filter { $0.number > released }.map(\.key)
                #expect(late.isEmpty, "written after the release: \(late)")
                await robot.stop()
            }
        }
    }

    @Test(
        "chaos 28: SIGTERM while a registry does not answer gives the lease back within a second",
        arguments: Chaos.seeds
    )
    func silentRegistry(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 28 (silent registry)", seed: seed) { world in
            try await world.apply(world.policy())
            let alpha = try world.start("alpha")
            try await world.waitForLeader("alpha")
            world.gatedRegistry.hold()
            let robot = world.churn()
            while world.gatedRegistry.waiting == 0 { try await world.pass(.milliseconds(100)) }
            alpha.terminate()
            let terminated = world.simulation.now
            #expect(await alpha.waitForEnd() == .cleanly)
            #expect(world.simulation.now - terminated <= .seconds(1))
            #expect(await world.leaseHolding()?.holder ?? "" == "")
            world.gatedRegistry.release()
            await robot.stop()
        }
    }

    @Test("chaos 28: SIGTERM while the API is silent ends within 30 s all the same", arguments: Chaos.seeds)
    func whileCutOff(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 28 (cut off)", seed: seed) { world in
            let (alpha, _) = try await world.startPair()
            let robot = world.churn()
            try await world.pass(.seconds(5))
            world.faults.partition("alpha")
            try await world.pass(.seconds(1))
            alpha.terminate()
            let terminated = world.simulation.now
            _ = await alpha.waitForEnd()
            let took = world.simulation.now - terminated
            #expect(took <= .seconds(30), "took \(took)")
            try await world.waitForLeader("beta")
            try await world.pass(.seconds(5))
            try await world.stopChurn(robot)
        }
    }

    @Test(
        "chaos 28: SIGTERM while writes take 12 s leaves the lease to run out, for they still arrive",
        arguments: Chaos.seeds
    )
    func slowWrites(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 28 (slow writes)", seed: seed) { world in
            let (alpha, _) = try await world.startPair()
            let robot = world.churn()
            world.faults.add(
                FaultMatch([.create, .update, .patch, .delete], "*vigil.dev", client: "alpha"),
                .delay(.seconds(12))
            )
            try await world.pass(milliseconds: 3000...9000)
            alpha.terminate()
            let terminated = world.simulation.now
            #expect(await alpha.waitForEnd() == .cleanly)
            let ended = world.simulation.now
            #expect(ended - terminated <= .seconds(30))
            #expect(await world.leaseHolding()?.holder == "alpha", "given back with a write under way")
            try await world.waitForLeader("beta")
            #expect(await world.writes(by: "alpha", since: ended).isEmpty == false, "a write must have arrived late")
            try await world.pass(.seconds(10))
            world.faults.heal()
            try await world.stopChurn(robot)
        }
    }
}
