import EmbeddedKubernetes
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing

/// The cluster that the example works on: the one that `VIGIL_TEST_KUBECONFIG` names, else the stand-in in this process.
struct ExampleCluster: Sendable {
    /// How long something may take to happen before a test gives up on it.
    static let patience = 120

    let transport: any APITransport

    var client: APIClient { APIClient(transport: transport, userAgent: "runtime-example-tests/1") }

    /// Runs `body` with a cluster and a namespace of the test's own in it.
    static func with(_ body: (ExampleCluster, String) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let path = environment["VIGIL_TEST_KUBECONFIG"], !path.isEmpty else {
            let cluster = ExampleCluster(transport: EmbeddedCluster().transport(userAgent: "tests"))
            return try await cluster.withNamespace(body)
        }
        let real = try HTTPAPITransport(
            try KubernetesClient.ClusterConfiguration.load(kubeconfig: path, environment: environment)
        )
        let result: Result<Void, any Error>
        do {
            result = .success(try await ExampleCluster(transport: real).withNamespace(body))
        } catch {
            result = .failure(error)
        }
        await real.shutdown()
        try result.get()
    }

    private func withNamespace(_ body: (ExampleCluster, String) async throws -> Void) async throws {
        let name = "runtime-example-\(UInt32.random(in: .min ... .max))"
        let namespaces = client.resource(Namespace.self)
        _ = try await namespaces.create(Namespace(metadata: ObjectMeta(name: name)))
        do {
            try await body(self, name)
        } catch {
            try? await namespaces.delete(name)
            throw error
        }
        try? await namespaces.delete(name)
    }

    /// Labels the namespace with its team; `nil` takes the label away.
    func label(_ namespace: String, team: String?) async throws {
        let value = team.map { "\"\($0)\"" } ?? "null"
        let request = APIRequest(
            .patch,
            Namespace.resource.path(name: namespace),
            headers: ["content-type": "application/merge-patch+json"],
            body: Array(#"{"metadata":{"labels":{"example.com/team":\#(value)}}}"#.utf8)
        )
        _ = try await client.send(request)
    }

    /// The first object in `namespace` that satisfies `isAsExpected`, as soon as there is one.
    func object<Object: KubernetesObject>(
        _ type: Object.Type,
        in namespace: String,
        where isAsExpected: @escaping @Sendable (Object) -> Bool
    ) async throws -> Object {
        let found = Mutex<Object?>(nil)
        try await watch(type, namespace) { notification in
            switch notification {
            case .added(let object), .modified(let object):
                guard isAsExpected(object) else { return .proceed }
                found.withLock { $0 = object }
                return .stop
            default: return .proceed
            }
        }
        let object = found.withLock { $0 }
        return try #require(object, "no \(Object.resource.kind) in \(namespace) became what was expected")
    }

    /// Returns as soon as the object `key` is gone.
    func waitUntilGone<Object: KubernetesObject>(_ type: Object.Type, _ key: ObjectKey) async throws {
        let isGone = Mutex(false)
        let found = try await client.resource(type).list(ObjectSelection(namespace: key.namespace))
        guard found.items.contains(where: { $0.key == key }) else { return }
        try await watch(type, key.namespace, since: found.resourceVersion) { notification in
            guard case .deleted(let object) = notification, object.key == key else { return .proceed }
            isGone.withLock { $0 = true }
            return .stop
        }
        #expect(isGone.withLock { $0 }, "\(Object.resource.kind) \(key) is still there")
    }

    /// Watches from `version` on; without one a watch begins with what is there, whether or not the server streams lists.
    private func watch<Object: KubernetesObject>(
        _ type: Object.Type,
        _ namespace: String?,
        since version: String = "",
        _ receive: @escaping @Sendable (WatchNotification<Object>) async throws -> WatchContinuation
    ) async throws {
        let options = WatchOptions(resourceVersion: version, timeoutSeconds: Self.patience)
        try await client.resource(type).watch(ObjectSelection(namespace: namespace), options: options, receive: receive)
    }
}
