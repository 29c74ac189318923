import EmbeddedKubernetes
import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import Subprocess
import Synchronization
import SystemPackage
import Testing
import TrustResources

/// `vigil operator` as a process, against an API server over HTTP.
@Suite(.timeLimit(.minutes(3))) struct OperatorProcessTests {
    @Test("of two processes one works and the other takes over, and SIGTERM ends each cleanly")
    func takeover() async throws {
        try await withServer { server, client in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let first = OperatorProcess(kubeconfig: server, identity: "first")
                let second = OperatorProcess(kubeconfig: server, identity: "second")
                group.addTask { try await first.run() }
                try await client.waitForHolder("first")
                group.addTask { try await second.run() }
                try await second.waitForLine(containing: "waiting for leadership")
                first.terminate()
                #expect(try await group.next() == 0, "\(first.log)")
                try await client.waitForHolder("second")
                second.terminate()
                #expect(try await group.next() == 0, "\(second.log)")
                try await client.waitForHolder("")
            }
        }
    }

    @Test("readiness waits for the caches, and health is served meanwhile")
    func health() async throws {
        try await withServer { server, client in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                let process = OperatorProcess(kubeconfig: server, identity: "only")
                group.addTask { try await process.run() }
                let port = try await process.healthPort()
                try await client.waitForHolder("only")
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

    private func withServer(_ body: @escaping @Sendable (String, APIClient) async throws -> Void) async throws {
        let cluster = EmbeddedCluster()
        let client = APIClient(transport: cluster.transport(userAgent: "tests"), userAgent: "vigil-tests/1")
        for definition in CustomResourceDefinitions.all {
            _ = try await client.send(
                APIRequest(
                    .post,
                    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                    headers: ["content-type": "application/json"],
                    body: JSONSerializer().bytes(definition)
                )
            )
        }
        let server = EmbeddedAPIServer(cluster: cluster)
        try await Workspace.with { workspace in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                let port = try await server.boundPort()
                try workspace.write(server.kubeconfig(port: port), to: "kubeconfig")
                try await body("\(workspace.path)/kubeconfig", client)
                group.cancelAll()
            }
        }
    }
}

extension APIClient {
    /// Returns as soon as `identity` holds the operator's Lease.
    fileprivate func waitForHolder(_ identity: String) async throws {
        let isHeld = Mutex(false)
        let options = WatchOptions(sendsInitialEvents: true, timeoutSeconds: 30)
        try await resource(Lease.self).watch(ObjectSelection(namespace: "default"), options: options) { notification in
            switch notification {
            case .added(let lease), .modified(let lease):
                guard (lease.spec?.holderIdentity ?? "") == identity else { return .proceed }
                isHeld.withLock { $0 = true }
                return .stop
            default: return .proceed
            }
        }
        let held = isHeld.withLock { $0 }
        try #require(held, "the lease was not held by \"\(identity)\" in time")
    }
}
