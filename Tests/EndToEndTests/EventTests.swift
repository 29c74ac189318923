import KubernetesAPI
import KubernetesClient
import Testing
import TrustResources

/// What a person sees with an unmodified `kubectl` of the Events that the operator writes.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(10)), .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason))
struct EventTests {
    @Test("kubectl describe shows the verdict's Events on the image's object and on its pods, later ones too")
    func describe() async throws {
        try await OperatorCluster.with { cluster in
            let kubectl = KubectlTool(cluster: cluster)
            let process = OperatorProcess(cluster, identity: "only")
            try await process.whileRunning {
                try await cluster.waitForHolder("only")
                try await cluster.applyPolicy(decision: "Untrusted")
                try await cluster.runPod("web-0", repository: "registry.example.com/shop/web")
                try await Self.waitForEvent(about: "web-0", in: cluster)
                let name = try #require(
                    try await cluster.client.resource(ImageVerification.self)
                        .list(ObjectSelection(namespace: cluster.namespace)).items.first?.metadata.name
                )
                try await Self.waitForEvent(about: name, in: cluster)
                // "Warning ImageUntrusted 2s vigil.dev/operator, only image registry.example.com/…: MarkedUntrusted: …"
                let onPod = try await kubectl.events(of: "pod", "web-0").first { $0.contains("ImageUntrusted") }
                #expect(onPod?.hasPrefix("Warning ImageUntrusted ") == true, "\(onPod ?? "no Event")")
                #expect(onPod?.contains("vigil.dev/operator") == true, "\(onPod ?? "")")
                #expect(
                    onPod?.contains(
                        "image registry.example.com/shop/web:v1@\(OperatorCluster.digest): MarkedUntrusted:"
                    ) == true,
                    "\(onPod ?? "")"
                )
                let onObject = try await kubectl.events(of: "imageverification", name)
                #expect(
                    onObject.contains { $0.hasPrefix("Warning ImageUntrusted ") && $0.contains("MarkedUntrusted:") },
                    "\(onObject)"
                )
                // A pod that starts with an image that is known to be bad.
                try await cluster.runPod("web-1", repository: "registry.example.com/shop/web")
                try await Self.waitForEvent(about: "web-1", in: cluster)
                #expect(try await kubectl.events(of: "pod", "web-1").contains { $0.contains("ImageUntrusted") })
                #expect(try await kubectl.events(of: "imageverification", name).count == onObject.count)
            }
        }
    }

    /// Returns as soon as there is an `ImageUntrusted` about the object.
    private static func waitForEvent(about name: String, in cluster: OperatorCluster) async throws {
        let event = try await cluster.firstObject(of: Event.self) { event in
            event.regarding?.name == name && event.reason == "ImageUntrusted"
        }
        try #require(event != nil, "no Event ImageUntrusted about \(name) in time")
    }
}
