import FoundationEssentials
import TestDocuments
import Testing

/// What the documentation tells people to type, typed into a real shell, with the real programs and a stand-in for the cluster.
///
/// `CommandTests` looks at the rest without running it.
@Suite("Running the documentation", .enabled(if: try Tool.areInstalled, Tool.reason), .timeLimit(.minutes(10)))
struct RunTests {
    /// What is done before a line is typed, by how the line begins: what the text around it says, or an earlier block did.
    private static let givens: [(line: String, script: String)] = [
        ("kubectl -n vigil-system annotate serviceaccount vigil", "kubectl apply -k config/default"),
        ("kubectl -n vigil-system patch deployment vigil", "kubectl apply -k config/default"),
        ("kubectl diff -k config/default", "kubectl apply -k config/default"),
        (
            "kubectl annotate trustpolicy -n shop release",
            "sed 's/name: shop,/name: release,/' policy.yaml | kubectl apply -f -"
        ),
        ("kubectl annotate trustpolicy -n shop shop", "kubectl apply -f policy.yaml"),
        ("kubectl annotate -n shop imageverification release-gate", gate),
        ("kubectl -n argocd patch", "kubectl create namespace argocd; kubectl -n argocd create configmap argocd-cm"),
        // The other way to install the same.
        (
            "helm upgrade --install vigil charts/vigil -n vigil-system --set endpoints.requireToken=true",
            "kubectl delete -k config/secured --ignore-not-found; kubectl create namespace vigil-system"
        ),
        ("kubectl delete -k config/default", "kubectl apply -k config/default"),
        ("kubectl delete -k config/namespaced", "kubectl apply -k config/namespaced"),
        ("helm uninstall vigil", "helm install vigil charts/vigil -n vigil-system --create-namespace"),
        ("kubectl delete lease -n shop vigil", lease),
        ("kubectl delete imageverifications -n shop --all", gate),
        ("kubectl delete -k config/crd", "kubectl apply -k config/crd"),
    ]
    private static let gate = "kubectl apply -f config/samples/imageverification_gate.yaml"
    private static let lease =
        "echo '{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: vigil, namespace: shop}}' | kubectl apply -f -"

    private static let blocks = Documentation.checkout.scripts.filter { $0.block.language == "sh" }
        .compactMap { RunnableBlock($0.block, $0.script) }

    /// What went wrong when somebody typed the lines of a block; `nil` when nothing did.
    private static func failure(of block: RunnableBlock) async throws -> String? {
        let text = block.lines.map(\.text).joined(separator: "\n")
        return try await DocumentedCluster.with(definitions: !text.contains("helm ")) { cluster in
            try await prepare(cluster, for: text)
            return try await DocumentedFolder.with(cluster) { folder in
                let outcome = try await folder.run(script(of: block))
                return outcome.isSuccess ? nil : "\(block.block.place): \(outcome.errors)"
            }
        }
    }

    /// The lines of a block and what is done before each; the first that fails is told and ends it.
    private static func script(of block: RunnableBlock) -> String {
        let steps = block.lines.flatMap { line in
            givens.filter { line.text.hasPrefix($0.line) }.map(\.script) + [line.text]
        }
        return (["trap 'echo \"in: $BASH_COMMAND\" >&2' ERR"] + steps).joined(separator: "\n")
    }

    /// Makes what every reader has: namespaces that no line makes, and kinds of others.
    private static func prepare(_ cluster: DocumentedCluster, for text: String) async throws {
        let namespaces = ["shop", "payments", "monitoring", "vigil-system"].filter {
            !text.contains("create namespace \($0)") && !text.contains("--create-namespace")
        }
        let files = ["foreign-definitions/definitions", "policy-report/policyreports"].flatMap {
            ["-f", Checkout.url("Tests/Fixtures/\($0).yaml").path]
        }
        let outcome = try await cluster.kubectl(
            ["apply", "-f", "-"] + files,
            input: namespaces.map { "{apiVersion: v1, kind: Namespace, metadata: {name: \($0)}}\n" }
                .joined(separator: "---\n")
        )
        try #require(outcome.isSuccess, "\(outcome.errors)")
    }

    @Test("every line that needs no registry and no operator does what it says", arguments: blocks)
    func thisCheckout(block: RunnableBlock) async throws {
        if let failure = try await Self.failure(of: block) { Issue.record("\(failure)") }
    }

    @Test("every line that is given something is there")
    func givenLines() {
        let lines = Self.blocks.flatMap { $0.lines.map(\.text) }
        #expect(lines.count > 60)
        for given in Self.givens {
            #expect(lines.contains { $0.hasPrefix(given.line) }, "no page has \(given.line) any more")
        }
    }

    @Test(
        "a line that does not work is found, wherever in the block it stands",
        arguments: [
            "kubectl create namespace trust\nkubectl get secrets\nkubectl delete namespace trsut",
            "kubectl apply -f config/samples/none.yaml\nkubectl get pods -A",
            "vigil config check charts/vigil/values.yaml | date",
            "helm template vigil charts/vigil --set workers=many | vigil config check -",
            "echo ok\nkubectl get pods && vigil policy check config/rbac",
        ]
    )
    func mistakes(text: String) async throws {
        let page = Documentation(["docs/page.md": "```sh\n\(text)\n```\n"])
        let (block, script) = try #require(page.scripts.first)
        let failure = try await Self.failure(of: try #require(RunnableBlock(block, script)))
        #expect(failure?.hasPrefix("docs/page.md:1: ") == true, "\(failure ?? "")")
    }
}
