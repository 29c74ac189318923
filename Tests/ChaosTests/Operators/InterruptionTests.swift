import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import OCIModel
import OperatorTestKit
import Testing
import TrustResources

/// Operators that are interrupted between two writes, and writes whose outcome nobody knows.
@Suite struct InterruptionTests {
    /// What a run without faults leaves behind, and what the others need to be compared with it.
    private struct Golden {
        let images: GoldenImages
        let state: GoldenState
        let writes: Int

        /// The golden run, made once.
        static let shared = Task { try await run() }

        /// Runs the golden scenario.
        private static func run() async throws -> Golden {
            let images = try GoldenImages()
            let result = Shared<Golden?>(nil)
            try await OperatorWorld.run("golden run", seed: 23, registry: images.registry) { world in
                try world.start("alpha")
                try await world.waitForLeader("alpha")
                let expected = try await images.play(in: world)
                try await world.expectVerdicts(expected)
                try await world.expectQuiet(for: .seconds(50))
                let state = try await GoldenState.read(world)
                result.value = Golden(images: images, state: state, writes: await world.writes().count)
            }
            return try #require(result.value)
        }
    }

    @Test("chaos 23: a crash after any write leaves what a run without one leaves", .timeLimit(Chaos.timeLimit))
    func crashPoints() async throws {
        let golden = try await Golden.shared.value
        #expect(golden.writes >= 8, "the golden run must be worth interrupting")
        // The seed draws the points and is that of each world, so that it replays all of it.
        let seed = Chaos.seeds.last ?? 0
        for point in Self.points(of: golden.writes, seed) {
            let name = "chaos 23 (crash after write \(point))"
            try await OperatorWorld.run(name, seed: seed, registry: golden.images.registry) { world in
                let alpha = try world.start("alpha")
                let count = Shared(0)
                world.onAnswer { client, request, response in
                    guard client == "alpha", request.method != .get, response.status < 300,
                        !request.path.contains("/leases")
                    else { return }
                    let isPoint = count.change { count -> Bool in
                        count += 1
                        return count == point
                    }
                    if isPoint { alpha.kill() }
                }
                try await world.waitForLeader("alpha")
                let restart = world.robot {
                    _ = await alpha.waitForEnd()
                    try await world.pass(.seconds(1))
                    try world.start("beta")
                    throw CancellationError()
                }
                let expected = try await golden.images.play(in: world)
                // The last writes come late in the play, and whoever stands in must wait for the lease first.
                if alpha.end != nil { try await world.waitForLeader("beta") }
                try await world.pass(.seconds(20))
                try await world.expectVerdicts(expected)
                let state = try await GoldenState.read(world)
                let differences = state.differences(from: golden.state)
                #expect(differences.isEmpty, "crash after write \(point): \(differences)")
                let twice = state.events.filter { $0.value > max(1, golden.state.events[$0.key] ?? 0) + 1 }
                #expect(twice.isEmpty, "crash after write \(point): Events again and again: \(twice)")
                if alpha.end == nil { alpha.kill() }
                await restart.stop()
            }
        }
    }

    /// The writes after which to crash: all of them in `make chaos`, else a few, others in each run.
    private static func points(of count: Int, _ seed: UInt64) -> [Int] {
        if Chaos.runsSlowScenarios { return Array(1...count) }
        var random = SplitMix64(seed: seed)
        return (1...count).shuffled(using: &random).prefix(5).sorted()
    }

    @Test("chaos 22: writes whose outcome is unknown leave nothing twice and no error behind", arguments: Chaos.seeds)
    func unknownOutcome(_ seed: UInt64) async throws {
        let golden = try await Golden.shared.value
        try await OperatorWorld.run("chaos 22", seed: seed, registry: golden.images.registry) { world in
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            let rule = world.faults.add(
                FaultMatch([.create, .update, .patch, .delete], "*vigil.dev", client: "alpha"),
                .reset(.afterCommit),
                probability: 0.6
            )
            world.faults.add(
                FaultMatch([.create, .patch], "events.events.k8s.io", client: "alpha"),
                .reset(.afterCommit),
                probability: 0.4
            )
            let expected = try await golden.images.play(in: world)
            #expect(world.faults.firings(of: rule) >= 3)
            world.faults.heal()
            try await world.pass(.seconds(60))
            try await world.expectVerdicts(expected)
            let state = try await GoldenState.read(world)
            let differences = state.differences(from: golden.state)
            #expect(differences.isEmpty, "\(differences)")
            let twice = state.events.filter { $0.value > (golden.state.events[$0.key] ?? 1) }
            #expect(twice.isEmpty, "Events twice: \(twice)")
            let creations = await world.writes().filter { $0.request.verb == .create && $0.isCommitted }
            let names = creations.map(\.key)
            #expect(Set(names).count == names.count, "created twice: \(names)")
        }
    }

    @Test("chaos 24: an operator whose caches lag behind its own writes does nothing twice", arguments: Chaos.seeds)
    func staleView(_ seed: UInt64) async throws {
        let images = try GoldenImages()
        try await OperatorWorld.run("chaos 24", seed: seed, registry: images.registry) { world in
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            world.faults.add(FaultMatch([.list], client: "alpha"), .serveStale(versionsBehind: 5))
            // Every event of what the operator writes comes two seconds late.
            let holding = world.robot {
                let rule = world.faults.add(
                    FaultMatch([.watch], "imageverifications.vigil.dev", client: "alpha"),
                    .withholdEvents()
                )
                try await world.pass(.seconds(2))
                world.faults.remove(rule)
                try await world.pass(.milliseconds(20))
            }
            let expected = try await images.play(in: world)
            await holding.stop()
            world.faults.heal()
            try await world.pass(.seconds(10))
            try await world.expectVerdicts(expected)
            let attempts = await world.attempts(by: "alpha")
            let creations = attempts.filter {
                $0.request.verb == .create && $0.request.resource == "imageverifications.vigil.dev"
            }
            #expect(creations.count == 3, "created: \(creations.map { "\($0.key) \($0.status)" })")
            let deletions = attempts.filter { $0.request.verb == .delete }
            #expect(deletions.count <= 2, "deleted: \(deletions.map { "\($0.key) \($0.status)" })")
        }
    }

    @Test("chaos 25: what happened unseen changes nothing in the end", arguments: Chaos.seeds)
    func unobserved(_ seed: UInt64) async throws {
        let golden = try await Golden.shared.value
        try await OperatorWorld.run("chaos 25", seed: seed, registry: golden.images.registry) { world in
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            // A third of all events is lost; then the watches break, and the copies are compared as a whole.
            let losing = world.robot {
                let rule = world.faults.add(
                    FaultMatch([.watch], client: "alpha"),
                    .dropEvents(EventMatch(types: ["MODIFIED", "DELETED"]))
                )
                try await world.pass(.seconds(3))
                world.faults.remove(rule)
                await world.cluster.compactHistory()
                world.faults.endStreams(FaultMatch([.watch], client: "alpha"), .reset)
                try await world.pass(.seconds(6))
            }
            let expected = try await golden.images.play(in: world)
            await losing.stop()
            world.faults.heal()
            world.faults.endStreams(FaultMatch([.watch], client: "alpha"), .reset)
            try await world.pass(.seconds(100))
            try await world.expectVerdicts(expected)
            let differences = try await GoldenState.read(world).differences(from: golden.state)
            #expect(differences.isEmpty, "\(differences)")
        }
    }
}
