import ImageTrust
import JSONModel
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@testable import VigilCommand

@Suite("Policies of files")
struct PolicyFilesTests {
    private func contents(_ texts: String..., isNamed: Bool = true) throws -> PolicyFiles.Contents {
        var documents: [SourceDocument] = []
        for (index, text) in texts.enumerated() {
            documents += try DocumentReader.read(
                InputFiles.File(name: "p\(index).yaml", bytes: Array(text.utf8), isNamed: isNamed)
            )
        }
        return try PolicyFiles.read(documents, now: CommandRun.now)
    }

    private func message(_ text: String, isNamed: Bool = true) -> String {
        do {
            _ = try contents(text, isNamed: isNamed)
            return "read"
        } catch {
            return "\(error)"
        }
    }

    private func source(_ namespace: String?, labels: [String: String] = [:]) -> ImageSource {
        ImageSource(
            file: "m.yaml",
            document: 1,
            kind: "Pod",
            namespace: namespace,
            name: "web",
            container: "main",
            podLabels: labels
        )
    }

    private func names(_ contents: PolicyFiles.Contents, _ repository: String, _ source: ImageSource?) throws
        -> [String]
    {
        contents.policies.policies(for: try RepositoryName(repository), in: source).map(\.policy.name.description)
    }

    @Test("policies speak for images by repository")
    func scope() throws {
        let chain = try TestChain.make()
        let contents = try contents(
            PolicyText.trusting(chain, name: "shop", include: "registry.example.com/shop/*"),
            PolicyText.trusting(chain, name: "all")
        )
        #expect(
            try names(contents, "registry.example.com/shop/web", nil) == [
                "TrustPolicy/default/all", "TrustPolicy/default/shop",
            ]
        )
        #expect(try names(contents, "registry.example.com/other/web", nil) == ["TrustPolicy/default/all"])
        #expect(contents.policies.policies(for: nil, in: nil).map(\.policy.name.name) == ["all"])
    }

    @Test("a namespaced policy speaks for its namespace where both name one, and for every image where one does not")
    func namespaces() throws {
        let chain = try TestChain.make()
        let own = try contents(PolicyText.trusting(chain, namespace: "shop"))
        let anywhere = try contents(PolicyText.trusting(chain))
        for (contents, namespace, speaks) in [
            (own, "shop", true), (own, "other", false), (own, nil, true), (anywhere, "other", true),
            (anywhere, nil, true),
        ] {
            #expect(try names(contents, "r.example/x", source(namespace)).isEmpty == !speaks)
            #expect(try !names(contents, "r.example/x", nil).isEmpty)
        }
    }

    @Test("a cluster policy leaves out the namespaces it names, and pod labels count for manifests only")
    func selectors() throws {
        let chain = try TestChain.make()
        let map =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: trust, namespace: vigil}\ndata: {ca.pem: \(quoted(chain.root.pem))}\n"
        let cluster = try contents(
            PolicyText.referring("configMapRef: {namespace: vigil, name: trust, key: ca.pem}"),
            map
        )
        #expect(try names(cluster, "r.example/x", source("kube-system")).isEmpty)
        #expect(try names(cluster, "r.example/x", source("shop")) == ["ClusterTrustPolicy/all"])
        let selecting = try contents(PolicyText.trusting(chain, more: "  podSelector: {matchLabels: {app: web}}"))
        #expect(try names(selecting, "r.example/x", source("shop", labels: ["app": "web"])).count == 1)
        #expect(try names(selecting, "r.example/x", source("shop")).isEmpty)
        #expect(try names(selecting, "r.example/x", nil).count == 1)
    }

    private func quoted(_ text: String) -> String { JSONSerializer().string(.string(text)) }

    @Test(
        "certificates come from ConfigMaps and Secrets beside the policy, with or without a namespace of their own",
        arguments: ["ConfigMap data", "ConfigMap binaryData", "Secret stringData", "Secret data"],
        [true, false]
    )
    func references(place: String, hasNamespace: Bool) throws {
        let chain = try TestChain.make()
        let (kind, member) = (String(place.split(separator: " ")[0]), String(place.split(separator: " ")[1]))
        let isText = member == "stringData" || place == "ConfigMap data"
        let value = isText ? quoted(chain.root.pem) : base64(Array(chain.root.pem.utf8))
        let manifest = """
            apiVersion: v1
            kind: \(kind)
            metadata: {name: trust\(hasNamespace ? ", namespace: vigil" : "")}
            \(member): {ca.pem: \(value)}
            """
        let reference = kind == "Secret" ? "secretRef" : "configMapRef"
        let policy = PolicyText.referring("\(reference): {namespace: vigil, name: trust, key: ca.pem}")
        #expect(try names(try contents(policy, manifest), "r.example/x", nil) == ["ClusterTrustPolicy/all"])
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start..<min(start + 3, bytes.count)])
            let number = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[Int(number >> UInt32(18 - 6 * index)) & 63] : "=")
            }
        }
        return text
    }

    @Test("a reference that leads nowhere says where to put the object")
    func danglingReference() throws {
        let policy = PolicyText.referring("configMapRef: {namespace: vigil, name: trust, key: ca.pem}")
        #expect(message(policy).contains("is in none of the files that --policy names"))
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: trust}\ndata: {other.pem: x}\n"
        #expect(message(policy + "---\n" + map).contains("has no such key"))
    }

    @Test(
        "what an API server would refuse or drop is refused with file, document and field",
        arguments: [
            ("spec: {authorities: []}", "p0.yaml, document 1, spec.authorities"),
            ("spec: {authorites: []}", "p0.yaml, document 1, spec"),
            ("sepc: {}", "p0.yaml, document 1, sepc: is no field"),
            (
                "spec: {authorities: [{name: a, notary: {level: of}}]}",
                "p0.yaml, document 1, spec.authorities[0].notary.level"
            ),
            (
                "spec: {authorities: [{name: a, notary: {level: off}}]}",
                "p0.yaml, document 1, spec.authorities[0].notary.level"
            ),
            (
                "spec: {interval: 5, authorities: [{name: a, notary: {level: skip}}]}",
                "p0.yaml, document 1, spec.interval"
            ),
            (
                "spec: {authorities: [{name: a, notary: {level: strict}}]}",
                "p0.yaml, document 1, spec.authorities[0].notary"
            ),
        ]
    )
    func invalid(body: String, expected: String) {
        let text = "apiVersion: vigil.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: shop}\n\(body)\n"
        #expect(message(text).hasPrefix(expected), "\(message(text))")
    }

    @Test("an unknown kind or version of ours is refused, other kinds are noted")
    func kinds() throws {
        #expect(
            message("apiVersion: vigil.dev/v1alpha1\nkind: TrustPolcy\n").contains(
                "\"TrustPolcy\" is no kind of vigil.dev"
            )
        )
        #expect(
            message("apiVersion: vigil.dev/v2\nkind: TrustPolicy\nmetadata: {name: a}\nspec: {}\n").contains(
                "apiVersion"
            )
        )
        #expect(message("kind: Service\napiVersion: v1\n").hasPrefix("--policy: there is no TrustPolicy"))
        #expect(message("a: 1\n").contains("kind: is missing"))
        let chain = try TestChain.make()
        let contents = try contents(
            PolicyText.trusting(chain),
            "kind: Service\napiVersion: v1\n---\nx: 1\n",
            isNamed: false
        )
        #expect(
            contents.notes == [
                "p1.yaml: left out, a Service is no policy",
                "p1.yaml, document 2: left out, it is no Kubernetes object",
            ]
        )
    }

    @Test("a policy or ConfigMap that is defined twice is refused")
    func duplicates() throws {
        let policy = PolicyText.trusting(try TestChain.make())
        #expect(message(policy + "---\n" + policy).contains("TrustPolicy/default/shop is already defined in p0.yaml"))
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: trust}\n"
        #expect(message(map + "---\n" + map).contains("ConfigMap trust is defined more than once"))
    }

    @Test("what a Secret holds is never quoted")
    func secrets() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {key: 'hunter2!'}\n"
        #expect(message(text).contains("data[key]: is no base64"))
        #expect(!message(text).contains("hunter2"))
    }

    @Test("policies in a List are found")
    func lists() throws {
        let text = """
            {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "vigil.dev/v1alpha1", "kind": "TrustPolicy", "metadata":
            {"name": "a"}, "spec": {"images": {"include": ["r.example/*"]}, "authorities": [{"name": "x", "notary": {"level": "skip"}}]}}]}
            """
        #expect(try names(try contents(text), "r.example/x", nil) == ["TrustPolicy/default/a"])
    }
}
