import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import Testing
import TrustResources

/// `vigil explain pod/NAME`, beside a cluster, of images that the real `notation` signed.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct PodExplanationTests {
    /// A policy of the namespace that takes its certificate from a Secret, and one of the cluster that is for others.
    private static func apply(_ cluster: OperatorCluster, certificate: String) async throws {
        let data = ["ca.pem": certificate, "password": "swordfish"].mapValues {
            JSONValue.string(Data($0.utf8).base64EncodedString())
        }
        let secret: JSONValue = [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "roots"], "data": .object(data),
        ]
        let request = APIRequest(
            .post,
            "/api/v1/namespaces/\(cluster.namespace)/secrets",
            headers: ["content-type": "application/json"],
            body: JSONSerializer().bytes(secret)
        )
        _ = try await cluster.client.send(request)
        let store = TrustStoreSource(
            type: "ca",
            certificates: CertificateSource(secretRef: CertificateSource.KeyReference(name: "roots", key: "ca.pem"))
        )
        let notary = NotarySource(level: "strict", trustedIdentities: ["*"], trustStores: [store])
        let spec = TrustPolicySpec(authorities: [AuthoritySource(name: "example", notary: notary)])
        _ = try await cluster.client.resource(TrustPolicy.self).create(
            TrustPolicy(metadata: ObjectMeta(name: "shop", namespace: cluster.namespace), spec: spec)
        )
    }

    /// A pod that is reported to run `images`, by the names of its containers.
    private static func run(
        _ name: String,
        _ images: [(container: String, image: String, id: String)],
        in cluster: OperatorCluster
    ) async throws {
        let pods = cluster.client.resource(Pod.self)
        let containers = images.map { Pod.Container(name: $0.container, image: $0.image) }
        _ = try await pods.create(
            Pod(
                metadata: ObjectMeta(name: name, namespace: cluster.namespace, labels: ["app": "web"]),
                spec: Pod.Specification(containers: containers)
            )
        )
        let statuses = images.map { container, image, id -> JSONValue in
            [
                "name": .string(container), "image": .string(image), "imageID": .string(id), "ready": true,
                "restartCount": 0,
            ]
        }
        _ = try await pods.patch(
            name,
            namespace: cluster.namespace,
            .merge(["status": ["phase": "Running", "containerStatuses": .array(statuses)]]),
            subresource: "status"
        )
    }

    private static func json(_ outcome: Workspace.Outcome) throws -> JSONValue {
        try JSONParser().parse(Array(outcome.output.utf8))
    }

    @Test("every container of a pod is explained by the policies of its cluster, and a bundle of it repeats that")
    func pod() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace) { registry in
                    try await registry.makeKey("good")
                    let good = try await registry.push("good")
                    try await registry.sign(good, key: "good")
                    let plain = try await registry.push("plain")
                    try await Self.apply(cluster, certificate: try registry.certificate("good"))
                    try await Self.run(
                        "web-0",
                        [
                            ("main", "\(registry.host)/good:v1", good), ("side", "\(registry.host)/plain:v1", plain),
                            ("late", "\(registry.host)/good:v2", ""),
                        ],
                        in: cluster
                    )
                    let options = ["--kubeconfig", cluster.kubeconfig, "-n", cluster.namespace, "--plain-http"]
                    let tree = try await workspace.vigil(["explain", "pod/web-0"] + options)
                    #expect(tree.status == 1, "\(tree.output)\(tree.errors)")
                    let place = "runs as Pod \(cluster.namespace)/web-0, container main, in the cluster"
                    #expect(tree.output.contains(place) && tree.output.contains("verdict: Trusted, Verified"))
                    #expect(tree.output.contains("verdict: Unknown, NoSignature"), "\(tree.output)")
                    #expect(tree.errors == "vigil: note: container late runs no image yet\n", "\(tree.errors)")

                    let json = try await workspace.vigil(
                        ["explain", "pod/web-0", "-o", "json", "--bundle", "pod.tar"] + options
                    )
                    let value = try Self.json(json)
                    #expect(value["pod"] == .string("\(cluster.namespace)/web-0") && value["exitStatus"] == 1)
                    let containers = value["images"]?.array?.compactMap {
                        $0["containers"]?.array?.first?["container"]?.string
                    }
                    #expect(containers == ["main", "side"], "\(json.output)\(json.errors)")
                    let policy = value["images"]?.array?.first?["policies"]?.array?.first?["policy"]
                    #expect(policy == .string("TrustPolicy/\(cluster.namespace)/shop"))

                    let replay = try await BundleTests.isolated(
                        ["verify", "--bundle", "pod.tar", "-o", "json"],
                        in: workspace
                    )
                    let replayed = try Self.json(replay)
                    #expect(replay.status == 1, "\(replay.errors)")
                    #expect(replayed["bundle"]?["images"]?.array?.compactMap { $0["same"] } == [true, true])
                    #expect(
                        replayed["images"]?.array?.compactMap { $0["reason"]?.string } == ["Verified", "NoSignature"]
                    )
                    let bytes = try Data(contentsOf: URL(filePath: "\(workspace.path)/pod.tar"))
                    let secret = Data("swordfish".utf8).base64EncodedString()
                    #expect(!String(decoding: bytes, as: UTF8.self).contains(secret))

                    let one = try await workspace.vigil(["explain", "pods/web-0", "-c", "main"] + options)
                    #expect(one.status == 0 && !one.output.contains("NoSignature"), "\(one.output)\(one.errors)")
                    // One's own policies in place of those of the cluster.
                    try workspace.write(
                        """
                        {"version": "1.0", "trustPolicies": [{"name": "p", "registryScopes": ["*"],
                          "signatureVerification": {"level": "audit"}, "trustStores": ["ca:good"],
                          "trustedIdentities": ["*"]}]}
                        """,
                        to: "config/notation/trustpolicy.json"
                    )
                    let folder = ["--notation-config", "\(workspace.path)/config/notation"]
                    try workspace.write(
                        try registry.certificate("good"),
                        to: "config/notation/truststore/x509/ca/good/good.crt"
                    )
                    let own = try await workspace.vigil(["explain", "pod/web-0", "-c", "main"] + options + folder)
                    #expect(own.status == 0 && own.output.contains("policy notation/p: Trusted"), "\(own.errors)")
                }
            }
        }
    }

    @Test("a pod that is not there, runs nothing or runs what is in no registry, and what cannot be read, is told")
    func troubles() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                let options = ["--kubeconfig", cluster.kubeconfig, "-n", cluster.namespace]
                let missing = try await workspace.vigil(["explain", "pod/gone"] + options)
                let name = "\(cluster.namespace)/gone"
                #expect(missing.status == 2 && missing.errors.contains("there is no pod \(name)"), "\(missing.errors)")
                try await Self.run("idle", [("main", "r.example/web:v1", "")], in: cluster)
                let idle = try await workspace.vigil(["explain", "pod/idle"] + options)
                #expect(idle.status == 2 && idle.errors.contains("runs no image"), "\(idle.errors)")
                let local = "sha256:" + String(repeating: "a", count: 64)
                try await Self.run("local", [("main", "web:dev", local)], in: cluster)
                let unnamed = try await workspace.vigil(["explain", "pod/local"] + options)
                #expect(unnamed.status == 1 && unnamed.output.contains("verdict: Unknown, NotInRegistry"))
                let none = try await workspace.vigil(["explain", "pod/local", "--bundle", "x.tar"] + options)
                #expect(none.status == 2 && none.errors.contains("x.tar: is not written"), "\(none.errors)")
                let other = try await workspace.vigil(["explain", "pod/local", "-c", "none"] + options)
                #expect(other.status == 2 && other.errors.contains("has no container none"), "\(other.errors)")
                let image = try await workspace.vigil(["explain", "r.example/web:v1"] + options)
                #expect(image.status == 2 && image.errors.contains("are for pod/NAME"), "\(image.errors)")

                try await Self.apply(cluster, certificate: "rubbish")
                let broken = try await workspace.vigil(["explain", "pod/local"] + options)
                #expect(broken.status == 2 && broken.errors.contains("the cluster"), "\(broken.errors)")
                try await cluster.client.resource(Secret.self).delete("roots", namespace: cluster.namespace)
                let absent = try await workspace.vigil(["explain", "pod/local"] + options)
                #expect(absent.status == 2 && absent.errors.contains("roots, key ca.pem, which does not exist"))
                let nowhere = try await workspace.vigil(["explain", "pod/local", "--kubeconfig", "none"])
                #expect(nowhere.status == 2, "\(nowhere.errors)")
            }
        }
    }
}
