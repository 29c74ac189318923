import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import TestDocuments
import Testing
import TrustResources

/// The Grafana dashboard of `config/grafana`: every query of it is asked of a real Prometheus that scraped a real operator.
@Suite(
    "The dashboard",
    .enabled(if: try RealTools.areInstalled, RealTools.reason),
    .enabled(if: try RealPrometheus.isInstalled, RealPrometheus.reason),
    .timeLimit(.minutes(4))
)
struct DashboardTests {
    private struct Query: Sendable {
        let panel: String
        let expression: String
    }

    private static func dashboard() throws -> JSONValue {
        try JSONParser().parse(Array(try Checkout.text("config/grafana/vigil.json").utf8))
    }

    private static func panels() throws -> [JSONValue] { try #require(try dashboard()["panels"]?.array) }

    /// The queries of the panels, then those that fill the variables.
    private static func queries() throws -> [Query] {
        let shown = try panels().flatMap { panel in
            (panel["targets"]?.array ?? []).map { target in
                Query(panel: panel["title"]?.string ?? "", expression: target["expr"]?.string ?? "")
            }
        }
        return try shown + variables()
    }

    /// `label_values(metric, label)` as a query of Prometheus: the series of the metric that have that label.
    private static func variables() throws -> [Query] {
        let all = try #require(try dashboard().value(at: "templating", "list")?.array)
        let asked = all.filter { $0["type"]?.string == "query" }
        try #require(!asked.isEmpty)
        return try asked.map { variable in
            let name = try #require(variable["name"]?.string)
            let text = try #require(variable.value(at: "query", "query")?.string)
            #expect(variable["definition"]?.string == text, "\(name)")
            let parts = try #require(text.wholeMatch(of: /label_values\((\w+), (\w+)\)/), "\(name): \(text)")
            return Query(panel: "variable \(name)", expression: "\(parts.output.1){\(parts.output.2)!=\"\"}")
        }
    }

    /// What Grafana puts in the place of its variables.
    private static func filled(_ expression: String) -> String {
        expression.replacing("$namespace", with: ".*").replacing("$job", with: ".*")
            .replacing("$__rate_interval", with: "1m")
    }

    @Test("panels lie side by side, say what they show, and ask the chosen source for documented metrics alone")
    func form() throws {
        let page = try Checkout.text("docs/metrics.md")
        var taken: Set<[Int64]> = []
        var numbers: Set<Int64> = []
        for panel in try Self.panels() {
            let title = try #require(panel["title"]?.string)
            #expect(numbers.insert(try #require(panel["id"]?.integer)).inserted, "\(title)")
            let place = try ["x", "y", "w", "h"].map { try #require(panel["gridPos"]?[$0]?.integer) }
            for x in place[0]..<(place[0] + place[2]) {
                #expect(x < 24, "\(title)")
                for y in place[1]..<(place[1] + place[3]) { #expect(taken.insert([x, y]).inserted, "\(title)") }
            }
            guard panel["type"]?.string != "row" else { continue }
            #expect(panel["description"]?.string?.isEmpty == false, "\(title)")
            #expect(panel["targets"]?.array?.isEmpty == false, "\(title)")
            for target in panel["targets"]?.array ?? [] {
                #expect(target["datasource"]?["uid"]?.string == "${datasource}", "\(title)")
            }
        }
        for query in try Self.queries() {
            let names = query.expression.matches(of: /[a-z]+(_[a-z]+)+/).map { String($0.output.0) }
                .filter { !["histogram_quantile", "__rate_interval", "rate_interval"].contains($0) }
            #expect(!names.isEmpty, "\(query.panel)")
            for name in names {
                let family = name.hasSuffix("_bucket") ? String(name.dropLast("_bucket".count)) : name
                let isDocumented = page.contains("| `\(family)` |")
                #expect(isDocumented, "\(query.panel) asks for \(name), which is not documented")
            }
        }
    }

    @Test("every query has an answer")
    func answers() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace) { registry in
                    try await Self.run(cluster, workspace, registry)
                }
            }
        }
    }

    /// Makes a cluster in which there is something of everything that the dashboard shows.
    private static func run(_ cluster: OperatorCluster, _ workspace: Workspace, _ registry: RealRegistry) async throws {
        try await registry.makeKey("team")
        let signed = try await registry.push("signed")
        let unsigned = try await registry.push("unsigned")
        try await registry.sign(signed, key: "team")
        var policy = cluster.policy(trusting: try registry.certificate("team"))
        policy.spec.interval = "1s"
        _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
        try await cluster.runPod("signed-0", signed)
        try await cluster.runPod("unsigned-0", unsigned)
        let process = OperatorProcess(
            cluster,
            identity: "only",
            arguments: ["--plain-http-registry", registry.host, "--evidence-age", "0s"]
        )
        try await process.whileRunning {
            let port = try await process.healthPort()
            _ = try await cluster.status(of: signed)
            try await RealPrometheus.scraping(port, workspace) { prometheus in
                for query in try queries() { try await check(query, prometheus) }
            }
        }
    }

    /// Rates need two scrapes, and something that happened between them.
    private static func check(_ query: Query, _ prometheus: RealPrometheus) async throws {
        var found: [String] = []
        for _ in 0..<600 {
            found = try await prometheus.values(of: filled(query.expression))
            if found.contains(where: { $0 != "NaN" }) { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(query.panel): \(query.expression) has no answer: \(found)")
    }
}
