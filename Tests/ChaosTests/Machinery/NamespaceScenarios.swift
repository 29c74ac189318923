import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import TestTiming
import Testing

@Suite("Chaos: namespaces that end", .timeLimit(Chaos.timeLimit))
struct NamespaceScenarios {
    @Test(
        "17: a namespace is deleted while its objects are worked on: their finalizers go, nothing is made, and it ends",
        arguments: Chaos.seeds
    )
    func deleted(seed: UInt64) async throws {
        Chaos.announce("17: namespace deleted", seed)
        var settings = WidgetWorld.Settings()
        settings.workTime = .seconds(3)
        let world = try WidgetWorld(seed: seed, settings)
        try await world.run { world in
            try await world.define()
            // Some are done, some are begun, and some nobody has looked at yet.
            for number in 0..<20 { _ = try await world.auditor.send(WidgetUser.create("w\(number)", color: "red")) }
            let isBegun = try await world.wait(atMost: .seconds(60)) { world in
                try await WidgetLedger(of: world).parts.count >= 4
            }
            #expect(isBegun)
            let unfinished = try await WidgetLedger(of: world).loose
            #expect(!unfinished.isEmpty, "all is done already")
            try await world.auditor.resource(Namespace.self).delete(WidgetOperator.namespace)
            // By number: what was made just before may have been made at the same moment.
            let deletion = await world.cluster.recordedMutations.last { mutation in
                mutation.request.verb == .delete && mutation.request.resource == Namespace.resource.plural
            }
            let deleted = try #require(deletion?.number)
            let path = Namespace.resource.path(name: WidgetOperator.namespace)
            let isGone = try await world.wait(atMost: .seconds(120)) { try await $0.isGone(path) }
            #expect(isGone, "the finalizers hold up the end of the namespace")
            let mutations = await world.cluster.recordedMutations.filter {
                $0.client == WidgetWorld.client && $0.number > deleted
            }
            let made = mutations.filter { $0.isCommitted && $0.request.verb == .create }
            #expect(made.isEmpty, "made in a namespace that ends: \(made.map(\.request.name))")
            // For each: its child and its finalizer go; what was begun is refused once or twice.
            #expect(mutations.count <= 4 * 20, "\(mutations.count) attempts")
            try await world.pass(.seconds(400))
            let late = await world.cluster.recordedMutations.filter {
                $0.client == WidgetWorld.client && $0.elapsed >= world.clock.elapsed - .seconds(200)
            }
            #expect(late.isEmpty, "still at work where nothing is: \(late.map(\.request.name))")
            // Made again under its name it is as good as any.
            try await world.makeNamespace()
            _ = try await world.auditor.send(WidgetUser.create("w0", color: "blue"))
            // Two widgets bore the name: one may have been finished and cleared away before the other was made.
            try await Invariants(lists: 20, stepsByName: ["w0": 2]).check(world)
            #expect(try await WidgetLedger(of: world).parts == ["part w0 blue"])
        }
    }
}
