import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// What the controllers log: what changes, and nothing of what stays as it is.
@Suite("Log of the controllers", .timeLimit(.minutes(5))) struct LogTests {
    /// Lines of level info and above, without those of the cluster's stand-in being slow or away.
    private func lines(_ world: ControllerWorld) -> [String] {
        world.log.lines.filter { !$0.hasPrefix("trace ") && !$0.hasPrefix("debug ") }
    }

    /// Asks for a look, and returns when it was had.
    private func look(_ world: ControllerWorld, at image: Descriptor, token: String) async throws {
        let name = ImageVerification.name(for: image.digest)
        _ = try await world.client.resource(ImageVerification.self).patch(
            name,
            namespace: world.namespace,
            .merge(["metadata": ["annotations": ["vigil.dev/verify-requested-at": .string(token)]]])
        )
        _ = try await world.verification(of: image) { $0.status?.lastHandledVerifyRequest == token }
    }

    @Test("a verdict is logged when it changes, once for all pods, and looks that find nothing new are not")
    func transitions() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try await world.apply(world.policy())
            for pod in 0..<5 { try await world.runPod("web-\(pod)", image: image) }
            _ = try await world.verification(of: image) {
                $0.status?.verdict == .unknown && $0.status?.workloads?.pods == 5
            }
            for token in ["1", "2", "3"] { try await look(world, at: image, token: token) }
            try world.registry.sign(image, by: world.chain)
            try await look(world, at: image, token: "4")
            for token in ["5", "6", "7"] { try await look(world, at: image, token: token) }

            let reference = "registry.example.com/shop/web:v1@\(image.digest)"
            let place = "namespace=\(world.namespace)"
            let lines = lines(world)
            #expect(
                lines.filter { $0.contains("verdict") } == [
                    "info verdict changed from= \(place) reason=NoSignature trust.image=\(reference) verdict=Unknown",
                    "info verdict changed from=Unknown \(place) reason=Verified trust.image=\(reference) verdict=Trusted",
                ]
            )
            #expect(lines.count { $0.hasPrefix("info policy in force") } == 1)
            #expect(!lines.contains { $0.contains("web-") }, "pods are not logged: \(lines)")
        }
    }
}
