import JSONModel
import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import Testing

/// What running operators tell programs and people of a cluster, the standby as well as the leader.
@Suite("Results of a running operator", .timeLimit(.minutes(10)))
struct ResultsTests {
    @Test("leader and standby tell the same, in both shapes, and it follows the cluster")
    func replicas() async throws {
        try await OperatorCluster.with { cluster in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let first = OperatorProcess(cluster, identity: "first")
                let second = OperatorProcess(cluster, identity: "second")
                group.addTask { try await first.run() }
                try await cluster.waitForHolder("first")
                group.addTask { try await second.run() }
                try await second.waitForLine(containing: "waiting for leadership")
                let ports = [try await first.healthPort(), try await second.healthPort()]
                try await cluster.runPod("web-0", repository: "registry.example.com/shop/web")
                for port in ports {
                    let images = try await images(port) { $0["total"] == 1 }
                    #expect(images["images"]?.array?.first?["reason"] == "NoPolicy")
                }
                try await cluster.applyPolicy(decision: "Untrusted")
                for port in ports {
                    let images = try await images(port) { $0["images"]?.array?.first?["verdict"] == "Untrusted" }
                    let image = try #require(images["images"]?.array?.first)
                    #expect(image["digest"]?.string == OperatorCluster.digest && image["podNames"] == ["web-0"])
                    #expect(image["message"]?.string?.contains("CVE-2026-1234") == true)
                    #expect(image["findings"]?.array?.count == 1 && image["history"]?.array?.count == 1)

                    let summary = try JSONParser().parse(try await read(port, "/api/v1/summary").body)
                    #expect(summary.value(at: "images", "untrusted") == 1 && summary["current"] == true)
                    let results = try #require(try JSONParser().parse(try await read(port, "/results").body).array)
                    #expect(results.first?["hash"]?.string == String(OperatorCluster.digest.dropFirst(7)))
                    #expect(results.first?.value(at: "verification", "status") == 1)
                    #expect(results.first?["containers"]?.array?.first?["container"] == "web")
                    let page = try await read(port, "/status")
                    #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
                    #expect(String(decoding: page.body, as: UTF8.self).contains("<span class=\"count\">1</span>"))
                }
                try await expectSameTag(ports)
                first.terminate()
                second.terminate()
                for _ in 0..<2 { #expect(try await group.next() == 0) }
            }
        }
    }

    /// Reads from both until they give the same content the same tag: the operator may still be writing.
    private func expectSameTag(_ ports: [Int]) async throws {
        for _ in 0..<1200 {
            var tags: Set<String?> = []
            for port in ports { tags.insert(try await read(port, "/api/v1/images").headers["etag"]) }
            if tags.count == 1, tags.first != .some(nil) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the replicas never told the same")
    }

    /// Reads the images until they are what is sought.
    private func images(_ port: Int, where isSought: (JSONValue) -> Bool) async throws -> JSONValue {
        var images = JSONValue.null
        for _ in 0..<1200 {
            let response = try await read(port, "/api/v1/images")
            if response.status == 200 { images = try JSONParser().parse(response.body) }
            if isSought(images) { return images }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("they did not become what was sought: \(images)")
        return images
    }

    private func read(_ port: Int, _ path: String) async throws -> OutboundResponse {
        try await LocalServer(port: port).get(path)
    }
}
