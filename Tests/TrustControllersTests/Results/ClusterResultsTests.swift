import ImageTrust
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OCIModel
import OperatorTestKit
import ServiceLifecycle
import Testing
import TrustControllers
import TrustModel
import TrustResources

/// What is known of a cluster, as its caches have it.
@Suite("Results of a cluster", .timeLimit(.minutes(2)))
struct ClusterResultsTests {
    /// A world with caches of its own beside those of the controllers, and the results of it.
    private func withResults(
        mirrors: RegistryMirrors = .none,
        _ body: @escaping @Sendable (ControllerWorld, ClusterResults, ClusterView) async throws -> Void
    ) async throws {
        try await ControllerWorld.run { world in
            var logger = Logger(label: "test.results")
            logger.logLevel = .critical
            let view = ClusterView(client: world.client, namespace: world.namespace, logger: logger)
            let results = ClusterResults(view: view, mirrors: mirrors)
            try await withThrowingTaskGroup(of: Void.self) { group in
                #expect(results.revision == nil, "nothing before the caches are filled")
                for service in view.services { group.addTask { try await service.run() } }
                for cache in view.caches { try await cache.waitUntilSynced() }
                try await body(world, results, view)
                group.cancelAll()
            }
        }
    }

    /// Waits for the caches to show what is sought.
    private func results(
        _ results: ClusterResults,
        where isSought: (ResultsSnapshot) -> Bool
    ) async throws -> ResultsSnapshot {
        for _ in 0..<600 {
            let snapshot = results.snapshot()
            if isSought(snapshot) { return snapshot }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it did not come: \(results.snapshot().images)")
        return results.snapshot()
    }

    @Test("an image at a mirror is named, and found covered or not, by its origin")
    func mirrored() async throws {
        let mirror = try #require(RegistryMirror("origin.example.com=registry.example.com=origin"))
        try await withResults(mirrors: try RegistryMirrors([mirror])) { world, results, view in
            try await world.runPod("web-1", image: try world.registry.push("web"))
            let uncovered = try await self.results(results) { $0.images.count == 1 }
            #expect(uncovered.images[0].repository == "origin.example.com/shop/web")
            #expect(uncovered.images[0].reason == .noPolicy)
            var policy = world.policy()
            policy.spec.images = TrustPolicySpec.ImageSelection(include: ["origin.example.com/shop/web"])
            try await world.apply(policy)
            _ = try await self.results(results) { $0.images.first?.reason == .pending }
        }
    }

    @Test("a judged image, one that nobody speaks for, and one without a digest")
    func images() async throws {
        try await withResults { world, results, view in
            let image = try world.registry.push("web")
            let other = try world.registry.push("other")
            try world.registry.sign(image, by: world.chain)
            let before = try #require(results.revision)
            try await world.runPod("web-1", image: image)
            let uncovered = try await self.results(results) { $0.images.count == 1 }
            #expect(uncovered.images[0].verdict == nil && uncovered.images[0].reason == .noPolicy)
            #expect(uncovered.images[0].podNames == ["web-1"] && uncovered.images[0].tags == ["v1"])
            #expect(uncovered.images[0].repository == "registry.example.com/shop/web")
            #expect(results.revision != before && results.revision?.isCurrent == true)

            var policy = world.policy()
            policy.spec.images = TrustPolicySpec.ImageSelection(include: ["registry.example.com/shop/web"])
            try await world.apply(policy)
            try await world.runPod("web-0", image: image)
            try await world.runPod(
                "local-0",
                image: "built:here",
                imageID: "sha256:\(String(repeating: "a", count: 64))"
            )
            try await world.runPod(
                "other-0",
                image: "other.example.com/x:v1",
                imageID: "other.example.com/x@\(other.digest)"
            )
            let all = try await self.results(results) { snapshot in
                snapshot.images.count == 3 && snapshot.images.contains { $0.verdict == .trusted && $0.pods == 2 }
            }
            let judged = try #require(all.images.first { $0.verdict == .trusted })
            #expect(judged.key.name == ImageVerification.name(for: image.digest) && !judged.isGate)
            let local = try #require(all.images.first { $0.digest == nil })
            #expect(local.image == "built:here" && local.reason == .noPolicy && local.pods == 1)
            let elsewhere = try #require(all.images.first { $0.repository == "other.example.com/x" })
            #expect(elsewhere.reason == .noPolicy && elsewhere.digest == other.digest.description)
            #expect(all.policies.map(\.policy) == ["TrustPolicy/\(world.namespace)/\(policy.metadata.name)"])

            let containers = results.containers()
            #expect(containers.map(\.pod.name) == ["local-0", "other-0", "web-0", "web-1"])
            #expect(containers.map(\.container) == Array(repeating: "web", count: 4))
            #expect(containers[0].hash.isEmpty && containers[0].imageID.isEmpty && containers[0].image == "built:here")
            #expect(containers[2].hash == image.digest.hex && containers[2].verification == judged.key)
            #expect(containers[2].imageID == "registry.example.com/shop/web@\(image.digest)")

            // What is gone is gone.
            for pod in ["web-0", "web-1", "local-0", "other-0"] {
                try await world.client.resource(Pod.self).delete(pod, namespace: world.namespace)
            }
            let gone = try await self.results(results) { $0.images.allSatisfy { !$0.isRunning } }
            #expect(gone.images.allSatisfy { $0.verdict == .trusted } && results.containers().isEmpty)
        }
    }
}
