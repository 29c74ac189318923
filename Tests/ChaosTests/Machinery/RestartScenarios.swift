import EmbeddedKubernetes
import KubernetesRuntime
import TestTiming
import Testing

@Suite("Chaos: restarts of the API server", .timeLimit(Chaos.timeLimit))
struct RestartScenarios {
    /// An outage.
    struct Outage: Sendable, CustomTestStringConvertible {
        var seconds: Int
        var keepsHistory: Bool

        var testDescription: String { "\(seconds) s, history \(keepsHistory ? "kept" : "lost")" }

        static let all = [5, 60, 600].flatMap { seconds in
            [true, false].map { Outage(seconds: seconds, keepsHistory: $0) }
        }
    }

    @Test(
        "1: after an outage each informer opens one watch and lists nothing; meanwhile it asks ever more rarely",
        arguments: Outage.all,
        Chaos.seeds
    )
    func restart(_ outage: Outage, seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "1: restart, \(outage.testDescription)")
        scenario.duration = .seconds(outage.seconds + 60)
        // The keys that failed meanwhile come back after as long again, at most.
        scenario.invariants.settling = .seconds(2 * outage.seconds + 120)
        try await scenario.run(seed: seed) { world in
            try await world.pass(.seconds(20))
            let before = Self.synchronisations(world)
            let refusal = world.plan.refuseConnections(WidgetWorld.everyRequest)
            await world.cluster.restart(keepsHistory: outage.keepsHistory)
            let start = world.clock.elapsed
            try await world.pass(.seconds(outage.seconds))
            Self.checkAttempts(world, since: start, outage)
            // A server that comes up anew knows nothing of what happened before.
            if !outage.keepsHistory { await world.cluster.compactHistory() }
            world.plan.remove(refusal)
            let back = world.clock.elapsed
            try await world.pass(.seconds(61))
            for resource in ["widgets.example.com", "configmaps"] {
                #expect(!world.reads(resource, since: back).isEmpty, "\(resource) was not asked for within a minute")
            }
            // One that is told to begin anew waits once more before it does.
            try await world.pass(.seconds(61))
            var requests = 0
            for resource in ["widgets.example.com", "configmaps"] {
                let reads = world.reads(resource, since: back)
                // One that missed something it cannot be told any more synchronises by one watch-list.
                #expect((outage.keepsHistory ? 1...1 : 1...2).contains(reads.count), "\(resource): \(reads.count)")
                #expect(reads.filter { $0.request.verb == .list }.isEmpty)
                requests += reads.count
            }
            #expect(Self.synchronisations(world).reduce(0, +) == before.reduce(0, +) + requests - 2)
            if outage.seconds >= 60, !outage.keepsHistory { #expect(requests > 2) }
        }
    }

    private static func synchronisations(_ world: WidgetWorld) -> [Int] {
        [world.widgetOperator.widgets.status.synchronisations, world.widgetOperator.parts.status.synchronisations]
    }

    private static func checkAttempts(_ world: WidgetWorld, since start: Duration, _ outage: Outage) {
        for resource in ["widgets.example.com", "configmaps"] {
            let times = world.reads(resource, since: start).map(\.time)
            let firstMinute = times.filter { $0 < start + .seconds(60) }
            #expect(firstMinute.count <= 8 && !firstMinute.isEmpty, "\(resource): \(firstMinute.count) attempts")
            guard outage.seconds >= 60 else { continue }
            let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
            #expect(gaps.allSatisfy { $0 >= .milliseconds(800) && $0 <= .seconds(60) }, "\(gaps)")
            if outage.seconds >= 600 { #expect(gaps.last ?? .zero >= .seconds(15), "\(gaps)") }
        }
    }
}
