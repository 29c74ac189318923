import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import TestTiming
import Testing

@Suite("Chaos: history that is gone", .timeLimit(Chaos.timeLimit))
struct HistoryScenarios {
    @Test("3: what happened behind a compaction is told once each, deletions as such", arguments: Chaos.seeds)
    func compaction(seed: UInt64) async throws {
        Chaos.announce("3: compaction", seed)
        let scene = CopyScene(seed: seed)
        try await scene.run(with: 100) { scene in
            try await scene.waitUntilSettled()
            scene.changes.value = []
            let freeze = scene.plan.add(scene.watches, .freeze())
            for number in 0..<50 {
                try await scene.create("new-\(number)")
                try await scene.maps.delete("old-\(number)", namespace: "default")
                try await scene.change("old-\(number + 50)")
            }
            try await scene.pass(.seconds(30))
            #expect(scene.changes.value.isEmpty)
            await scene.cluster.compactHistory()
            // The server ends the watch; what it had not sent is lost.
            scene.plan.endStreams(scene.watches)
            scene.plan.remove(freeze)
            try await scene.waitUntilSettled()
            var expected = (0..<50).flatMap { ["add new-\($0)", "delete old-\($0) unseen", "update old-\($0 + 50)"] }
            expected.sort()
            #expect(scene.changes.value.sorted() == expected)
            #expect(scene.informer.status.synchronisations == 2 && scene.informer.status.lists == 0)
        }
    }

    @Test("3: the operator converges when history is compacted while its watches are silent", arguments: Chaos.seeds)
    func compactionAtWork(seed: UInt64) async throws {
        try await MachineryScenario(title: "3: compaction at work").run(seed: seed) { world in
            for _ in 0..<3 {
                try await world.pass(.seconds(15))
                let freeze = world.plan.add(WidgetWorld.watches, .freeze())
                try await world.pass(.seconds(20))
                await world.cluster.compactHistory()
                world.plan.endStreams(WidgetWorld.watches)
                world.plan.remove(freeze)
            }
        }
    }

    @Test(
        "4: 410 in a watch, for a watch and for a continue token each lead to a full and correct copy",
        arguments: Chaos.seeds
    )
    func gone(seed: UInt64) async throws {
        Chaos.announce("4: gone", seed)
        var configuration = ReflectorConfiguration(usesWatchList: false, pageSize: 10)
        configuration.backoff.jitter = 0.5
        let scene = CopyScene(seed: seed, configuration)
        // The third page of the first list: the whole list follows in one piece.
        scene.plan.add(
            FaultMatch([.list], client: "operator", isContinuation: true),
            .expireContinueToken,
            .only([2])
        )
        try await scene.run(with: 35) { scene in
            try await scene.waitUntilSettled()
            #expect(scene.informer.status.lists == 4)
            #expect(scene.informer.status.synchronisations == 1)
            // Inside the stream, and then as the answer to the next watch.
            scene.plan.add(scene.watches, .interject(.expired), .only([1]))
            scene.plan.add(scene.watches, .gone, .only([2]))
            scene.plan.endStreams(scene.watches)
            try await scene.change("old-3")
            try await scene.maps.delete("old-4", namespace: "default")
            try await scene.pass(.seconds(30))
            try await scene.waitUntilSettled()
            #expect(scene.informer.status.synchronisations >= 3, "both forms were met")
            #expect(scene.changes.value.count { $0 == "update old-3" } == 1)
            #expect(scene.changes.value.filter { $0.hasPrefix("delete") } == ["delete old-4 unseen"])
        }
    }

    @Test("4: the operator converges while every kind of 410 comes again and again", arguments: Chaos.seeds)
    func goneAtWork(seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "4: 410 at work")
        scenario.settings.reflector = ReflectorConfiguration(usesWatchList: false, pageSize: 2)
        scenario.invariants.lists = 300
        try await scenario.run(seed: seed) { world in
            let lists = FaultMatch([.list], client: WidgetWorld.client)
            let rules = [
                world.plan.add(WidgetWorld.watches, .interject(.expired, afterEvents: 2), Self.each(3)),
                world.plan.add(WidgetWorld.watches, .gone, Self.each(4)),
                world.plan.add(lists, .expireContinueToken, Self.each(2)),
            ]
            // Left alone, a watch that works stays open for minutes.
            for _ in 0..<12 {
                try await world.pass(.seconds(10))
                world.plan.endStreams(WidgetWorld.watches)
            }
            let firings = rules.map { world.plan.firings(of: $0) }
            #expect(firings.allSatisfy { $0 > 0 }, "in a watch, for a watch, for a page: \(firings)")
        }
    }

    /// Every second, third, fourth… of the requests that a rule concerns.
    private static func each(_ period: Int) -> FaultRule.Occurrences {
        .only(Set(stride(from: period, to: 1000, by: period)))
    }
}
