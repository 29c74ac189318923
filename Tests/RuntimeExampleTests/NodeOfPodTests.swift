import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Testing

@testable import RuntimeExample

@Suite("The projection of docs/runtime.md", .timeLimit(.minutes(5)))
struct NodeOfPodTests {
    /// Makes what a controller makes in every namespace of a real cluster, which pods must not be ahead of.
    private static func makeDefaultAccount(in namespace: String, _ client: APIClient) async throws {
        let account = ServiceAccount(metadata: ObjectMeta(name: "default", namespace: namespace))
        do {
            _ = try await client.resource(ServiceAccount.self).create(account)
        } catch let error as APIError where error.code == .alreadyExists {
            // The controller was faster.
        }
    }

    @Test("keeps the node of each pod and nothing else, and finds pods by their node")
    func nodes() async throws {
        try await ExampleCluster.with { cluster, namespace in
            let client = cluster.client
            try await Self.makeDefaultAccount(in: namespace, client)
            let pods = NodeOfPod.informer(client, ObjectSelection(namespace: namespace))
            for (name, node) in [("a", "worker-1"), ("b", "worker-2"), ("c", nil)] {
                var pod = Pod(
                    metadata: ObjectMeta(name: name, namespace: namespace),
                    spec: Pod.Specification(containers: [Pod.Container(name: "web", image: "registry.example/web:v1")])
                )
                pod.spec?.nodeName = node
                // Nobody gives a node to the third.
                pod.spec?.nodeSelector = ["example.com/no-such-node": "true"]
                _ = try await client.resource(Pod.self).create(pod)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pods.run() }
                try await pods.waitUntilSynced()
                #expect(pods.keys(in: "node", under: "worker-1") == [ObjectKey(namespace: namespace, name: "a")])
                let nodes = Dictionary(uniqueKeysWithValues: pods.objects.map { ($0.key.name, $0.value) })
                #expect(nodes == ["a": "worker-1", "b": "worker-2", "c": nil])
                group.cancelAll()
                while (try? await group.next()) != nil {}
            }
        }
    }
}
