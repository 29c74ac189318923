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

    /// The first object of the test's namespace that `isSought` holds true of, among those that are there and those that
    /// come within `seconds`.
    func firstObject<Object: KubernetesObject>(
        of type: Object.Type = Object.self,
        within seconds: Int = 120,
        where isSought: @escaping @Sendable (Object) -> Bool
    ) async throws -> Object? {
        let found = Mutex<Object?>(nil)
        // Without a version a watch begins with what is there, whether or not the server streams lists.
        let options = WatchOptions(timeoutSeconds: seconds)
        let selection = ObjectSelection(namespace: namespace)
        try await client.resource(type).watch(selection, options: options) { notification in
            switch notification {
            case .added(let object), .modified(let object):
                guard isSought(object) else { return .proceed }
                found.withLock { $0 = object }
                return .stop
            default: return .proceed
            }
        }
        return found.withLock { $0 }
    }

    /// Who holds the operator's Lease; `nil` where nobody does, or it was not made yet.
    func holder() async throws -> String? {
        let leases = try await client.resource(Lease.self).list(ObjectSelection(namespace: namespace)).items
        return leases.lazy.compactMap { $0.spec?.holderIdentity }.first { !$0.isEmpty }
    }

    /// Returns as soon as `identity` holds the operator's Lease.
    func waitForHolder(_ identity: String) async throws {
        try await waitForHolder { $0 == identity }
    }

    /// Returns as soon as somebody of this kind holds the operator's Lease; nobody is the empty text.
    func waitForHolder(where isRight: @escaping @Sendable (String) -> Bool) async throws {
        let lease = try await firstObject(of: Lease.self) { isRight($0.spec?.holderIdentity ?? "") }
        try #require(lease != nil, "nobody who was waited for held the lease in time")
    }
}
