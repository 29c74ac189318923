import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import MetricsTestKit
import TestTiming
import Testing

@Suite("Chaos: streams", .timeLimit(Chaos.timeLimit))
struct StreamScenarios {
    @Test(
        "5: watches that drip and work that takes ten seconds hold up nobody; the server closes, and the watch resumes",
        arguments: Chaos.seeds
    )
    func slowWatch(seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "5: slow watch, slow work")
        scenario.steps = 60
        scenario.settings.workTime = .seconds(10)
        scenario.settings.watchQueueCapacity = 8
        scenario.invariants.settling = .seconds(900)
        try await scenario.run(seed: seed) { world in
            let closed = world.reads("*").count
            let drip = world.plan.add(WidgetWorld.watches, .drip(bytesPerSecond: 1024))
            var deepest = 0
            for _ in 0..<120 {
                try await world.pass(.seconds(1))
                deepest = max(deepest, world.widgetOperator.queue.depth)
            }
            #expect(deepest >= 3, "the queue shows what waits: \(deepest)")
            // A burst that the slow reader cannot follow.
            for number in 0..<40 {
                _ = try await world.auditor.send(WidgetUser.create("burst-\(number)", color: "red"))
            }
            try await world.pass(.seconds(60))
            for number in 0..<40 {
                try await world.auditor.resource(Widget.self).delete(
                    "burst-\(number)",
                    namespace: WidgetOperator.namespace
                )
            }
            world.plan.remove(drip)
            #expect(world.reads("*").count > closed, "no watch was closed")
            // The reader is ahead of the workers: it waits for nobody.
            let arrived = try await world.wait(atMost: .seconds(60)) { world in
                world.widgetOperator.widgets.status.backlog == 0
            }
            #expect(arrived)
        }
    }

    /// Something in a watch, or in its place.
    struct Garbage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var action: FaultAction
        /// Whether it can be told from a watch that ended in good order.
        var isCounted = true

        static let all = [
            Garbage(testDescription: "a line that is no JSON", action: .interject(.garbageLine, afterEvents: 2)),
            Garbage(testDescription: "a page of HTML", action: .interject(.htmlPage, afterEvents: 2)),
            Garbage(testDescription: "HTML with 200", action: .html(200)),
            Garbage(testDescription: "HTML with 502", action: .html(502)),
            Garbage(
                testDescription: "JSON cut off at the end",
                action: .truncate(atByte: 1500, .endOfFile),
                isCounted: false
            ),
            Garbage(testDescription: "JSON cut off by a reset", action: .truncate(atByte: 1500, .reset)),
            Garbage(
                testDescription: "a password in a line that is no event",
                action: .interject(.bytes(Array("{\"object\":{\"password\":\"hunter2\"\n".utf8)), afterEvents: 1)
            ),
            Garbage(testDescription: "every event twice", action: .duplicateEvents(), isCounted: false),
        ]
    }

    @Test("8: what does not belong into a watch is counted and costs a comparison", arguments: Garbage.all, Chaos.seeds)
    func garbage(_ garbage: Garbage, seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "8: \(garbage.testDescription)")
        scenario.steps = 20
        scenario.duration = .seconds(60)
        scenario.invariants.lists = 60
        try await scenario.run(seed: seed) { world in
            let rule = world.plan.add(WidgetWorld.watches, garbage.action, probability: 0.5)
            for _ in 0..<9 {
                world.plan.endStreams(WidgetWorld.watches)
                try await world.pass(.seconds(10))
            }
            #expect(world.plan.firings(of: rule) > 0)
            if garbage.isCounted { #expect(Self.failures(world) > 0, "failures are counted") }
        }
    }

    @Test(
        "8: an endless line is given up at 8 MiB",
        .enabled(if: Chaos.runsSlowScenarios, Chaos.slow),
        arguments: Chaos.seeds
    )
    func endlessLine(seed: UInt64) async throws {
        try await MachineryScenario(title: "8: endless line").run(seed: seed) { world in
            world.plan.interject(.oversizeLine(bytes: 9 << 20), into: WidgetWorld.watches)
            try await world.pass(.seconds(60))
            #expect(Self.failures(world) > 0)
        }
    }

    private static func failures(_ world: WidgetWorld) -> Int64 {
        var count: Int64 = 0
        for name in [world.widgetOperator.widgets.name, world.widgetOperator.parts.name] {
            for cause in ["server_error", "interrupted"] {
                let dimensions = [("name", name), ("cause", cause)]
                let counter = try? world.metrics.expectCounter("informer_failures_total", dimensions)
                count += counter?.totalValue ?? 0
            }
        }
        return count
    }

    @Test(
        "9: a watch that falls silent without an end is noticed within 90 s, and goes on where it was",
        arguments: Chaos.seeds
    )
    func halfOpen(seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "9: half-open")
        scenario.invariants.settling = .seconds(180)
        try await scenario.run(seed: seed) { world in
            try await world.pass(.seconds(20))
            let (widgets, parts) = (world.widgetOperator.widgets, world.widgetOperator.parts)
            let before = [widgets.status, parts.status]
            let start = world.clock.elapsed
            let freeze = world.plan.add(WidgetWorld.watches, .freeze())
            // What was given up stays silent for ever; what is opened instead may speak.
            for resource in ["widgets.example.com", "configmaps"] {
                let isBack = try await world.wait(atMost: .seconds(91)) { !$0.reads(resource, since: start).isEmpty }
                #expect(isBack, "\(resource)")
            }
            world.plan.remove(freeze)
            try await world.pass(.seconds(5))
            #expect([widgets.status.synchronisations, parts.status.synchronisations] == before.map(\.synchronisations))
            let resumed = ["widgets.example.com", "configmaps"].map { resource in
                world.reads(resource, since: start).first?.request.query["resourceVersion"]
            }
            #expect(resumed == before.map(\.resourceVersion))
        }
    }
}
