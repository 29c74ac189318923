import Foundation
import TestDocuments
import Testing

/// The rules of `config/prometheus` say what they should, by promtool's own judgement.
@Suite("Alert rules", .enabled(if: try PromTool.isInstalled, PromTool.reason), .timeLimit(.minutes(10)))
struct AlertRuleTests {
    /// The rules as Prometheus reads them: what stands under `spec` of the PrometheusRule.
    private static func rules() throws -> String {
        let lines = try Checkout.text("config/prometheus/rules.yaml").split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        let start = try #require(lines.firstIndex(of: "spec:"))
        return lines[(start + 1)...].map { $0.hasPrefix("  ") ? String($0.dropFirst(2)) : String($0) }
            .joined(separator: "\n")
    }

    /// Runs the tests against rules; both stand in one folder.
    private static func outcome(_ rules: String, _ tests: String) async throws -> PromTool.Outcome {
        try await Workspace.with { workspace in
            try workspace.write(rules, to: "rules.yaml")
            try workspace.write(tests, to: "rules_test.yaml")
            return try await PromTool.run(["test", "rules", "\(workspace.path)/rules_test.yaml"])
        }
    }

    @Test("promtool takes the rules, and their tests pass")
    func rules() async throws {
        let rules = try Self.rules()
        let checked = try await Workspace.with { workspace in
            try workspace.write(rules, to: "rules.yaml")
            return try await PromTool.run(["check", "rules", "\(workspace.path)/rules.yaml"])
        }
        #expect(checked.isSuccess, "\(checked.text)")
        let outcome = try await Self.outcome(rules, try Checkout.text("Tests/Fixtures/prometheus/rules_test.yaml"))
        #expect(outcome.isSuccess, "\(outcome.text)")
    }

    @Test("a rule that never fires, or always does, would fail them", arguments: [("> 0", "> 1000"), ("== 0", "!= 5")])
    func broken(_ from: String, _ to: String) async throws {
        let tests = try Checkout.text("Tests/Fixtures/prometheus/rules_test.yaml")
        let outcome = try await Self.outcome(try Self.rules().replacing(from, with: to), tests)
        #expect(!outcome.isSuccess)
    }

    @Test("every alert fires in one test and is silent in another, and has a row in the page of metrics")
    func complete() throws {
        let alerts = try Self.rules().matches(of: /- alert: (\w+)/).map { String($0.1) }
        let tests = try Checkout.text("Tests/Fixtures/prometheus/rules_test.yaml")
        let page = try Checkout.text("docs/metrics.md")
        #expect(alerts.count == 17 && Set(alerts).count == alerts.count)
        for alert in alerts {
            let cases = tests.matches(of: try Regex("alertname: \(alert)[,\\s]+exp_alerts:([^\\n]*)")).map { match in
                String(match.output[1].substring ?? "").trimmingCharacters(in: .whitespaces)
            }
            #expect(cases.contains(""), "\(alert) fires in no test")
            #expect(cases.contains { $0.hasPrefix("[]") }, "\(alert) is silent in no test")
            #expect(page.contains("| `\(alert)` |"), "\(alert) is not in docs/metrics.md")
        }
    }

    @Test("rules ask for metrics that are documented, with labels that they have")
    func metrics() throws {
        let page = try Checkout.text("docs/metrics.md")
        let rules = try Self.rules()
        let names = rules.matches(of: /\b(vigil|leader_election|controller_runtime|metrics_series)_\w+/).map {
            String($0.0)
        }
        for name in Set(names) {
            let family = name.hasSuffix("_bucket") ? String(name.dropLast("_bucket".count)) : name
            let isRecorded = rules.contains(":\(name):")
            #expect(page.contains("| `\(family)` |") || isRecorded, "\(name)")
        }
    }
}
