import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing

/// Answers in which a stand-in differs easily from an API server, and which operators and `kubectl` rely on.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite("What every API server answers", .timeLimit(.minutes(2)))
struct ServerAgreementTests {
    private static func verification(_ members: [String: JSONValue]) -> JSONValue {
        let head: [String: JSONValue] = [
            "apiVersion": "vigil.dev/v1alpha1", "kind": "ImageVerification", "metadata": ["name": "x"],
        ]
        return .object(head.merging(members) { $1 })
    }

    @Test("who applies a status first is in nobody's way, and an optional null in a custom resource says nothing")
    func customResources() async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-agreement") { namespace in
                let path = "/apis/vigil.dev/v1alpha1/namespaces/\(namespace)/imageverifications"
                let made = try await AgreementRequest(
                    .post,
                    path,
                    Self.verification(["spec": ["image": "x"], "status": .null]),
                    query: [.init("fieldManager", "somebody")]
                ).send(by: cluster.client)
                #expect(made.status == 201)
                let applied = try await AgreementRequest(
                    .patch,
                    "\(path)/x/status",
                    Self.verification(["status": ["observedGeneration": 7]]),
                    type: .apply,
                    query: [.init("fieldManager", "an-operator")]
                ).send(by: cluster.client)
                #expect(applied.status == 200, "\(applied.body)")
                #expect(applied.body.value(at: "status", "observedGeneration") == 7)
            }
        }
    }

    @Test("an object that is applied where none is has to say its name")
    func namelessApply() async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-agreement") { namespace in
                let path = "/api/v1/namespaces/\(namespace)/configmaps/a"
                let manager = [APIRequest.QueryItem("fieldManager", "a")]
                let nameless: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "data": ["a": "b"]]
                let named: JSONValue = [
                    "apiVersion": "v1", "kind": "ConfigMap", "data": ["a": "b"], "metadata": ["name": "a"],
                ]
                for (body, status) in [(nameless, 400), (named, 201), (nameless, 200)] {
                    let answer = try await AgreementRequest(
                        .patch,
                        path,
                        body,
                        type: .apply,
                        query: manager
                    ).send(by: cluster.client)
                    #expect(answer.status == status, "\(answer.body)")
                }
            }
        }
    }

    @Test("a namespace keeps its own finalizer, and stays while something in it is held, however it is deleted")
    func namespaceInTheForeground() async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-agreement") { namespace in
                let client = cluster.client
                let path = "/api/v1/namespaces/\(namespace)"
                let held: JSONValue = [
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": ["name": "held", "finalizers": ["example.com/hold"]],
                ]
                #expect(try await AgreementRequest(.post, "\(path)/configmaps", held).send(by: client).status == 201)
                _ = try await AgreementRequest(.patch, path, ["spec": ["finalizers": []]], type: .merge)
                    .send(by: client)
                let deleted = try await AgreementRequest(
                    .delete,
                    path,
                    query: [.init("propagationPolicy", "Foreground")]
                ).send(by: client)
                #expect(deleted.status == 200)
                let standing = try await AgreementRequest(.get, path).send(by: client)
                #expect(standing.body.value(at: "status", "phase") == "Terminating", "\(standing.body)")
                #expect(standing.body.value(at: "spec", "finalizers") == ["kubernetes"])
                let freed: JSONValue = ["metadata": ["finalizers": .null]]
                let release = try await AgreementRequest(
                    .patch,
                    "\(path)/configmaps/held",
                    freed,
                    type: .merge
                ).send(by: client)
                #expect(release.status == 200)
            }
        }
    }
}
