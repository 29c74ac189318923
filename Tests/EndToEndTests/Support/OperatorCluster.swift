import EmbeddedKubernetes
import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing
import TrustResources

/// The cluster that operator processes work on, with a namespace of the test's own: the one that `VIGIL_TEST_KUBECONFIG`
/// names, else the stand-in behind a port of loopback.
struct OperatorCluster: Sendable {
    /// The file by which processes find the cluster.
    let kubeconfig: String
    let client: APIClient
    let namespace: String

    static func with(_ body: @escaping @Sendable (OperatorCluster) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let path = environment["VIGIL_TEST_KUBECONFIG"], !path.isEmpty else { return try await withStandIn(body) }
        let configuration = try KubernetesClient.ClusterConfiguration.load(kubeconfig: path, environment: environment)
        let transport = try HTTPAPITransport(configuration)
        do {
            try await with(path, transport, body)
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }

    private static func withStandIn(_ body: @escaping @Sendable (OperatorCluster) async throws -> Void) async throws {
        let cluster = EmbeddedCluster()
        let server = EmbeddedAPIServer(cluster: cluster)
        try await Workspace.with { workspace in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                let port = try await server.boundPort()
                try workspace.write(server.kubeconfig(port: port), to: "kubeconfig")
                try await with("\(workspace.path)/kubeconfig", cluster.transport(userAgent: "tests"), body)
                group.cancelAll()
            }
        }
    }

    private static func with(
        _ kubeconfig: String,
        _ transport: any APITransport,
        _ body: @escaping @Sendable (OperatorCluster) async throws -> Void
    ) async throws {
        let client = APIClient(transport: transport, userAgent: "vigil-tests/1")
        for definition in CustomResourceDefinitions.all { try await install(definition, client) }
        let namespaces = client.resource(Namespace.self)
        let name = "vigil-test-\(UInt32.random(in: .min ... .max))"
        _ = try await namespaces.create(Namespace(metadata: ObjectMeta(name: name)))
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(OperatorCluster(kubeconfig: kubeconfig, client: client, namespace: name)))
        } catch {
            result = .failure(error)
        }
        try? await namespaces.delete(name)
        try result.get()
    }

    private static func install(_ definition: JSONValue, _ client: APIClient) async throws {
        do {
            _ = try await client.send(
                APIRequest(
                    .post,
                    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                    headers: ["content-type": "application/json"],
                    body: JSONSerializer().bytes(definition)
                )
            )
        } catch let error as APIError where error.code == .alreadyExists {
            return
        }
    }

    /// Returns as soon as `identity` holds the operator's Lease.
    func waitForHolder(_ identity: String) async throws {
        let isHeld = Mutex(false)
        let options = WatchOptions(sendsInitialEvents: true, timeoutSeconds: 30)
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
