import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import Testing
import TrustModel
import TrustResources

/// What a running operator learns of the ends of verdicts, where people look for it: conditions, counts, metrics and
/// `vigil forecast`.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct OperatorForecastTests {
    @Test("a signature that expires and a certificate that ends are foreseen, each with its cause and its images")
    func ends() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace) { registry in
                    // The certificates that notation makes for tests last a day.
                    try await registry.makeKey("team")
                    let (short, long) = (try await registry.push("short"), try await registry.push("long"))
                    try await registry.sign(short, key: "team", ["--expiry", "5h"])
                    try await registry.sign(long, key: "team")
                    let policy = cluster.policy(trusting: try registry.certificate("team"))
                    _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
                    try await cluster.runPod("short-0", short)
                    try await cluster.runPod("long-0", long)
                    let process = OperatorProcess(
                        cluster,
                        identity: "only",
                        arguments: ["--plain-http-registry", registry.host]
                    )
                    try await process.whileRunning {
                        let judged = try await Self.judged(in: cluster)
                        let images = judged.status?.anchors?.map(\.images)
                        #expect(images == [2], "both images rest on the one certificate")
                        let lapsing = judged.status?.conditions?[type: ConditionType.trustLapsing]
                        #expect(
                            lapsing?.message.hasPrefix("2 trusted images lapse within 30 days, 2 of them within 7")
                                == true,
                            "\(String(describing: lapsing))"
                        )
                        try await Self.checkMetrics(try await process.healthPort(), of: cluster)
                        try await Self.checkForecast(workspace, cluster)
                    }
                }
            }
        }
    }

    /// The policy, as soon as its status speaks of both images.
    private static func judged(in cluster: OperatorCluster) async throws -> TrustPolicy {
        let policy = try await cluster.firstObject(of: TrustPolicy.self) { policy in
            let lapsing = policy.status?.conditions?[type: ConditionType.trustLapsing]
            return lapsing?.message.hasPrefix("2 ") == true && policy.status?.anchors?.first?.images == 2
        }
        return try #require(policy, "the policy's status never spoke of two images that lapse")
    }

    private static func checkMetrics(_ port: Int, of cluster: OperatorCluster) async throws {
        let policy = "policy=\"TrustPolicy/\(cluster.namespace)/shop\""
        var samples = MetricSamples("")
        for _ in 0..<1200 {
            let response = try await LocalServer(port: port).get("/metrics", headers: [:])
            samples = MetricSamples(String(decoding: response.body, as: UTF8.self))
            if samples.sum("vigil_lapsing_images", where: "\(policy),within=\"7d\"") == 2 { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        for within in ["7d", "30d"] {
            #expect(samples.sum("vigil_lapsing_images", where: "\(policy),within=\"\(within)\"") == 2, "\(within)")
        }
        #expect(samples.sum("vigil_trust_anchor_images", where: policy) == 2)
        let next = try #require(samples.sum("vigil_next_lapse_timestamp_seconds", where: policy))
        let left = next - Date().timeIntervalSince1970
        #expect((4 * 3_600...5 * 3_600).contains(Int(left)), "\(left) s are left")
    }

    private static func checkForecast(_ workspace: Workspace, _ cluster: OperatorCluster) async throws {
        let options = ["forecast", "--kubeconfig", cluster.kubeconfig, "-n", cluster.namespace]
        let soon = try await workspace.vigil(options + ["--within", "6h"])
        #expect(soon.status == 0, "\(soon.errors)")
        #expect(
            soon.output.hasSuffix(": 1 of 2 verdicts will lapse, 0 trust anchors will expire\n"),
            "\(soon.output)"
        )
        let all = try await workspace.vigil(options + ["--within", "2d", "-o", "json"])
        let report = try JSONParser().parse(Array(all.output.utf8))
        let policy = "TrustPolicy/\(cluster.namespace)/shop"
        let causes = report["verdicts"]?.array?.compactMap { $0["cause"]?.string } ?? []
        try #require(causes.count == 2, "\(all.output)\(all.errors)")
        #expect(causes[0] == "the signature for team of \(policy) expires")
        #expect(
            causes[1].hasPrefix("the trust anchor ") && causes[1].hasSuffix(" of \(policy) expires"),
            "\(causes[1])"
        )
        let anchors = report["anchors"]?.array ?? []
        #expect(anchors.compactMap { $0["images"]?.integer } == [2], "\(all.output)")
    }
}
