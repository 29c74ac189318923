import OutboundHTTP
import Testing

/// `vigil operator` as a process, against an API server over HTTP.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(3))) struct OperatorProcessTests {
    @Test("of two processes one works and the other takes over, and SIGTERM ends each cleanly")
    func takeover() async throws {
        try await OperatorCluster.with { cluster in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let first = OperatorProcess(cluster, identity: "first")
                let second = OperatorProcess(cluster, identity: "second")
                group.addTask { try await first.run() }
                try await cluster.waitForHolder("first")
                group.addTask { try await second.run() }
                try await second.waitForLine(containing: "waiting for leadership")
                first.terminate()
                #expect(try await group.next() == 0, "\(first.log)")
                try await cluster.waitForHolder("second")
                second.terminate()
                #expect(try await group.next() == 0, "\(second.log)")
                try await cluster.waitForHolder("")
            }
        }
    }

    @Test("readiness waits for the caches, and health is served meanwhile")
    func health() async throws {
        try await OperatorCluster.with { cluster in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let process = OperatorProcess(cluster, identity: "only")
                group.addTask { try await process.run() }
                let port = try await process.healthPort()
                try await cluster.waitForHolder("only")
                #expect(try await read("http://127.0.0.1:\(port)/healthz") == "ok")
                #expect(try await read("http://127.0.0.1:\(port)/readyz?verbose").contains("[+]informers ok"))
                process.terminate()
                #expect(try await group.next() == 0)
            }
        }
    }

    @Test("a setting that cannot be used ends with status 2 and a sentence")
    func settings() async throws {
        try await Workspace.with { workspace in
            let missing = try await workspace.vigil(["operator", "--kubeconfig", "/nonexistent/config"])
            #expect(missing.status == 2 && missing.errors.contains("/nonexistent/config"), "\(missing.errors)")
            let address = try await workspace.vigil(["operator", "--health-address", "nowhere"])
            #expect(address.status == 2 && address.errors.contains("host:port"), "\(address.errors)")
        }
    }

    private func read(_ address: String) async throws -> String {
        try await OutboundHTTPClient.with { client in
            let response = try await client.send(
                OutboundRequest(.get, OutboundURL(address)),
                limit: .kibibytes(64)
            )
            return String(decoding: response.body, as: UTF8.self)
        }
    }
}
