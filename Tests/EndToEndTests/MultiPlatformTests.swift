import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Images for two platforms, made by the real `oras`, signed by the real `notation`, in the real `docker-registry`.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct MultiPlatformTests {
    /// An image for two platforms: each reference is pinned to its digest.
    private struct Image {
        let name: String
        let index: String
        let intel: String
        let arm: String

        static func digest(_ reference: String) -> String { String(reference.split(separator: "@")[1]) }
    }

    /// Pushes an image for two platforms as `name:v1`; another `version` is another image.
    private static func push(_ name: String, _ registry: RealRegistry, version: String = "") async throws -> Image {
        let workspace = registry.workspace
        let repository = "\(registry.host)/\(name)"
        func pinned(_ tag: String) async throws -> String {
            let digest = try await workspace.tool("oras", ["resolve", "--plain-http", "\(repository):\(tag)"])
            return "\(repository)@\(digest.trimmingCharacters(in: .whitespacesAndNewlines))"
        }
        for platform in ["amd64", "arm64"] {
            try workspace.write("\(name) \(version) for \(platform)", to: "layer.txt")
            try workspace.write(#"{"os":"linux","architecture":"\#(platform)"}"#, to: "config.json")
            try await workspace.tool(
                "oras",
                [
                    "push", "--plain-http", "--config", "config.json:application/vnd.oci.image.config.v1+json",
                    "\(repository):\(platform)", "layer.txt:application/vnd.oci.image.layer.v1.tar",
                ]
            )
        }
        try await workspace.tool(
            "oras",
            ["manifest", "index", "create", "--plain-http", "\(repository):v1", "amd64", "arm64"]
        )
        return Image(
            name: "\(repository):v1",
            index: try await pinned("v1"),
            intel: try await pinned("amd64"),
            arm: try await pinned("arm64")
        )
    }

    /// What `vigil verify` says: the exit status, and the image of its JSON report.
    private static func verify(
        _ reference: String,
        _ registry: RealRegistry,
        _ arguments: [String] = []
    ) async throws -> (status: Int32, image: JSONValue) {
        let outcome = try await registry.workspace.vigil(
            ["verify", "--plain-http", "-o", "json", reference] + arguments
        )
        let report = try JSONParser().parse(Array(outcome.output.utf8))
        return (outcome.status, report["images"]?.array?.first ?? .null)
    }

    @Test(
        "signed index, signed platform, both and neither, whichever runs: what is signed vouches, and the report says what"
    )
    func matrix() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                try workspace.apply(NotationPolicy())
                for (name, signsIndex, signsPlatform) in [
                    ("index", true, false), ("platform", false, true), ("both", true, true), ("neither", false, false),
                ] {
                    let image = try await Self.push(name, registry)
                    if signsIndex { try await registry.sign(image.index, key: "good") }
                    if signsPlatform { try await registry.sign(image.arm, key: "good") }
                    let arm = "\(image.name)@\(Image.digest(image.arm))"
                    for (reference, ownIsSigned) in [(image.index, signsIndex), (arm, signsPlatform)] {
                        let (status, found) = try await Self.verify(reference, registry, ["--platform", "linux/arm64"])
                        guard signsIndex || signsPlatform else {
                            #expect(status == 1 && found["reason"] == "NoSignature", "\(name) \(found)")
                            continue
                        }
                        let isIndex = ownIsSigned == (reference == image.index)
                        #expect(status == 0, "\(name) \(reference) \(found)")
                        #expect(found["digest"]?.string == Image.digest(reference))
                        #expect(found["verifiedManifest"] == (isIndex ? "Index" : "Platform"), "\(name) \(found)")
                        let carrier = Image.digest(isIndex ? image.index : image.arm)
                        #expect(found["verifiedDigest"]?.string == carrier)
                    }
                    // The other platform is vouched for by the index alone.
                    let intel = "\(image.name)@\(Image.digest(image.intel))"
                    #expect(try await Self.verify(intel, registry).status == (signsIndex ? 0 : 1))
                }
            }
        }
    }

    @Test("a bundle of an image that its index vouches for leads to the same verdict when the registry is gone")
    func bundle() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                try workspace.apply(NotationPolicy())
                let image = try await Self.push("web", registry)
                try await registry.sign(image.index, key: "good")
                let arm = "\(image.name)@\(Image.digest(image.arm))"
                let explained = try await workspace.vigil(["explain", "--plain-http", "--bundle", "out.tar", arm])
                #expect(explained.status == 0, "\(explained.errors)")
                #expect(explained.output.contains("where \(image.name) leads: \(Image.digest(image.index))"))
                #expect(
                    explained.output.contains(
                        "evidence: on index \(Image.digest(image.index)), which lists the image"
                    )
                )
            }
            let replayed = try await workspace.vigil(["verify", "--bundle", "out.tar", "-o", "json"])
            let report = try JSONParser().parse(Array(replayed.output.utf8))
            #expect(replayed.status == 0)
            #expect(report["images"]?.array?.first?["verifiedManifest"] == "Index", "\(replayed.output)")
        }
    }

    @Test("the operator trusts what runs by its index, tells that the tag moved, and trusts it still")
    func operatorProcess() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace) { registry in
                    let image = try await Self.push("web", registry)
                    try await registry.makeKey("team")
                    try await registry.sign(image.index, key: "team")
                    let policy = cluster.policy(trusting: try registry.certificate("team"))
                    _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
                    try await cluster.runPod("web-0", image: image.name, imageID: image.arm)
                    try await Self.watch(image, registry, cluster)
                }
            }
        }
    }

    private static func watch(_ image: Image, _ registry: RealRegistry, _ cluster: OperatorCluster) async throws {
        let process = OperatorProcess(
            cluster,
            identity: "only",
            arguments: ["--plain-http-registry", registry.host, "--evidence-age", "1s"]
        )
        try await process.whileRunning {
            let running = "\(image.name)@\(Image.digest(image.arm))"
            let first = try await cluster.status(of: running) { $0.verdict == .trusted }
            #expect(first.verifiedDigest == Image.digest(image.index) && first.verifiedManifest == .index)
            #expect(first.conditions?[type: ConditionType.tagMoved] == nil)
            let next = try await push("web", registry, version: "2")
            #expect(next.index != image.index)
            let name = try #require(try await cluster.firstObject(of: ImageVerification.self) { _ in true }).metadata
                .name
            _ = try await cluster.client.resource(ImageVerification.self).patch(
                name,
                namespace: cluster.namespace,
                .merge(["metadata": ["annotations": [TrustAPI.verifyAnnotation: "now"]]])
            )
            let moved = try await cluster.status(of: running) {
                $0.conditions?[type: ConditionType.tagMoved]?.status == .true
            }
            let message = moved.conditions?[type: ConditionType.tagMoved]?.message ?? ""
            #expect(message.contains("\(image.name) leads to \(Image.digest(next.index))"), "\(message)")
            #expect(moved.verdict == .trusted && moved.verifiedDigest == Image.digest(image.index))
        }
    }
}
