import FoundationEssentials
import JSONModel
import SigningTestKit
import TestDocuments
import Testing

@testable import VigilCommand

@Suite("vigil policy check")
struct PolicyCheckTests {
    private func check(_ files: [String: String], _ arguments: [String] = [], paths: [String] = [""]) async throws
        -> CommandRun
    {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        var run = await CommandRun(
            ["policy", "check"] + paths.map { $0.isEmpty ? folder.path : "\(folder.path)/\($0)" } + arguments,
            in: CommandRun.Surroundings()
        )
        run.output = run.output.replacing(folder.path, with: "DIR")
        run.errors = run.errors.replacing(folder.path, with: "DIR")
        return run
    }

    /// The findings as `line:column severity rule path`.
    private func findings(_ run: CommandRun) throws -> [String] {
        let report = try JSONParser().parse(Array(run.output.utf8))
        return try #require(report["findings"]?.array, "\(run.output)\(run.errors)").map { finding in
            func text(_ name: String) -> String {
                finding[name]?.string ?? finding[name]?.integer.map { "\($0)" } ?? "-"
            }
            return "\(text("line")):\(text("column")) \(text("severity")) \(text("rule")) \(text("path"))"
        }
    }

    private func named(_ text: String) -> String {
        text.replacing(
            #"trustedIdentities: ["*"]"#,
            with: #"trustedIdentities: ["x509.subject: C=US, ST=WA, O=Example"]"#
        )
    }

    // MARK: Objects

    @Test("a policy in order is told to be, with status 0")
    func inOrder() async throws {
        let text = named(PolicyText.trusting(try TestChain.make()))
        let run = try await check(["p.yaml": text])
        #expect(run.output == "1 policy: 0 errors, 0 warnings\n", "\(run.errors)")
        #expect(run.status == 0)
    }

    @Test("errors name line, column, path and the member that was meant, all of them at once")
    func errors() async throws {
        let text = """
            apiVersion: vigil.dev/v1alpha1
            kind: TrustPolicy
            metadata: {name: shop, namespace: shop}
            spec:
              intervall: 60s
              maxStaleness: 1s
              authorities:
              - name: release
                notary:
                  levle: strict
                  overrides: {expiry: ignore}
                  trustedIdentities: ["x509.subject: C=US"]
                  trustStores:
                  - type: CA
                    certificates: {inline: x}

            """
        let run = try await check(["p.yaml": text], ["-o", "json"])
        #expect(run.status == 1)
        let found = try findings(run)
        for expected in [
            "5:3 error schema spec.intervall", "10:7 error schema spec.authorities[0].notary.levle",
            "11:19 error schema spec.authorities[0].notary.overrides.expiry",
            "14:9 error schema spec.authorities[0].notary.trustStores[0].type",
            "6:3 error policy spec.maxStaleness",
        ] {
            #expect(found.contains(expected), "\(expected) is not in \(found)")
        }
        #expect(run.output.contains("did you mean interval?"))
        let table = try await check(["p.yaml": text])
        #expect(
            table.output.contains("DIR/p.yaml:10:7: error: spec.authorities[0].notary.levle: is no known field (did")
        )
        #expect(Set(found).count == found.count, "told twice: \(found)")
    }

    @Test("documents, lists and later files are told apart, and a policy defined twice is an error")
    func places() async throws {
        let chain = try TestChain.make()
        let good = named(PolicyText.trusting(chain))
        let list = """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: vigil.dev/v1alpha1
              kind: ClusterTrustPolicy
              metadata: {name: all}
              spec: {authorities: [], decisionz: []}

            """
        let run = try await check(["a.yaml": good, "b.yaml": good + "---\n" + list], ["-o", "json"])
        let found = try findings(run)
        #expect(found.contains { $0.contains("error nameDuplicate metadata.name") })
        let line = good.split(separator: "\n", omittingEmptySubsequences: false).count + 7
        #expect(found.contains("\(line):27 error schema items[0].spec.decisionz"), "\(line): \(found)")
        #expect(run.output.contains("\"document\" : 2") || run.output.contains("\"document\": 2"))
        #expect(run.status == 1)
    }

    @Test(
        "what cannot be read at all is an error with its line, beside what can be",
        arguments: [
            ("x.yaml", "a: [1", "x.yaml:2:1"), ("x.yaml", "kind: TrustPolicy\nkind: TrustPolicy\n", "x.yaml:"),
            ("x.json", "{\n  \"a\": 1,,\n}", "x.json:2:10"), ("x.yaml", "\u{FEFF}a: b\n c: d", "x.yaml:2"),
        ]
    )
    func syntax(name: String, text: String, place: String) async throws {
        let good = named(PolicyText.trusting(try TestChain.make()))
        let run = try await check([name: text, "good.yaml": good])
        #expect(run.status == 1)
        #expect(run.output.contains("DIR/\(place)"), "\(run.output)")
        #expect(run.output.contains("[syntax]"))
        #expect(run.output.hasSuffix("1 policy: 1 error, 0 warnings\n"))
    }

    @Test("dangers are warnings at the line that causes them, and count under --strict")
    func warnings() async throws {
        let text = PolicyText.trusting(try TestChain.make())
            .replacing("level: strict", with: "level: permissive\n      overrides: {revocation: skip}")
        let run = try await check(["p.yaml": text], ["-o", "json"])
        #expect(run.status == 0)
        let found = try findings(run)
        #expect(found.contains { $0.hasSuffix("warning anyIdentity spec.authorities[0].notary.trustedIdentities") })
        #expect(found.contains { $0.hasSuffix("warning timeLogged spec.authorities[0].notary.level") })
        #expect(
            found.contains { $0.hasSuffix("warning revocationSkipped spec.authorities[0].notary.overrides.revocation") }
        )
        #expect(try await check(["p.yaml": text], ["--strict"]).status == 1)
    }

    @Test("a policy that skips everything is legal and said to be dangerous")
    func skip() async throws {
        let text = """
            apiVersion: vigil.dev/v1alpha1
            kind: ClusterTrustPolicy
            metadata: {name: none}
            spec:
              authorities: [{name: a, notary: {level: skip}}]
              decisions:
              - {digest: "sha256:\(String(repeating: "a", count: 64))", verdict: Untrusted, reason: x, expires: "2020-01-01T00:00:00Z"}

            """
        let found = try findings(try await check(["p.yaml": text], ["-o", "json"]))
        #expect(
            found == [
                "5:36 warning verificationSkipped spec.authorities[0].notary.level",
                "4:1 warning skipEverywhere spec.images",
                "7:120 warning decisionEnded spec.decisions[0].expires",
            ]
        )
    }

    @Test("certificates come from ConfigMaps and Secrets of the same files, and missing ones are a warning")
    func references() async throws {
        let policy = named(PolicyText.referring("configMapRef: {namespace: trust, name: anchors, key: ca.pem}"))
        let alone = try await check(["p.yaml": policy], ["-o", "json"])
        #expect(alone.status == 0, "\(alone.output)")
        #expect(try findings(alone).contains { $0.contains("warning anchorsUnseen") })
        let pem = try TestChain.make().root.pem.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        let map = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: anchors, namespace: trust}
            data:
              ca.pem: |
            \(pem)

            """
        #expect(try await check(["p.yaml": policy, "map.yaml": map]).output == "1 policy: 0 errors, 0 warnings\n")
        let broken = map.replacing("BEGIN CERTIFICATE", with: "BEGIN PRIVATE KEY")
        let run = try await check(["p.yaml": policy, "map.yaml": broken])
        #expect(run.status == 1, "\(run.output)")
    }

    @Test("what holds no policy, is not there, or is not said, has status 2")
    func unusable() async throws {
        #expect(try await check(["map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"]).status == 2)
        #expect(try await check(["a.txt": "x"]).status == 2)
        #expect(try await check([:], paths: ["nowhere"]).status == 2)
        #expect(await CommandRun(["policy", "check"], in: CommandRun.Surroundings()).status == 2)
        #expect(await CommandRun(["policy", "chekc"], in: CommandRun.Surroundings()).status == 2)
        #expect(await CommandRun(["policy", "check", "--help"], in: CommandRun.Surroundings()).status == 0)
        let help = await CommandRun(["policy"], in: CommandRun.Surroundings())
        #expect(help.status == 0 && help.output.contains("check"))
    }

    @Test("standard input is read, and what it says cannot move the cursor")
    func standardInput() async throws {
        var surroundings = CommandRun.Surroundings()
        surroundings.input = """
            apiVersion: vigil.dev/v1alpha1
            kind: TrustPolicy
            metadata: {name: "a\\u001b[31m"}
            spec: {"le\\u001b[2Jvel": 1, authorities: []}

            """
        let run = await CommandRun(["policy", "check", "-"], in: surroundings)
        #expect(run.status == 1)
        #expect(run.output.contains("standard input:4:8: error"), "\(run.output)")
        #expect(!run.output.contains("\u{1B}"))
    }

    @Test("the samples of the project are free of errors")
    func samples() async throws {
        let run = await CommandRun(
            ["policy", "check", Checkout.url("config/samples").path],
            in: CommandRun.Surroundings()
        )
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains(": 0 errors, "))
    }

    // MARK: Documents of notation

    private func statement(_ change: (String, String)...) -> String {
        var text = """
            {
              "version": "1.0",
              "trustPolicies": [
                {
                  "name": "p",
                  "registryScopes": ["r.io/a"],
                  "signatureVerification": {"level": "strict"},
                  "trustStores": ["ca:main"],
                  "trustedIdentities": ["x509.subject: C=US, ST=WA, O=Example"]
                }
              ]
            }
            """
        for (from, to) in change { text = text.replacing(from, with: to) }
        return text
    }

    @Test("a folder of notation is checked with its trust stores")
    func notationFolder() async throws {
        let store = "truststore/x509/ca/main/root.pem"
        let pem = try TestChain.make().root.pem
        let good = try await check(["trustpolicy.oci.json": statement(), store: pem])
        #expect(good.output == "1 policy: 0 errors, 0 warnings\n")
        let missing = try await check(
            ["trustpolicy.json": statement(), "truststore/x509/ca/x/y": "z"],
            ["-o", "json"]
        )
        #expect(try findings(missing) == ["8:7 error trustStoreUnusable trustPolicies[0].trustStores"])
        let leaf = try await check(["trustpolicy.json": statement(), store: TestChain.make().leaf.pem])
        #expect(leaf.output.contains("neither a CA nor self-signed"))
        let unseen = try await check(["trustpolicy.json": statement()], ["-o", "json"])
        #expect(try findings(unseen) == ["8:7 warning anchorsUnseen trustPolicies[0].trustStores"])
        let all = try await check(
            ["trustpolicy.json": statement((#"["x509.subject: C=US, ST=WA, O=Example"]"#, #"["*"]"#)), store: pem],
            ["-o", "json"]
        )
        #expect(try findings(all) == ["9:7 warning anyIdentity trustPolicies[0].trustedIdentities"])
    }

    @Test("a folder with both documents for images is an error, and both are checked")
    func bothDocuments() async throws {
        let broken = #"{"version": "1.0", "trustPolicies": []}"#
        let run = try await check(
            ["trustpolicy.json": broken, "trustpolicy.oci.json": broken, "truststore/x509/ca/a/a.pem": ""]
        )
        #expect(run.status == 1)
        #expect(
            run.output.contains("DIR: error: holds both trustpolicy.oci.json and trustpolicy.json"),
            "\(run.output)\(run.errors)"
        )
        #expect(run.output.contains("[documentAmbiguous]"))
        #expect(run.output.contains("DIR/trustpolicy.oci.json:") && run.output.contains("DIR/trustpolicy.json:"))
    }

    @Test(
        "a kind that is missing or no text is told as that",
        arguments: [("", "kind: is missing"), ("kind: 3\n", "kind: must be text, and is of type integer")]
    )
    func namelessKind(line: String, expected: String) async throws {
        let run = try await check(["p.yaml": "apiVersion: vigil.dev/v1alpha1\n" + line], paths: ["p.yaml"])
        #expect(run.status == 1)
        #expect(run.output.contains(expected), "\(run.output)\(run.errors)")
    }

    @Test("every rule of a document is told with its place and what was meant")
    func notationErrors() async throws {
        let text = statement(
            (#""level": "strict""#, #""level": "strict", "verifytimestamp": "always""#),
            (#""registryScopes": ["r.io/a"]"#, #""registryScopes": ["r.io/a/", "r.io/b:v1"]"#)
        )
        let run = try await check(["deep/policies.json": text], ["-o", "json"])
        #expect(
            try findings(run).sorted() == [
                "6:26 error scopeInvalid trustPolicies[0].registryScopes[0]",
                "6:37 error scopeInvalid trustPolicies[0].registryScopes[1]",
                "7:52 error memberUnknown trustPolicies[0].signatureVerification.verifytimestamp",
            ]
        )
        #expect(run.output.contains("did you mean verifyTimestamp?"))
        let twice = try await check(["trustpolicy.json": statement((#""name": "p","#, #""name": "p", "name": "q","#))])
        #expect(twice.output.contains("trustpolicy.json:5:") && twice.output.contains("duplicate member"))
        #expect(twice.status == 1)
    }

    @Test("a policy for blobs is checked by its own rules")
    func blobs() async throws {
        let blob = statement((#""registryScopes": ["r.io/a"]"#, #""globalPolicy": true"#))
        #expect(try await check(["trustpolicy.blob.json": blob]).status == 0)
        let mistaken = try await check(["trustpolicy.oci.json": blob], ["-o", "json"])
        #expect(try findings(mistaken).contains("6:7 error memberUnknown trustPolicies[0].globalPolicy"))
        #expect(mistaken.output.contains("which say nothing about images"))
        #expect(try await check(["trustpolicy.blob.json": statement()]).status == 1)
    }

    @Test("a document that is a symbolic link cannot be used, as notation has it")
    func link() async throws {
        let folder = try TemporaryFolder()
        try folder.write("real.json", statement())
        try folder.link("trustpolicy.json", to: "real.json")
        let run = await CommandRun(["policy", "check", folder.path], in: CommandRun.Surroundings())
        #expect(run.status == 2)
        #expect(run.errors.contains("is a symbolic link"))
    }

    @Test(
        "a file that stands for far more than it says is refused, and long keys are not remembered",
        .timeLimit(.minutes(5))
    )
    func hostileFiles() async throws {
        var bomb = "a0: &a0 [x, x]\n"
        for level in 1..<30 { bomb += "a\(level): &a\(level) {? [*a\(level - 1), *a\(level - 1)] : 1}\n" }
        for name in ["p.yaml", "trustpolicy.json", "p.json"] {
            let run = try await check([name: bomb], paths: [name])
            #expect(run.status == 1 && run.output.contains("[syntax]"), "\(run.output)")
        }
        let key = String(repeating: "k", count: 1000)
        let deep = (0..<60).map { String(repeating: " ", count: $0) + key + ":\n" }.joined()
        let text =
            "apiVersion: vigil.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: x}\nspec:\n"
            + deep.split(separator: "\n").map { " \($0)\n" }.joined() + String(repeating: " ", count: 70) + "x: 1\n"
        let run = try await check(["p.yaml": text], ["-o", "json"])
        #expect(run.status == 1)
        #expect(try findings(run).contains { $0.hasPrefix("4:1 error schema spec.kkk") })
    }
}
