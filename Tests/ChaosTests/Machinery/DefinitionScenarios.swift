import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import TestTiming
import Testing

@Suite("Chaos: definitions that come and go", .timeLimit(Chaos.timeLimit))
struct DefinitionScenarios {
    private static let definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"

    @Test(
        "15: a definition is deleted with 100 objects that hold a finalizer, and comes back, with another schema or the same",
        arguments: Chaos.seeds,
        [true, false]
    )
    func deleted(seed: UInt64, isChanged: Bool) async throws {
        Chaos.announce("15: definition deleted, \(isChanged ? "another" : "the same") schema", seed)
        let world = try WidgetWorld(seed: seed)
        try await world.run { world in
            try await world.define()
            for number in 0..<100 { _ = try await world.auditor.send(WidgetUser.create("w\(number)", color: "red")) }
            let isReady = try await world.wait(atMost: .seconds(60)) { world in
                let ledger = try await WidgetLedger(of: world)
                return ledger.parts.count == 100 && ledger.loose.isEmpty
            }
            #expect(isReady)
            _ = try await world.auditor.send(APIRequest(.delete, Self.definition))
            let isGone = try await world.wait(atMost: .seconds(60)) { try await $0.isGone(Self.definition) }
            #expect(isGone, "the finalizers hold up the end of the definition")
            try await world.pass(.seconds(400))
            try await Self.checkAbsence(world)
            try await world.define(requiresSize: isChanged)
            let back = world.clock.elapsed
            let resumes = try await world.wait(atMost: .seconds(60)) { world in
                world.widgetOperator.widgets.status.lastFailure == nil
            }
            #expect(resumes, "not back after \(world.clock.elapsed - back)")
            _ = try await world.auditor.send(WidgetUser.create("served", color: "blue", size: 1))
            _ = try await world.auditor.send(WidgetUser.create("stalled", color: nil, size: 1))
            if isChanged {
                let refusal = await #expect(throws: APIError.self) {
                    try await world.auditor.send(WidgetUser.create("w0", color: "red"))
                }
                #expect(refusal?.code == .invalid)
            }
            try await Invariants(lists: 60).check(world)
            let ledger = try await WidgetLedger(of: world)
            #expect(ledger.parts == ["part served blue"])
            #expect(ledger.widgets.contains { $0.hasPrefix("stalled - ") && $0.contains("False NoColor") })
        }
    }

    private static func checkAbsence(_ world: WidgetWorld) async throws {
        let parts = try await world.auditor.resource(ConfigMap.self)
            .list(ObjectSelection(labelSelector: WidgetOperator.label))
        #expect(parts.items.isEmpty, "children leaked")
        #expect(world.widgetOperator.widgets.count == 0)
        #expect(world.widgetOperator.widgets.staleness?.hasPrefix("nothing heard of widgets") == true)
        #expect(world.widgetOperator.parts.staleness == nil)
        // One request at each attempt once watch-lists are known to fail, and an attempt every half minute or so.
        let recent = world.reads("widgets.example.com", since: world.clock.elapsed - .seconds(120))
        #expect((2...10).contains(recent.count), "\(recent.count) requests in two minutes")
    }

    @Test("16: without a definition the operator waits, says so, and begins once it is there", arguments: Chaos.seeds)
    func absent(seed: UInt64) async throws {
        Chaos.announce("16: definition absent", seed)
        let user = WidgetUser(seed: seed, steps: 20, within: .seconds(30))
        var invariants = Invariants(lists: 60, stepsByName: user.stepsByName)
        invariants.golden = try await WidgetLedger.golden(seed: seed, user)
        let checks = invariants
        try await WidgetWorld(seed: seed).run { world in
            try await world.pass(.seconds(600))
            #expect(world.operatorEnd == nil, "the operator ended instead of waiting")
            #expect(!world.isSynced && world.widgetOperator.parts.hasSynced)
            #expect(world.widgetOperator.widgets.staleness == "no complete list yet of widgets.example.com in workshop")
            let lines = world.lines()
            #expect(lines.contains { $0.contains("widgets.example.com") && $0.contains("CustomResourceDefinition") })
            #expect(
                lines.contains {
                    $0.contains("a controller waits for its caches") && $0.contains("widgets.example.com")
                }
            )
            #expect(lines.count < 60, "\(lines.count) warnings in ten minutes")
            #expect(await world.cluster.recordedMutations.filter { $0.client == WidgetWorld.client }.isEmpty)
            try await world.define()
            let isSynced = try await world.wait(atMost: .seconds(61)) { $0.isSynced }
            #expect(isSynced)
            try await user.work(in: world)
            try await checks.check(world)
        }
    }
}
