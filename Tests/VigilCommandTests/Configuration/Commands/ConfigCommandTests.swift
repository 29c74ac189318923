import JSONModel
import Testing

@testable import VigilCommand

@Suite("vigil config") struct ConfigCommandTests {
    private static func manifest(_ text: String, label: String = "vigil") -> String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, labels: {app.kubernetes.io/name: \(label)}}
        data:
          config.yaml: |
            \(text)
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: settings}

        """
    }

    @Test("a file in order, and one that is not")
    func files() async throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("good.yaml", "log: {level: debug}\n")
        let bad = try folder.write("bad.yaml", "log: {level: loud}\nworkers: 0\n")
        let fine = await CommandRun("config", "check", good)
        #expect(fine.status == 0 && fine.output == "1 configuration: 0 errors\n")
        let wrong = await CommandRun("config", "check", good, bad)
        #expect(wrong.status == 1)
        #expect(
            wrong.output == """
                error: \(bad):1:7: log.level: is "loud", expected one of trace, debug, info, notice, warning, error
                error: \(bad):2:1: workers: is 0, expected a whole number from 1 to 256

                2 configurations: 2 errors

                """
        )
    }

    @Test("for programs the report is JSON, with every member in its place")
    func json() async throws {
        let folder = try TemporaryFolder()
        let bad = try folder.write("bad.yaml", "workers: 2\n\nlog: {level: loud}\n")
        let wrong = await CommandRun("config", "check", "-o", "json", bad)
        let report = try JSONParser().parse(Array(wrong.output.utf8))
        #expect(wrong.status == 1)
        #expect(
            report == [
                "findings": [
                    [
                        "severity": "error", "file": .string(bad), "document": 1, "line": 3, "column": 7,
                        "path": "log.level",
                        "message": #"is "loud", expected one of trace, debug, info, notice, warning, error"#,
                    ]
                ],
                "summary": ["configurations": 1, "errors": 1, "exitStatus": 1],
            ]
        )
        let fine = await CommandRun(
            "config",
            "check",
            "--output",
            "json",
            try folder.write("good.yaml", "workers: 2\n")
        )
        let empty = try JSONParser().parse(Array(fine.output.utf8))
        #expect(fine.status == 0 && empty["findings"] == [] && empty.value(at: "summary", "exitStatus") == 0)
        let unreadable = await CommandRun("config", "check", "-o", "json", try folder.write("x.yaml", "a: ["))
        let broken = try JSONParser().parse(Array(unreadable.output.utf8))
        #expect(unreadable.status == 1 && broken["findings"]?.array?.first?["path"] == .null, "\(unreadable.output)")
    }

    @Test("the ConfigMap of a manifest is looked into, with lines of its own; one of another program is not")
    func manifests() async {
        let wrong = await CommandRun("config", "check", "-", in: .init(input: Self.manifest("levle: 1")))
        #expect(wrong.status == 1)
        #expect(
            wrong.output.hasPrefix("error: standard input, ConfigMap settings, config.yaml:1:1: levle: is no setting"),
            "\(wrong.output)"
        )
        let fine = await CommandRun("config", "check", "-", in: .init(input: Self.manifest("workers: 1")))
        #expect(fine.status == 0 && fine.output == "1 configuration: 0 errors\n")
        let other = await CommandRun("config", "check", "-", in: .init(input: Self.manifest("x: 1", label: "other")))
        #expect(other.status == 2 && other.errors.contains("there is no configuration here"), "\(other.errors)")
    }

    @Test("in a folder, manifests and files called config.yaml are looked at")
    func folders() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a/config.yaml", "workers: 0\n")
        try folder.write("b/map.yaml", Self.manifest("workers: 0"))
        try folder.write("c/kustomization.yaml", "resources: []\n")
        let run = await CommandRun("config", "check", folder.path)
        #expect(run.status == 1 && run.output.hasSuffix("\n2 configurations: 2 errors\n"), "\(run.output)")
    }

    @Test("what cannot be read at all is an error with its place, and a file that is missing an unusable input")
    func unreadable() async throws {
        let folder = try TemporaryFolder()
        let broken = await CommandRun("config", "check", try folder.write("x.yaml", "log: ["))
        #expect(broken.status == 1 && broken.output.contains("/x.yaml:2:1: is no valid YAML"), "\(broken.output)")
        let missing = await CommandRun("config", "check", "\(folder.path)/none.yaml")
        #expect(missing.status == 2 && missing.output.isEmpty)
    }

    @Test("control characters of a file do not reach the terminal")
    func hostile() async throws {
        let folder = try TemporaryFolder()
        let run = await CommandRun("config", "check", try folder.write("x.yaml", "\"a\\e[31m\": 1\n"))
        #expect(
            run.status == 1 && !run.output.contains("\u{1B}") && run.output.contains("\\u{1b}[31m"),
            "\(run.output)"
        )
    }

    @Test("show says of each setting what holds, where that comes from, and what a change takes")
    func show() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("config.yaml", "workers: 8\nlog: {level: debug}\n")
        let run = await CommandRun(
            ["config", "show", "--config", path, "--log-level", "error"],
            in: .init(variables: ["VIGIL_EVIDENCE_AGE": "90s"])
        )
        let rows = run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(run.status == 0 && rows.count == Setting.all.count + 1)
        #expect(rows.contains(["workers", "8", "\(path):1", "restart"]), "\(run.output)")
        #expect(rows.contains(["log.level", "error", "--log-level", "live"]))
        #expect(rows.contains(["evidenceAge", "1m30s", "VIGIL_EVIDENCE_AGE", "live"]))
        #expect(rows.contains(["leaderElection.leaseName", "vigil", "default", "restart"]))
        let broken = await CommandRun("config", "show", "--workers", "0")
        #expect(
            broken.status == 2 && broken.errors == "vigil: --workers: is 0, expected a whole number from 1 to 256\n"
        )
    }
}
