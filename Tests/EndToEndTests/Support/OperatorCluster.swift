import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Synchronization
import Testing

/// The cluster that operator processes work on, with a namespace of the test's own: the one that `VIGIL_TEST_KUBECONFIG`
/// names, else the stand-in behind a port of loopback.
struct OperatorCluster: Sendable {
    /// The file by which processes find the cluster.
    let kubeconfig: String
    let cluster: IntegrationCluster
    let namespace: String
    var client: APIClient { cluster.client }

    static func with(_ body: @escaping @Sendable (OperatorCluster) async throws -> Void) async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-test") { namespace in
                guard let kubeconfig = cluster.kubeconfig else {
                    return try await serve(cluster, namespace, body)
                }
                try await body(OperatorCluster(kubeconfig: kubeconfig, cluster: cluster, namespace: namespace))
            }
        }
    }

    private static func serve(
        _ cluster: IntegrationCluster,
        _ namespace: String,
        _ body: @escaping @Sendable (OperatorCluster) async throws -> Void
    ) async throws {
        let server = EmbeddedAPIServer(cluster: try #require(cluster.embedded))
        try await Workspace.with { workspace in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                let port = try await server.boundPort()
                try workspace.write(server.kubeconfig(port: port), to: "kubeconfig")
                let served = OperatorCluster(
                    kubeconfig: "\(workspace.path)/kubeconfig",
                    cluster: cluster,
                    namespace: namespace
                )
                try await body(served)
                group.cancelAll()
            }
        }
    }

    /// Returns as soon as `identity` holds the operator's Lease.
    func waitForHolder(_ identity: String) async throws {
        let isHeld = Mutex(false)
        // Without a version a watch begins with what is there, whether or not the server streams lists.
        let options = WatchOptions(timeoutSeconds: 30)
        let leases = client.resource(Lease.self)
        try await leases.watch(ObjectSelection(namespace: namespace), options: options) { notification in
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
