import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import OutboundHTTP
import Testing
import TrustResources

/// `vigil operator` as a process, against an API server over HTTP.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(10))) struct OperatorProcessTests {
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
            let process = OperatorProcess(cluster, identity: "only")
            try await process.whileRunning {
                let port = try await process.healthPort()
                try await cluster.waitForHolder("only")
                #expect(try await read("http://127.0.0.1:\(port)/healthz") == "ok")
                let ready = try await readWhenFull("http://127.0.0.1:\(port)/readyz?verbose", saying: "[+]informers ok")
                #expect(ready.contains("[+]informers ok"))
            }
        }
    }

    @Test(
        "chaos 16: without its definitions a process waits, /readyz and log name them, and it works once they are there",
        .disabled(if: IntegrationCluster.isReal, "takes the definitions away from everybody")
    )
    func missingDefinitions() async throws {
        try await OperatorCluster.with { cluster in
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            for definition in CustomResourceDefinitions.definitions {
                _ = try await cluster.client.send(APIRequest(.delete, "\(path)/\(definition.resource)"))
            }
            let process = OperatorProcess(cluster, identity: "only")
            try await process.whileRunning {
                let address = "http://127.0.0.1:\(try await process.healthPort())"
                try await process.waitForLine(containing: "is its CustomResourceDefinition installed?")
                let text = try await read("\(address)/readyz")
                for kind in [TrustPolicy.resource, ImageVerification.resource] {
                    #expect(text.contains("no complete list yet of \(kind) in \(cluster.namespace)"), "\(text)")
                }
                #expect(text.contains("readyz check failed"), "\(text)")
                #expect(try await read("\(address)/healthz") == "ok")
                try await cluster.cluster.installDefinitions()
                let ready = try await readWhenFull("\(address)/readyz?verbose", saying: "[+]informers ok")
                #expect(ready.contains("[+]informers ok"), "\(ready)")
                try await cluster.applyPolicy(decision: "Untrusted")
                try await cluster.runPod("web-0", repository: "127.0.0.1:1/shop/web")
                let found = try await cluster.firstObject(of: ImageVerification.self) { $0.status?.verdict != nil }
                #expect(found != nil, "\(process.log)")
            }
        }
    }

    @Test("who asks for tokens over plain HTTP is told so")
    func plainTokens() async throws {
        try await OperatorCluster.with { cluster in
            let process = OperatorProcess(cluster, identity: "only", arguments: ["--require-token"])
            try await process.whileRunning {
                let port = try await process.healthPort()
                let warning = try await process.waitForLine(containing: "bearer tokens are asked for over plain HTTP")
                #expect(warning.contains("warning"), "\(warning)")
                #expect(try await read("http://127.0.0.1:\(port)/healthz") == "ok")
            }
        }
    }

    @Test("a standby serves its probes, says that it stands by, and ends cleanly without touching the Lease")
    func standby() async throws {
        try await OperatorCluster.with { cluster in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let first = OperatorProcess(cluster, identity: "first")
                let second = OperatorProcess(cluster, identity: "second")
                group.addTask { try await first.run() }
                try await cluster.waitForHolder("first")
                group.addTask { try await second.run() }
                try await second.waitForLine(containing: "waiting for leadership")
                let (leading, standing) = (try await first.healthPort(), try await second.healthPort())
                #expect(
                    try await readWhenFull("http://127.0.0.1:\(standing)/readyz?verbose")
                        .contains("[+]leader-election ok: standby; \"first\" leads")
                )
                #expect(
                    try await read("http://127.0.0.1:\(leading)/healthz?verbose")
                        .contains("[+]leader-election ok: leading")
                )
                second.terminate()
                #expect(try await group.next() == 0, "\(second.log)")
                try await cluster.waitForHolder("first")
                first.terminate()
                #expect(try await group.next() == 0, "\(first.log)")
            }
        }
    }

    @Test("a leader whose Lease somebody takes ends at once with status 1")
    func leadershipLost() async throws {
        try await OperatorCluster.with { cluster in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let process = OperatorProcess(cluster, identity: "only")
                group.addTask { try await process.run() }
                try await cluster.waitForHolder("only")
                try await process.waitForLine(containing: "leading")
                _ = try await cluster.client.resource(Lease.self).patch(
                    "vigil",
                    namespace: cluster.namespace,
                    .merge(["spec": ["holderIdentity": "someone else"]])
                )
                #expect(try await group.next() == 1, "\(process.log)")
                #expect(process.log.contains("leadership lost"))
                try await cluster.waitForHolder("someone else")
            }
        }
    }

    @Test("chaos 28: a second SIGTERM ends the process at once with status 1, while the first waits for work under way")
    func secondSignal() async throws {
        try await OperatorCluster.with { cluster in
            try await SilentServer.with { server in
                try await withThrowingTaskGroup(of: Int32.self) { group in
                    // The registry takes connections and never answers.
                    let process = OperatorProcess(
                        cluster,
                        identity: "only",
                        arguments: ["--plain-http-registry", "127.0.0.1:\(server.port)"]
                    )
                    group.addTask { try await process.run() }
                    try await cluster.waitForHolder("only")
                    try await cluster.applyPolicy()
                    try await cluster.runPod("web-0", repository: "127.0.0.1:\(server.port)/shop/web")
                    await server.waitForConnection()
                    process.terminate()
                    try await process.waitForLine(containing: "ending")
                    process.terminate()
                    #expect(try await group.next() == 1, "\(process.log)")
                }
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
            let pace = try await workspace.vigil(["operator", "--lease-duration", "5s"])
            #expect(pace.status == 2 && pace.errors.contains("must exceed the renew deadline"), "\(pace.errors)")
        }
    }

    /// Reads as soon as the answer is complete: a replica that has just started says first that its caches are empty.
    private func readWhenFull(_ address: String, saying word: String = "leads") async throws -> String {
        for _ in 0..<1200 {
            let text = try await read(address)
            if text.contains("readyz check passed"), text.contains(word) { return text }
            try await Task.sleep(for: .milliseconds(50))
        }
        return try await read(address)
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
