import Foundation
import KubernetesClient
import OperatorTestKit
import OutboundHTTP
import Testing

/// The endpoints of an operator that is installed from `config/secured`: its own account, tokens of others, TLS.
@Suite(
    .enabled(if: try RealTools.areInstalled, RealTools.reason),
    .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason),
    .disabled(if: IntegrationCluster.isReal, InstalledCluster.reason),
    .timeLimit(.minutes(10))
)
struct SecuredEndpointsTests {
    /// Runs `body` while an operator serves; it ends well.
    private func serve(
        _ arguments: [String] = [],
        _ body: @escaping @Sendable (InstalledCluster, OperatorProcess, Int) async throws -> Void
    ) async throws {
        try await InstalledCluster.with(.secured, allowsWatchList: true) { cluster in
            try await cluster.kubectl("create", "namespace", InstalledCluster.workloads)
            try await cluster.install()
            let home = OperatorCluster(
                kubeconfig: try await cluster.operatorKubeconfig(),
                cluster: cluster.administrator.cluster,
                namespace: cluster.home
            )
            let process = OperatorProcess(
                home,
                identity: "only",
                watchesCluster: true,
                arguments: cluster.endpointArguments + arguments
            )
            try await process.whileRunning {
                do {
                    let port = try await process.healthPort()
                    for _ in 0..<1200 {
                        if try await cluster.read("/readyz", nil, port).status == 200 { break }
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    try await body(cluster, process, port)
                } catch {
                    Issue.record("\(process.log)")
                    throw error
                }
            }
        }
    }

    @Test("probes are open; metrics and results are read with a token whose owner may, and with no other")
    func tokens() async throws {
        try await serve { cluster, process, port in
            let reader = try await cluster.makeReader()
            try await cluster.kubectl("create", "serviceaccount", "stranger", "-n", InstalledCluster.workloads)
            let stranger = try await cluster.token(of: "stranger")
            for path in ["/healthz", "/livez", "/readyz/leader-election"] {
                #expect(try await cluster.read(path, nil, port).status == 200, "\(path)")
            }
            let expected: [(String, String?, Int)] = [
                ("/metrics", reader, 200), ("/metrics", nil, 401), ("/metrics", "x", 401), ("/metrics", stranger, 403),
                ("/status", reader, 403), ("/results", nil, 401), ("/api/v1/images", reader, 403),
                ("/bulk_sign", reader, 403),
                ("/api/v1/summary", "administrator", 200), ("/status", "administrator", 200), ("/else", nil, 404),
                // The signature of another token.
                ("/metrics", String(reader.dropLast(8) + stranger.suffix(8)), 401),
            ]
            for (path, token, status) in expected {
                let answer = try await cluster.read(path, token, port)
                #expect(answer.status == status, "\(path): \(answer.status)")
            }
            #expect(!process.log.contains(reader) && !process.log.contains(stranger))
            // The role for people opens the whole page, with what it loads, and the metrics of nobody.
            try await cluster.kubectl(
                "create",
                "clusterrolebinding",
                "people",
                "--clusterrole=vigil-results-reader",
                "--serviceaccount=\(InstalledCluster.workloads):stranger"
            )
            let person = try await cluster.token(of: "stranger")
            for path in [
                "/status", "/status/status.css", "/status/status.js", "/api/v1/summary", "/api/v1/images", "/results",
                "/bulk_sign",
            ] { #expect(try await cluster.read(path, person, port).status == 200, "\(path)") }
            #expect(try await cluster.read("/", person, port).status == 307)
        }
    }

    @Test("with an audience a token that was made for it is taken, and one that is good at the API server is not")
    func audience() async throws {
        try await serve(["--token-audience", "vigil"]) { cluster, _, port in
            let general = try await cluster.makeReader()
            let made = try await cluster.kubectl(
                "create",
                "token",
                "prometheus",
                "-n",
                InstalledCluster.workloads,
                "--audience",
                "vigil"
            )
            #expect(try await cluster.read("/metrics", general, port).status == 401)
            let token = made.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try await cluster.read("/metrics", token, port).status == 200)
        }
    }

    @Test(
        "a flood of tokens that are nobody's is answered, as slowly as the API server is asked, and the good one still is"
    )
    func flood() async throws {
        try await serve { cluster, _, port in
            let reader = try await cluster.makeReader()
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<40 {
                    group.addTask { try await cluster.read("/metrics", "nobody-\(number)", port).status }
                }
                for try await status in group { #expect(status == 401) }
            }
            // Twenty at once, ten a second from then on.
            #expect(ContinuousClock.now - start > .milliseconds(1900))
            #expect(try await cluster.read("/metrics", reader, port).status == 200)
        }
    }

    @Test("without the right to ask nobody is let in, the log says why once, and it ends with the right")
    func rightTakenAway() async throws {
        try await serve { cluster, process, port in
            let reader = try await cluster.makeReader()
            try await cluster.kubectl("delete", "clusterrolebinding", "vigil-endpoint-access")
            for _ in 0..<3 {
                let answer = try await cluster.read("/metrics", reader, port)
                #expect(answer.status == 503)
                #expect(String(decoding: answer.body, as: UTF8.self).contains("may not create TokenReviews"))
            }
            let health = String(decoding: try await cluster.read("/readyz?verbose", nil, port).body, as: UTF8.self)
            #expect(health.contains("[+]endpoint-access ok: tokens cannot be checked: this client may not create"))
            try await cluster.install()
            #expect(try await cluster.read("/metrics", reader, port).status == 200)
            #expect(process.log.split(separator: "\n").filter { $0.contains("cannot be checked") }.count == 1)
            try await process.waitForLine(containing: "bearer tokens can be checked again")
        }
    }

    @Test("while the API server is down nobody is let in who is not known, probes are open, and that ends by itself")
    func serverDown() async throws {
        try await InstalledCluster.with(.secured, allowsWatchList: true) { cluster in
            try await cluster.kubectl("create", "namespace", InstalledCluster.workloads)
            try await cluster.install()
            let (first, second) = (try await cluster.makeReader(), try await cluster.token(of: "prometheus"))
            let address = try await FreePort.find()
            let home = OperatorCluster(
                kubeconfig: try await cluster.operatorKubeconfig(port: address),
                cluster: cluster.administrator.cluster,
                namespace: cluster.home
            )
            // Who leads outlives the outage.
            let lease = ["--lease-duration", "600s", "--renew-deadline", "500s"]
            let process = OperatorProcess(
                home,
                identity: "only",
                watchesCluster: true,
                arguments: cluster.endpointArguments + lease
            )
            try await withThrowingTaskGroup(of: Int32.self) { group in
                group.addTask { try await process.run() }
                let port = try await process.healthPort()
                for token in [first, second] {
                    try await expectOutage(cluster, token, port)
                    try await cluster.serving(on: address) { _ in
                        #expect(try await cluster.read("/metrics", token, port).status == 200)
                        #expect(try await cluster.read("/metrics", "nobody", port).status == 401)
                        if token == second {
                            process.terminate()
                            try await process.waitForLine(containing: "ended")
                        }
                    }
                }
                #expect(try await group.next() == 0, "\(process.log)")
                for text in ["bearer tokens cannot be checked", "bearer tokens can be checked again"] {
                    #expect(
                        process.log.split(separator: "\n").filter { $0.contains(text) }.count == 2,
                        "\(process.log)"
                    )
                }
            }
        }
    }

    private func expectOutage(_ cluster: InstalledCluster, _ token: String, _ port: Int) async throws {
        for path in ["/metrics", "/status", "/results"] {
            let answer = try await cluster.read(path, token, port)
            #expect(answer.status == 503 && answer.headers["retry-after"] == "5", "\(path): \(answer.status)")
            #expect(String(decoding: answer.body, as: UTF8.self).contains("the API server could not be asked"))
        }
        #expect(try await cluster.read("/metrics", nil, port).status == 401)
        #expect(try await cluster.read("/healthz", nil, port).status == 200)
        let ready = String(decoding: try await cluster.read("/readyz?verbose", nil, port).body, as: UTF8.self)
        #expect(ready.contains("[+]endpoint-access ok: tokens cannot be checked: "), "\(ready)")
    }

    @Test("a certificate that changes is shown to who connects then; one that cannot be used is not")
    func rotation() async throws {
        try await serve { cluster, process, port in
            try await cluster.workspace.tool(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
                    "-subj", "/CN=vigil", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "next.key",
                    "-out", "next.pem",
                ]
            )
            #expect(try await daysLeft(cluster, port) == 2)
            let former = try cluster.workspace.read("server.pem")
            try cluster.workspace.write(former, to: "former.pem")
            // The new certificate is there before its key: both or neither are taken.
            try cluster.workspace.write(try cluster.workspace.read("next.pem"), to: "server.pem")
            try await process.waitForLine(containing: "server.key: is not the key of the certificate")
            #expect(try await cluster.read("/healthz", nil, port, trusting: "former.pem").status == 200)
            try cluster.workspace.write(try cluster.workspace.read("next.key"), to: "server.key")
            let taken = try await process.waitForLine(containing: "the configuration is taken")
            #expect(taken.contains("endpoints.tlsCertificateFile, endpoints.tlsKeyFile"), "\(taken)")
            #expect(try await cluster.read("/healthz", nil, port, trusting: "next.pem").status == 200)
            await #expect(throws: OutboundError.self) {
                try await cluster.read("/healthz", nil, port, trusting: "former.pem")
            }
            #expect(try await daysLeft(cluster, port, trusting: "next.pem") == 9)
            #expect(!process.log.contains("PRIVATE KEY"))
        }
    }

    /// For how many days the certificate still holds, as the metrics say.
    private func daysLeft(
        _ cluster: InstalledCluster,
        _ port: Int,
        trusting certificate: String = "server.pem"
    ) async throws -> Int {
        let answer = try await cluster.read("/metrics", "administrator", port, trusting: certificate)
        let name = "vigil_endpoint_certificate_expiry_timestamp_seconds "
        let line = String(decoding: answer.body, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
        let end = try #require(line.flatMap { Double($0.dropFirst(name.count)) }, "\(answer.status)")
        return Int(((end - Date().timeIntervalSince1970) / 86_400).rounded())
    }
}
