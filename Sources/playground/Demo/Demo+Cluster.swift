import Foundation
import JSONModel

extension Demo {
    /// Puts Vigil's definitions, the policies and the pods on the cluster.
    func prepareCluster(_ registries: DemoRegistries, _ images: [PublishedImage]) async throws -> Scene {
        transcript.heading("Installing the definitions and trying the samples")
        try await cluster.insist(["apply", "-k", "config/crd"])
        try await cluster.insist(["wait", "--for=condition=Established", "--timeout=30s"] + Cluster.definitions)
        try await cluster.createNamespaces()
        try await checkSamples()

        let scene = try scene(registries, images)
        transcript.heading("Applying the policies")
        try await apply(scene.policies.trustConfigMap(), as: "trust")
        try await apply(scene.policies.shop(), as: "shop")
        try await apply(scene.policies.payments(trustsPartner: true), as: "payments")

        let secret = PullSecretManifest(registries: registries, namespace: cluster.namespace(.payments))
        try await apply(secret.document, as: "pull-secret")

        transcript.heading("Starting the pods")
        try await startPods(scene)
        return scene
    }

    /// Writes a manifest into the demo's folder and applies it.
    func apply(_ manifest: String, as name: String) async throws {
        try folder.write(manifest, to: "manifests/\(name).yaml")
        try await cluster.insist(["apply", "-f", relative("manifests/\(name).yaml")])
    }

    private func scene(_ registries: DemoRegistries, _ images: [PublishedImage]) throws -> Scene {
        let signer = Signer(tools: tools)
        var anchors: [SigningKey: String] = [:]
        for key in SigningKey.allCases { anchors[key] = try signer.trustAnchor(of: key) }
        let byRole = Dictionary(images.map { ($0.image.role, $0) }, uniquingKeysWith: { first, _ in first })
        let namespace: @Sendable (DemoImage.Team) -> String = { [cluster] in cluster.namespace($0) }
        return Scene(
            images: byRole,
            pods: PodManifests(images: byRole, namespace: namespace),
            policies: PolicyManifests(registries: registries, images: images, anchors: anchors, namespace: namespace),
            namespace: namespace
        )
    }

    /// The samples are applied as they are, and removed again: they would speak for the images that follow.
    ///
    /// A real cluster has no namespaces of their names, and its own workloads must not be judged by samples, so there
    /// they are only checked, in the demo's own namespaces.
    private func checkSamples() async throws {
        guard !cluster.isStandIn else {
            try await cluster.insist(["apply", "-k", "config/samples"])
            return try await cluster.insist(["delete", "-k", "config/samples"])
        }
        try FileManager.default.createDirectory(atPath: folder.path + "/samples", withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.samples)
        where name.hasSuffix(".yaml") && name != "kustomization.yaml" {
            var text = try String(contentsOfFile: folder.samples + "/" + name, encoding: .utf8)
            for team in DemoImage.Team.allCases {
                text = text.replacingOccurrences(
                    of: "namespace: \(team.rawValue)\n",
                    with: "namespace: \(cluster.namespace(team))\n"
                )
            }
            try folder.write(text, to: "samples/\(name)")
        }
        try await cluster.insist(["apply", "--dry-run=server", "-f", relative("samples")])
    }

    private func startPods(_ scene: Scene) async throws {
        try folder.write(scene.pods.documents(DemoPod.all), to: "manifests/pods.yaml")
        try await cluster.insist(["apply", "-f", relative("manifests/pods.yaml")])
        transcript.note("no node runs them: what a kubelet would report is written into their status")
        let now = Date().formatted(.iso8601)
        for pod in DemoPod.all {
            let status = JSONSerializer().string(scene.pods.runningStatus(of: pod, startedAt: now))
            try await tools.run(
                .kubectl,
                [
                    "patch", "pod", pod.name, "--namespace", cluster.namespace(pod.team), "--subresource=status",
                    "--type=merge", "--patch", status,
                ]
            )
        }
    }

    /// A path of the demo's folder as it is typed in the checkout, where kubectl works.
    func relative(_ name: String) -> String {
        folder.path.replacingOccurrences(of: folder.checkout + "/", with: "") + "/" + name
    }
}
