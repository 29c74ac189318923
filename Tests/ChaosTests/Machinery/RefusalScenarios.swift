import EmbeddedKubernetes
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import MetricsTestKit
import TestTiming
import Testing

@Suite("Chaos: a server that refuses", .timeLimit(Chaos.timeLimit))
struct RefusalScenarios {
    @Test(
        "18: a permission that is revoked is seen from outside, asked for ever more rarely, and used once it is back",
        arguments: Chaos.seeds
    )
    func revoked(seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "18: permission revoked")
        scenario.duration = .seconds(700)
        scenario.invariants.lists = 60
        try await scenario.run(seed: seed) { world in
            let widgets = world.widgetOperator.widgets
            let match = FaultMatch([.list, .watch], "widgets.example.com", client: WidgetWorld.client)
            let rule = world.plan.add(match, .status(403, "Forbidden", "widgets.example.com is forbidden"))
            world.plan.endStreams(match)
            let start = world.clock.elapsed
            try await world.pass(.seconds(600))
            #expect(widgets.staleness != nil && world.widgetOperator.parts.staleness == nil)
            #expect(widgets.status.lastFailure?.contains("403 Forbidden") == true)
            #expect(world.lines().contains { $0.contains("widgets.example.com") && $0.contains("403 Forbidden") })
            let dimensions = [("name", widgets.name), ("cause", "forbidden")]
            let counted = try world.metrics.expectCounter("informer_failures_total", dimensions).totalValue
            let attempts = world.reads("widgets.example.com", since: start)
            #expect(Int(counted) == attempts.count { $0.status == 403 })
            // One request every half to whole minute in the end.
            let late = attempts.filter { $0.time >= start + .seconds(300) }
            #expect((4...11).contains(late.count), "\(late.count) requests in five minutes")
            world.plan.remove(rule)
            let isBack = try await world.wait(atMost: .seconds(61)) { _ in widgets.staleness == nil }
            #expect(isBack)
        }
    }

    @Test(
        "20: Retry-After is kept to by every request, and leadership survives a server that throttles",
        arguments: Chaos.seeds
    )
    func throttled(seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "20: throttled")
        scenario.duration = .seconds(200)
        scenario.invariants.settling = .seconds(400)
        scenario.invariants.lists = 40
        try await scenario.run(seed: seed) { world in
            let lease = ObjectKey(namespace: "default", name: "widgets")
            let candidate = Shelf<String?>(nil)
            let elector = try Self.elector(world, lease)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do { try await elector.run() } catch is CancellationError {} catch { candidate.value = "\(error)" }
                }
                try await world.pass(.seconds(10))
                #expect(elector.isLeading)
                // The leases have a level of their own, in which it is crowded too.
                world.plan.add(
                    FaultMatch([], "leases.coordination.k8s.io", client: "candidate"),
                    .status(429, "TooManyRequests", retryAfter: 1),
                    probability: 0.3
                )
                for retryAfter in [1, 3, 10, 30] {
                    let start = world.clock.elapsed
                    let rule = world.plan.add(
                        WidgetWorld.everyRequest,
                        .status(429, "TooManyRequests", retryAfter: retryAfter),
                        probability: 0.4
                    )
                    world.plan.endStreams(WidgetWorld.watches, .reset)
                    try await world.pass(.seconds(45))
                    world.plan.remove(rule)
                    try await world.pass(.seconds(retryAfter))
                    #expect(world.plan.firings(of: rule) > 0)
                    Self.checkPauses(world, since: start, retryAfter)
                }
                #expect(candidate.value == nil && elector.isLeading, "leadership was lost")
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    private static func elector(_ world: WidgetWorld, _ lease: ObjectKey) throws -> LeaderElector {
        let transport = world.cluster.transport(
            userAgent: "candidate/1.0",
            client: "candidate",
            limits: .init(requestTimeout: .seconds(5))
        )
        let quiet = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() })
        return LeaderElector(
            client: APIClient(
                transport: transport,
                userAgent: "candidate/1.0",
                clock: world.clock,
                spread: Chaos.spread(world.seed),
                logger: quiet
            ),
            lease: lease,
            configuration: try LeaderElectionConfiguration(identity: "candidate"),
            clock: world.clock,
            wallClock: { WidgetWorld.epoch + world.clock.elapsed / .seconds(1) },
            seed: world.seed,
            logger: quiet,
            metricsFactory: world.metrics,
            whileLeading: { try await Latch().waitOrCancel() }
        )
    }

    /// No request came again sooner than it was told to.
    private static func checkPauses(_ world: WidgetWorld, since start: Duration, _ retryAfter: Int) {
        let requests = world.plan.requests(WidgetWorld.everyRequest).filter { $0.time >= start }
        for refused in requests where refused.status == 429 {
            let again = requests.first {
                $0.number > refused.number && $0.request.verb == refused.request.verb
                    && $0.request.path == refused.request.path
            }
            guard let again else { continue }
            let pause = again.time - refused.time
            let what = "\(refused.request.verb) \(refused.request.path)"
            #expect(pause >= .seconds(retryAfter), "\(what) came again after \(pause) and not \(retryAfter) s")
        }
    }

    @Test(
        "21: a fifth of all requests fails with 500 or 503, and everything is done in the end",
        arguments: Chaos.seeds
    )
    func storms(seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "21: storms")
        scenario.steps = 60
        scenario.duration = .seconds(300)
        scenario.invariants.lists = 60
        try await scenario.run(seed: seed) { world in
            let rules = [
                world.plan.add(WidgetWorld.everyRequest, .status(500, "InternalError"), probability: 0.1),
                world.plan.add(WidgetWorld.everyRequest, .status(503, "ServiceUnavailable"), probability: 0.08),
                world.plan.add(
                    WidgetWorld.everyRequest,
                    .status(503, "ServiceUnavailable", retryAfter: 1),
                    probability: 0.05
                ),
            ]
            for _ in 0..<10 {
                try await world.pass(.seconds(30))
                world.plan.endStreams(WidgetWorld.watches, .reset)
            }
            #expect(rules.allSatisfy { world.plan.firings(of: $0) > 0 })
            #expect(world.widgetOperator.queue.totals.retries > 0, "keys that failed are tried again")
        }
    }
}
