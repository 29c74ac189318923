import EmbeddedKubernetes
import FoundationEssentials
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

/// The annotation by which a person asks that everything be asked again now.
///
/// The controllers' clock stands: nothing is looked at again because time has passed. With `VIGIL_TEST_KUBECONFIG` the
/// cluster is a real one.
@Suite(.timeLimit(.minutes(5))) struct VerifyNowTests {
    private static func annotate<Object: KubernetesObject>(
        _ type: Object.Type,
        _ name: String,
        _ value: String,
        in world: ControllerWorld
    ) async throws {
        _ = try await world.client.resource(type).patch(
            name,
            namespace: world.namespace,
            .merge(["metadata": ["annotations": [TrustAPI.verifyAnnotation: .string(value)]]])
        )
    }

    @Test("an image signed since is Trusted as soon as somebody asks, and its status repeats the request")
    func image() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web")
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.reason == .noSignature }
            try world.registry.sign(image, by: world.chain)
            let name = ImageVerification.name(for: image.digest)
            try await Self.annotate(ImageVerification.self, name, "2026-06-01T00:00:01Z", in: world)
            let found = try await world.verification(of: image) { $0.status?.lastHandledVerifyRequest != nil }
            #expect(found.status?.verdict == .trusted)
            #expect(found.status?.lastHandledVerifyRequest == "2026-06-01T00:00:01Z")
            #expect(found.metadata.annotations == [TrustAPI.verifyAnnotation: "2026-06-01T00:00:01Z"])
            #expect(found.metadata.generation == 1)
        }
    }

    @Test("a verdict that is believed for minutes is asked for again on request")
    func trusted() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            world.registry.removeSignatures(of: image)
            let name = ImageVerification.name(for: image.digest)
            for token in ["once", "twice"] {
                try await Self.annotate(ImageVerification.self, name, token, in: world)
                let found = try await world.verification(of: image) { $0.status?.lastHandledVerifyRequest == token }
                #expect(found.status?.reason == .noSignature)
            }
        }
    }

    @Test("a request to a policy reaches every image that it speaks for, and the policy's status repeats it")
    func policy() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let images = try ["web", "api"].map { try world.registry.push($0) }
            try await world.apply(world.policy())
            for (index, image) in images.enumerated() {
                try await world.runPod("pod-\(index)", image: image)
                _ = try await world.verification(of: image) { $0.status?.reason == .noSignature }
                try world.registry.sign(image, by: world.chain)
            }
            try await Self.annotate(TrustPolicy.self, "shop", "now", in: world)
            for image in images { _ = try await world.verification(of: image) { $0.status?.verdict == .trusted } }
            let policy = try await world.object(TrustPolicy.self, "shop") {
                $0.status?.lastHandledVerifyRequest == "now"
            }
            #expect(policy.metadata.generation == 1)
        }
    }

    @Test("a request during an outage is answered too: the verdict is kept, and not fresh")
    func outage() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            world.registry.setDown(true)
            try await Self.annotate(ImageVerification.self, ImageVerification.name(for: image.digest), "now", in: world)
            let found = try await world.verification(of: image) { $0.status?.lastHandledVerifyRequest == "now" }
            #expect(found.status?.verdict == .trusted)
            #expect(found.status?.conditions?[type: ConditionType.fresh]?.status == .false)
        }
    }
}
