import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import Testing
import TrustResources

/// A gate as a pipeline uses it, with `kubectl` alone.
@Suite(
    .enabled(if: try RealTools.areInstalled, RealTools.reason),
    .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason),
    .timeLimit(.minutes(10))
)
struct GateTests {
    private static let gate = "imageverification/release-gate"

    private static func manifest(_ image: String) -> String {
        """
        apiVersion: vigil.dev/v1alpha1
        kind: ImageVerification
        metadata: {name: release-gate}
        spec: {image: "\(image)"}

        """
    }

    @Test(
        "kubectl wait waits while the image is unsigned and ends once it is signed, and applying again changes nothing"
    )
    func pipeline() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeKey("team")
                let image = try await registry.push("web")
                let certificate = try registry.certificate("team")
                try await OperatorCluster.with { cluster in
                    let kubectl = KubectlTool(cluster: cluster)
                    let policy = String(
                        decoding: try JSONEncoder().encode(cluster.policy(trusting: certificate)),
                        as: UTF8.self
                    )
                    try await kubectl("apply", "-f", "-", input: policy)
                    try await kubectl("apply", "-f", "-", input: Self.manifest(image))
                    let observed = try await kubectl("get", Self.gate, "-o", "jsonpath={.status.observedGeneration}")
                    #expect(observed == "-1", "nobody has looked at it, so nobody may go on")

                    let address = String(image.prefix { $0 != "/" })
                    let process = OperatorProcess(
                        cluster,
                        identity: "only",
                        arguments: ["--plain-http-registry", address]
                    )
                    try await process.whileRunning {
                        try await kubectl(
                            "wait",
                            Self.gate,
                            "--for=jsonpath={.status.reason}=NoSignature",
                            "--timeout=120s"
                        )
                        let early = try await kubectl.outcome(
                            "wait",
                            Self.gate,
                            "--for=condition=Verified",
                            "--timeout=1s"
                        )
                        #expect(early.status == 1 && early.errors.contains("timed out"), "\(early)")
                        try await registry.sign(image, key: "team")
                        try await kubectl(
                            "annotate",
                            Self.gate,
                            "\(TrustAPI.verifyAnnotation)=now"
                        )
                        try await kubectl("wait", Self.gate, "--for=condition=Verified", "--timeout=120s")
                        try await kubectl("wait", Self.gate, "--for=condition=Ready", "--timeout=120s")
                        for manifest in [policy, Self.manifest(image)] {
                            try await kubectl("apply", "-f", "-", input: manifest)
                        }
                        for object in [Self.gate, "trustpolicy/shop"] {
                            let generation = try await kubectl("get", object, "-o", "jsonpath={.metadata.generation}")
                            #expect(generation == "1", "the specification of \(object) was changed")
                        }
                    }
                }
            }
        }
    }
}
