import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import TestTiming
import Testing
import TrustControllers
import TrustModel
import TrustResources

/// Verifications that people made, of images that nothing runs.
@Suite("Gates", .timeLimit(.minutes(5))) struct GateTests {
    private static let name = "release-gate"

    private static func make(
        for image: Descriptor,
        policies: [ImageVerificationSpec.PolicyReference],
        in world: ControllerWorld
    ) async throws {
        let gate = ImageVerification(
            metadata: ObjectMeta(name: name, namespace: world.namespace),
            spec: ImageVerificationSpec(image: "registry.example.com/shop/web@\(image.digest)", policyRefs: policies)
        )
        _ = try await world.client.resource(ImageVerification.self).create(gate)
    }

    private static func status(
        in world: ControllerWorld,
        where isSought: @escaping @Sendable (ImageVerificationStatus) -> Bool
    ) async throws -> ImageVerificationStatus {
        let found = try await world.object(ImageVerification.self, name) { $0.status.map(isSought) ?? false }
        return try #require(found.status)
    }

    @Test("one that nobody has looked at says that its generation was not observed")
    func untouched() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            let client = world.client.resource(ImageVerification.self)
            let gate = ImageVerification(
                metadata: ObjectMeta(name: Self.name, namespace: world.namespace),
                spec: ImageVerificationSpec(image: "registry.example.com/shop/web@\(image.digest)")
            )
            let created = try await client.create(gate)
            #expect(created.status?.observedGeneration == -1 && created.status?.conditions == nil)
            let judged = try await Self.status(in: world) { $0.reason == .noPolicy }
            #expect(judged.observedGeneration == 1)
        }
    }

    @Test("policies that it names judge it alone, and each must exist")
    func missingPolicy() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            let named = world.policy()
            try await Self.make(
                for: image,
                policies: [.init(name: named.metadata.name), .init(name: "baseline")],
                in: world
            )
            let shut = try await Self.status(in: world) { $0.verdict != nil }
            #expect(shut.verdict == .unknown && shut.reason == .noPolicy)
            let place = "TrustPolicy/\(world.namespace)/baseline"
            #expect(
                shut.message?.contains("names \(place), and there is no such policy") == true,
                "\(shut.message ?? "")"
            )
            #expect(shut.conditions?[type: ConditionType.verified]?.status != .true)
            #expect(shut.conditions?[type: ConditionType.ready]?.status != .true)

            var other = named
            other.metadata.name = "baseline"
            try await world.apply(other)
            _ = try await Self.status(in: world) { $0.verdict == .trusted }

            try await world.client.resource(TrustPolicy.self).delete("baseline", namespace: world.namespace)
            _ = try await Self.status(in: world) { $0.reason == .noPolicy }
        }
    }

    @Test("a policy that it names and that is about other images does not let it pass")
    func otherPolicy() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            var other = world.policy()
            other.metadata.name = "elsewhere"
            other.spec.images = TrustPolicySpec.ImageSelection(include: ["registry.example.com/elsewhere/*"])
            try await world.apply(other)
            let names = [world.policy().metadata.name, "elsewhere"]
            try await Self.make(for: image, policies: names.map { .init(name: $0) }, in: world)
            let shut = try await Self.status(in: world) { $0.verdict != nil }
            #expect(shut.verdict == .unknown && shut.reason == .noPolicy)
            #expect(shut.message?.contains("does not speak for this image here") == true, "\(shut.message ?? "")")
        }
    }
}
