import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import TestDocuments
import Testing
import TrustResources

/// What a running operator exports: true, readable for Prometheus, and documented.
@Suite(
    "Metrics of a running operator",
    .enabled(if: try PromTool.isInstalled, PromTool.reason),
    .timeLimit(.minutes(10))
)
struct OperatorMetricsTests {
    private static let openMetrics = "application/openmetrics-text;version=1.0.0"

    @Test("the leader exports verdicts that follow the cluster, in both formats, with nothing for promtool to remark")
    func leader() async throws {
        try await OperatorCluster.with { cluster in
            // Nothing listens there.
            let registry = "127.0.0.1:1"
            let process = OperatorProcess(
                cluster,
                identity: "only",
                arguments: ["--plain-http-registry", registry, "--kube-notary-metrics"]
            )
            try await process.whileRunning {
                let port = try await process.healthPort()
                try await cluster.waitForHolder("only")
                try await cluster.applyPolicy(decision: "Untrusted")
                // This one settles nothing by hand, so that the registry is asked.
                try await cluster.applyPolicy("undecided")
                try await cluster.runPod("web-0", repository: "\(registry)/shop/web")
                let policy = "TrustPolicy/\(cluster.namespace)/shop"
                let series = #"vigil_images{namespace="\#(cluster.namespace)",policy="\#(policy)",verdict="#
                // The verdict is seen as soon as it is written, what its writer counts a moment later.
                let text = try await scrape(port) {
                    try $0.contains("\(series)\"Untrusted\"} 1") && Self.missing(from: $0).isEmpty
                }
                for verdict in ["Trusted", "Unsupported", "Unknown"] {
                    #expect(text.contains("\(series)\"\(verdict)\"} 0\n"), "\(verdict)")
                }
                let remarks = try await PromTool.check(metrics: Array(text.utf8))
                #expect(remarks.isSuccess, "\(remarks.text)")
                let open = try await read(port, accept: Self.openMetrics)
                try await Workspace.with { workspace in
                    let outcome = try await PromTool.read(openMetrics: Array(open.utf8), in: workspace.path)
                    #expect(outcome.isSuccess, "\(outcome.text)")
                }
                try check(documented: text)
                let own = text.split(separator: "\n").filter { !$0.hasPrefix("kube_notary_") }
                #expect(!own.contains { $0.contains(OperatorCluster.digest) }, "no digest is a label")
                let aggregate =
                    "kube_notary_aggregate_status{target_namespace=\"\(cluster.namespace)\",status=\"UNTRUSTED\"} 1"
                #expect(text.contains(aggregate))

                // What was shown vanishes with its object.
                for name in ["shop", "undecided"] {
                    try await cluster.client.resource(TrustPolicy.self).delete(name, namespace: cluster.namespace)
                }
                _ = try await scrape(port, until: nil, whileContaining: "vigil_images{")
            }
            #expect(!process.log.contains("a series of a metric is refused"), "\(process.log)")
        }
    }

    @Test("a standby exports its machinery, and leaves the cluster to the leader")
    func standby() async throws {
        try await OperatorCluster.with { cluster in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let first = OperatorProcess(cluster, identity: "first")
                let second = OperatorProcess(cluster, identity: "second")
                group.addTask { try await first.run() }
                try await cluster.waitForHolder("first")
                try await cluster.applyPolicy(decision: "Untrusted")
                group.addTask { try await second.run() }
                try await second.waitForLine(containing: "waiting for leadership")
                let leading = try await scrape(try await first.healthPort(), until: "\nvigil_policy_ready{")
                #expect(leading.contains("leader_election_master_status{name=\"vigil\"} 1\n"))
                let standing = try await scrape(
                    try await second.healthPort(),
                    until: "leader_election_master_status{name=\"vigil\"} 0\n"
                )
                #expect(!standing.contains("\nvigil_policy_ready{") && !standing.contains("\nvigil_images{"))
                #expect(!leading.contains("kube_notary_"), "only where they are asked for")
                #expect(standing.contains("\nvigil_build_info{version=") && standing.contains("\ninformer_objects{"))
                first.terminate()
                second.terminate()
                for _ in 0..<2 { #expect(try await group.next() == 0) }
            }
        }
    }

    /// What is not there before it happens: nobody is asked about revocation here, no verdict has an end, no registry
    /// counts pulls, and the endpoints have no certificate.
    private static let rare: Set<String> = [
        "vigil_revocation_requests_total", "vigil_revocation_request_duration_seconds",
        "vigil_next_lapse_timestamp_seconds", "vigil_registry_pull_budget_ratio",
        "vigil_endpoint_certificate_expiry_timestamp_seconds",
    ]

    /// The rows of the page of metrics.
    private static func rows() throws -> [Substring] {
        try Checkout.text("docs/metrics.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    }

    /// What is exported, with its kind.
    private static func exported(_ text: String) -> [(name: String, kind: String)] {
        text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { line in
            let words = line.split(separator: " ")
            return (String(words[2]), String(words[3]))
        }
    }

    /// What has a row and is not exported.
    private static func missing(from text: String) throws -> [String] {
        let documented = try rows().filter { row in
            ["counter", "gauge", "histogram"].contains { row.contains("` | \($0) |") }
        }
        .compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        return Set(documented).subtracting(exported(text).map(\.name)).subtracting(rare).sorted()
    }

    /// Whatever is exported has a row in the page of metrics with its kind, and whatever has a row is exported.
    private func check(documented text: String) throws {
        let rows = try Self.rows()
        for (name, kind) in Self.exported(text) {
            let row = rows.first { $0.hasPrefix("| `\(name)` | \(kind) |") }
            #expect(row != nil, "\(name) is exported as a \(kind), and not documented so")
        }
        #expect(try Self.missing(from: text) == [], "not exported")
    }

    /// Reads until the text contains `wanted`, or contains `unwanted` no more.
    private func scrape(_ port: Int, until wanted: String?, whileContaining unwanted: String? = nil) async throws
        -> String
    {
        try await scrape(port) { text in
            wanted.map { text.contains($0) } == true || unwanted.map { !text.contains($0) } == true
        }
    }

    /// Reads until the text is as it should be.
    private func scrape(_ port: Int, until isRight: (String) throws -> Bool) async throws -> String {
        var text = ""
        for _ in 0..<1200 {
            text = try await read(port)
            if try isRight(text) { return text }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("what is exported did not become what it should be:\n\(text)")
        return text
    }

    private func read(_ port: Int, accept: String? = nil) async throws -> String {
        let response = try await LocalServer(port: port).get("/metrics", headers: accept.map { ["accept": $0] } ?? [:])
        #expect(response.status == 200)
        return String(decoding: response.body, as: UTF8.self)
    }
}
