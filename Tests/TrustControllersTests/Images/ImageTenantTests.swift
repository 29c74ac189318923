import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Namespaces that share the workers of one operator, and its registries.
@Suite(.timeLimit(.minutes(3))) struct ImageTenantTests {
    @Test("registries are asked on the account of the namespace whose pods run the image")
    func account() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            #expect(world.registry.tenants == [world.namespace])
        }
    }

    @Test("what the controllers of a test do not see they leave alone, though they watch every namespace")
    func strangers() async throws {
        try await ControllerWorld.run(seesCluster: true) { world in
            try await world.cluster.withNamespace("vigil-foreign") { foreign in
                let image = try world.registry.push("web")
                try world.registry.sign(image, by: world.chain)
                var policy = world.policy()
                policy.metadata.namespace = foreign
                _ = try await world.client.resource(TrustPolicy.self).create(policy)
                try await world.runPod("web-0", image: image, in: foreign)
                try await world.apply(world.policy())
                try await world.runPod("web-0", image: image)
                _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
                let verifications = world.client.resource(ImageVerification.self)
                #expect(try await verifications.list(ObjectSelection(namespace: foreign)).items.isEmpty)
            }
        }
    }

    @Test("a namespace whose registry does not answer leaves a worker to the others")
    func turns() async throws {
        try await ControllerWorld.run(seesCluster: true) { world in
            try await world.cluster.withNamespace("\(world.namespace)-stuck") { stuck in
                world.registry.hold(stuck)
                var policy = world.policy()
                policy.metadata.namespace = stuck
                _ = try await world.client.resource(TrustPolicy.self).create(policy)
                for index in 0..<8 {
                    try await world.runPod("many-\(index)", image: try world.registry.push("many-\(index)"), in: stuck)
                }
                await world.registry.waitForHeld(3)
                let image = try world.registry.push("web")
                try world.registry.sign(image, by: world.chain)
                try await world.apply(world.policy())
                try await world.runPod("web-0", image: image)
                _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
                #expect(world.registry.waiting == 3)
                world.registry.hold(nil)
            }
        }
    }
}
