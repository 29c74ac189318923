import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Clocks that are set wrongly, jump, and run fast or slow.
@Suite struct ClockTests {
    /// How long the election is watched: ten hours in `make chaos`.
    private static var duration: Duration { .seconds(Chaos.runsSlowScenarios ? 36_000 : 1200) }

    @Test(
        "chaos 12: clocks whose rates differ by up to 1.4 never make two leaders",
        arguments: Chaos.seeds,
        [(1.0, 1.4), (1.0, 0.72), (1.2, 0.86)]
    )
    func rates(_ seed: UInt64, _ rates: (Double, Double)) async throws {
        try await OperatorWorld.run("chaos 12 (\(rates))", seed: seed) { world in
            let election = try await ElectionOnly.run(world, rates: [rates.0, rates.1], for: Self.duration)
            #expect(election.overlaps.isEmpty, "\(election.overlaps.prefix(3))")
            #expect(election.terms > 5, "the partitions must have made leaders change")
        }
    }

    @Test(
        "chaos 12: past what the lease allows, 1.6, leaders overlap: the limit is real",
        arguments: [1, 2] as [UInt64]
    )
    func ratesBeyondTheLimit(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 12 (1.6)", seed: seed) { world in
            let election = try await ElectionOnly.run(
                world,
                rates: [0.8, 1.28],
                for: .seconds(7200),
                endsAtOverlap: true
            )
            #expect(!election.overlaps.isEmpty)
        }
    }

    @Test(
        "chaos 12: a wall clock that jumps by a day, or to 2038, changes neither leader nor verdict",
        arguments: Chaos.seeds
    )
    func jumps(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 12 (jumps)", seed: seed) { world in
            let (alpha, beta) = try await world.startPair()
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            for days in [1, -1, 0] {
                alpha.wallClockError.value = .seconds(days * 86_400)
                beta.wallClockError.value = .seconds(-days * 86_400)
                let start = world.simulation.now
                try await world.pass(.seconds(300))
                let writes = await world.attempts(since: start).map(\.key)
                #expect(writes.count <= 4, "a jump to \(days) days wrote \(writes.count) times: \(writes.prefix(6))")
            }
            // 19 January 2038, 03:14:08: the second in which 32 bits end.
            beta.wallClockError.value = .seconds(2_147_483_648 - 1_780_272_000)
            try await world.pass(.seconds(60))
            #expect(alpha.end == nil && beta.end == nil)
            await world.expectOnlyLeader("alpha")
            try await world.expectVerdicts([(image, "Trusted")])
        }
    }
}
