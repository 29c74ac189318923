import EmbeddedKubernetes
import JSONModel
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

        /// Expects the state of the golden run, each of its Events, and none more often than there.
        func expectState(of world: OperatorWorld) async throws {
            let found = try await GoldenState.read(world)
            let differences = found.differences(from: state)
            #expect(differences.isEmpty, "\(differences)")
            let twice = found.events.filter { $0.value > (state.events[$0.key] ?? 1) }
            #expect(twice.isEmpty, "Events twice: \(twice)")
            let missing = state.events.keys.filter { found.events[$0] == nil }
            #expect(missing.isEmpty, "Events missing: \(missing)")
        }

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
                result.value = Golden(images: images, state: state)
            }
            return try #require(result.value)
        }
    }

    @Test("chaos 23: a crash after any write leaves what a run without one leaves", .timeLimit(Chaos.timeLimit))
    func crashPoints() async throws {
        let golden = try await Golden.shared.value
        // The seed draws the points and is that of each world, so that it replays all of it.
        let seed = Chaos.seeds.last ?? 0
        // Another seed may come to fewer writes.
        let count = try await Self.crash(after: nil, golden, seed)
        try #require(count >= 8, "the run must be worth interrupting")
        for point in Self.points(of: count, seed) { _ = try await Self.crash(after: point, golden, seed) }
    }

    /// Plays the golden scenario with an operator that crashes after a write, if any, and another that takes its place.
    ///
    /// - Parameters:
    ///   - point: the write, counted from 1; `nil` for no crash.
    ///   - golden: what it must come to.
    ///   - seed: the world's.
    /// - Returns: how many writes the first operator came to.
    /// - Throws: what the scenario throws.
    private static func crash(after point: Int?, _ golden: Golden, _ seed: UInt64) async throws -> Int {
        let what = point.map { "crash after write \($0)" } ?? "no crash"
        let writes = Shared(0)
        try await OperatorWorld.run("chaos 23 (\(what))", seed: seed, registry: golden.images.registry) { world in
            let alpha = try world.start("alpha")
            world.onAnswer { client, request, response in
                guard client == "alpha", request.method != .get, response.status < 300,
                    !request.path.contains("/leases")
                else { return }
                let number = writes.change { count -> Int in
                    count += 1
                    return count
                }
                if number == point { alpha.kill() }
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
            let end: SimulatedOperator.End? = point == nil ? nil : .killed
            #expect(alpha.end == end, "\(what): it did not come to that")
            try await world.expectVerdicts(expected)
            let state = try await GoldenState.read(world)
            let differences = state.differences(from: golden.state)
            #expect(differences.isEmpty, "\(what): \(differences)")
            let twice = state.events.filter { $0.value > max(1, golden.state.events[$0.key] ?? 0) + 1 }
            #expect(twice.isEmpty, "\(what): Events again and again: \(twice)")
            // The robot waits for its end.
            if alpha.end == nil { alpha.kill() }
            await restart.stop()
        }
        return writes.value
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
            // The first for certain, for there are few of them.
            let events = FaultMatch([.create, .patch], "events.events.k8s.io", client: "alpha")
            let firstEvent = world.faults.add(events, .reset(.afterCommit), .only([1]))
            world.faults.add(events, .reset(.afterCommit), .after(1), probability: 0.4)
            let expected = try await golden.images.play(in: world)
            #expect(world.faults.firings(of: rule) >= 3)
            #expect(world.faults.firings(of: firstEvent) == 1, "no answer about an Event was lost")
            world.faults.heal()
            try await world.pass(.seconds(60))
            try await world.expectVerdicts(expected)
            try await golden.expectState(of: world)
            let creations = await world.writes().filter { $0.request.verb == .create && $0.isCommitted }
            let names = creations.map(\.key)
            #expect(Set(names).count == names.count, "created twice: \(names)")
        }
    }

    /// A time in which lists show what there was when it began.
    private struct OldLists {
        static let duration = Duration.seconds(15)

        let start: Duration
        let rule: FaultID

        /// Whether one of these lists came after one of these writes, and did not show it.
        func hid(_ writes: [Duration], _ lists: [Duration]) -> Bool {
            lists.contains { list in
                let isOld = start <= list && list < start + Self.duration
                return isOld && writes.contains { start < $0 && $0 < list }
            }
        }
    }

    @Test("chaos 24: an operator whose caches lag behind its own writes does nothing twice", arguments: Chaos.seeds)
    func staleView(_ seed: UInt64) async throws {
        let golden = try await Golden.shared.value
        let registry = golden.images.registry
        // Only what the operator itself writes is old. What others write, pods and policies, is all that it can go by:
        // where it is shown that a pod is not there, it rightly takes away what stands for its image.
        try await OperatorWorld.run("chaos 24", seed: seed, registry: registry, streamsLists: false) { world in
            let resource = "imageverifications.vigil.dev"
            let watches = FaultMatch([.watch], resource, client: "alpha")
            let lists = FaultMatch([.list], resource, client: "alpha")
            let alpha = try world.start("alpha")
            try await world.waitForLeader("alpha")
            try await world.pass(.seconds(5))
            // Whenever it has created or deleted one, it must list anew before it was told of that.
            world.onAnswer { [faults = world.faults] client, request, response in
                guard client == "alpha", [.post, .delete].contains(request.method), response.status < 300,
                    request.path.contains("/imageverifications")
                else { return }
                faults.interject(.expired, into: watches)
            }
            let (late, old) = (Shared<[FaultID]>([]), Shared<[OldLists]>([]))
            let robots = [
                Self.delayEvents(watches, in: world, late), Self.ageLists(lists, in: world, old), Self.label(in: world),
            ]
            let expected = try await golden.images.play(in: world)
            for robot in robots { await robot.stop() }
            world.faults.heal()
            try await world.pass(.seconds(20))
            let attempts = await world.attempts(by: "alpha")
            let writes = attempts.filter { $0.request.resource == resource && $0.isCommitted }.map(\.elapsed)
            let listed = world.faults.requests(lists).map(\.time)
            let hiding = old.value.filter { world.faults.firings(of: $0.rule) > 0 && $0.hid(writes, listed) }
            #expect(hiding.count >= 2, "no old list hid what it created, or what it deleted: \(listed)")
            let delayed = late.value.filter { world.faults.firings(of: $0) > 0 }
            #expect(!delayed.isEmpty, "no watch was opened whose events came late")
            let held = alpha.metrics.sum("controller_stale_cache_skips_total", ["controller": "imageverification"])
            #expect(held ?? 0 > 0, "it never looked while its copy was behind")
            try await world.expectVerdicts(expected)
            try await golden.expectState(of: world)
            let creations = attempts.filter { $0.request.verb == .create && $0.request.resource == resource }
            #expect(creations.count == 3, "created: \(creations.map { "\($0.key) \($0.status)" })")
            let deletions = attempts.filter { $0.request.verb == .delete }
            #expect(deletions.count <= 2, "deleted: \(deletions.map { "\($0.key) \($0.status)" })")
            #expect(deletions.count { $0.isCommitted } == 1)
        }
    }

    /// Has every event of watches come two seconds late; `rules` takes the rules that do it.
    private static func delayEvents(
        _ watches: FaultMatch,
        in world: OperatorWorld,
        _ rules: Shared<[FaultID]>
    ) -> Robot {
        world.robot {
            let rule = world.faults.add(watches, .withholdEvents())
            rules.change { $0.append(rule) }
            try await world.pass(.seconds(2))
            world.faults.remove(rule)
            try await world.pass(.milliseconds(20))
        }
    }

    /// Has lists show what there was up to a quarter of a minute ago; `times` takes the times in which they do.
    private static func ageLists(_ lists: FaultMatch, in world: OperatorWorld, _ times: Shared<[OldLists]>) -> Robot {
        world.robot {
            let selection = ObjectSelection(namespace: world.namespace)
            let page = try await world.client.resource(ImageVerification.self).page(of: selection)
            let version = try #require(Int64(page.resourceVersion))
            let rule = world.faults.add(lists, .serveAt(resourceVersion: version))
            times.change { $0.append(OldLists(start: world.simulation.now, rule: rule)) }
            try await world.pass(OldLists.duration)
            world.faults.remove(rule)
        }
    }

    /// Changes labels of pods that the golden scenario runs, so that the operator looks at their images all the time.
    private static func label(in world: OperatorWorld) -> Robot {
        let count = Shared(0)
        return world.robot {
            let number = count.change { count -> Int in
                count += 1
                return count
            }
            for pod in ["signed-0", "unsigned-0", "leaving-0"] {
                // It may not be there yet, or no more.
                _ = try? await world.client.resource(Pod.self).patch(
                    pod,
                    namespace: world.namespace,
                    .merge(["metadata": ["labels": ["look": .string("\(number)")]]])
                )
            }
            try await world.pass(.milliseconds(400))
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
