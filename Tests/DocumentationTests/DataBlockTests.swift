import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import OperatorTestKit
import TestDocuments
import Testing

/// Every object, configuration and value that the documentation shows.
@Suite("YAML and JSON in the documentation", .timeLimit(.minutes(5)))
struct DataBlockTests {
    private static func checked(_ documentation: Documentation) -> [(block: MarkdownPage.Block, violations: [String])] {
        documentation.blocks("yaml").map { ($0, DataBlockRules.yamlViolations(in: $0)) }
    }

    @Test(
        "YAML is an object that our schema and our compiler take, a configuration that can be used, or a part of these"
    )
    func yaml() {
        for violation in BlockException.yaml.excusing(Self.checked(.checkout)) { Issue.record("\(violation)") }
        #expect(BlockException.yaml.count == 4, "an exception more: is there really no way to try that block?")
        #expect(Documentation.checkout.blocks("yaml").count > 3)
    }

    @Test("JSON can be read")
    func json() {
        let checked = Documentation.checkout.blocks("json").map { ($0, DataBlockRules.jsonViolations(in: $0)) }
        for violation in BlockException.json.excusing(checked) { Issue.record("\(violation)") }
        #expect(checked.count > 1)
    }

    private static func block(_ text: String, language: String = "yaml", label: String = "") -> MarkdownPage.Block {
        let page = MarkdownPage(path: "docs/page.md", text: "```\(language) \(label)\n\(text)\n```\n")
        return page.blocks[0]
    }

    private static let policy = """
        apiVersion: vigil.dev/v1alpha1
        kind: TrustPolicy
        metadata: {name: shop, namespace: shop}
        spec:
          authorities:
          - name: team
            notary:
              trustedIdentities: ["x509.subject: C=US, ST=WA, O=Notary"]
              trustStores:
              - {type: ca, certificates: {configMapRef: {name: trust, key: ca.pem}}}
        """

    @Test(
        "each kind of mistake in YAML is found",
        arguments: [
            ("a: [", "is no YAML"), ("# nothing", "is empty"), ("- 1", "is no mapping"),
            ("log: {levle: debug}", "levle"), ("evidenceAge: soon", "evidenceAge"),
            ("colour: red", "is neither an object, nor a configuration"),
            ("trustStores: [{type: cb, certificates: {inline: x}}]", "type"),
            (policy.replacing("authorities:", with: "interval: often\n  authorities:"), "interval"),
            (policy.replacing("notary:", with: "notari:"), "notari"),
            (policy.replacing("authorities:", with: "interval: 2h\n  authorities:"), "policy: "),
            (policy + "\n---\na: 1", "some of its documents have no kind"),
        ]
    )
    func yamlMistakes(text: String, expected: String) {
        let found = DataBlockRules.yamlViolations(in: Self.block(text))
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test("what is right passes: a policy, a configuration, a part of a policy, values of the chart")
    func good() {
        #expect(DataBlockRules.yamlViolations(in: Self.block(Self.policy)) == [])
        #expect(DataBlockRules.yamlViolations(in: Self.block("log: {level: debug}\nworkers: 2")) == [])
        let part = "trustStores:\n- {type: ca, certificates: {configMapRef: {name: a, key: b}}}"
        #expect(DataBlockRules.yamlViolations(in: Self.block(part)) == [])
        #expect(DataBlockRules.yamlViolations(in: Self.block("replicas: 3", label: "values")) == [])
        #expect(DataBlockRules.jsonViolations(in: Self.block("{\"a\": 1}", language: "json")) == [])
        #expect(DataBlockRules.jsonViolations(in: Self.block("{a: 1}", language: "json")).count == 1)
    }

    @Test("an exception excuses one block, and none that would pass")
    func exceptions() {
        let bad = Self.block("colour: red")
        let exception = BlockException(page: "docs/page.md", marker: "red", reason: "test")
        let checked = [(block: bad, violations: ["bad"])]
        #expect([BlockException]().excusing(checked) == ["docs/page.md:1: bad"])
        #expect([exception].excusing(checked) == [])
        #expect([exception].excusing([(bad, [])]) == ["docs/page.md:1: needs no exception any more"])
        #expect([exception].excusing([]).count == 1 && [exception].excusing(checked + checked).count == 1)
    }

    // MARK: With the programs that people use

    @Test("objects are taken by an API server with our definitions", .enabled(if: try Tool.areInstalled, Tool.reason))
    func applied() async throws {
        try await DocumentedCluster.with { cluster in
            var checked: [(block: MarkdownPage.Block, violations: [String])] = []
            for block in Documentation.checkout.blocks("yaml")
            where block.lines.contains(where: { $0.hasPrefix("kind:") }) {
                checked.append((block, try await cluster.refusals(of: block.text)))
            }
            #expect(checked.count > 3)
            for violation in BlockException.objects.excusing(checked) { Issue.record("\(violation)") }
            #expect(BlockException.objects.count == 0, "an exception more: is there really no way to try that object?")
            // As it would be told of one that is wrong.
            #expect(try await cluster.refusals(of: Self.policy) == [])
            for (from, to) in [("60s", "60"), ("name: team", "nam: team"), ("TrustPolicy", "TrustPolici")] {
                let wrong = Self.policy.replacing("  authorities:", with: "  interval: 60s\n  authorities:")
                    .replacing(from, with: to)
                #expect(try await cluster.refusals(of: wrong) != [], "\(to)")
            }
        }
    }

    @Test("values are taken by the chart", .enabled(if: try Tool.areInstalled, Tool.reason))
    func values() async throws {
        let blocks = Documentation.checkout.blocks("yaml").filter { $0.label == "values" }
        for block in blocks {
            let refusal = try await Self.refusal(values: block.text)
            #expect(refusal == nil, "\(block.place): \(refusal ?? "")")
        }
        #expect(try await Self.refusal(values: "replicas: 3") == nil)
        #expect(try await Self.refusal(values: "replica: 3")?.contains("replica") == true)
    }

    private static func refusal(values: String) async throws -> String? {
        let arguments = ["template", "vigil", "charts/vigil", "--values", "-"]
        let outcome = try await Tool.helm.run(arguments, input: values)
        return outcome.isSuccess ? nil : outcome.errors
    }
}
