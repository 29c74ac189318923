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
    private static let apply = "application/apply-patch+yaml"
    private static let merge = "application/merge-patch+json"

    /// Sends a request, and gives the code of the refusal or the object.
    private static func send(
        _ method: APIRequest.Method,
        _ path: String,
        _ body: JSONValue? = nil,
        type: String = "application/json",
        query: [APIRequest.QueryItem] = [],
        by client: APIClient
    ) async throws -> (status: Int, body: JSONValue) {
        let bytes = body.map { JSONSerializer().bytes($0) }
        let request = APIRequest(method, path, query: query, headers: ["content-type": type], body: bytes)
        do {
            let response = try await client.send(request)
            return (response.status, try JSONParser().parse(response.body))
        } catch let error as APIError {
            return (error.httpStatus, .string(error.message))
        }
    }

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
                let made = try await Self.send(
                    .post,
                    path,
                    Self.verification(["spec": ["image": "x"], "status": .null]),
                    query: [.init("fieldManager", "somebody")],
                    by: cluster.client
                )
                #expect(made.status == 201)
                let applied = try await Self.send(
                    .patch,
                    "\(path)/x/status",
                    Self.verification(["status": ["observedGeneration": 7]]),
                    type: Self.apply,
                    query: [.init("fieldManager", "an-operator")],
                    by: cluster.client
                )
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
                    let answer = try await Self.send(
                        .patch,
                        path,
                        body,
                        type: Self.apply,
                        query: manager,
                        by: cluster.client
                    )
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
                #expect(try await Self.send(.post, "\(path)/configmaps", held, by: client).status == 201)
                _ = try await Self.send(.patch, path, ["spec": ["finalizers": []]], type: Self.merge, by: client)
                let deleted = try await Self.send(
                    .delete,
                    path,
                    query: [.init("propagationPolicy", "Foreground")],
                    by: client
                )
                #expect(deleted.status == 200)
                let standing = try await Self.send(.get, path, by: client)
                #expect(standing.body.value(at: "status", "phase") == "Terminating", "\(standing.body)")
                #expect(standing.body.value(at: "spec", "finalizers") == ["kubernetes"])
                let freed: JSONValue = ["metadata": ["finalizers": .null]]
                let release = try await Self.send(
                    .patch,
                    "\(path)/configmaps/held",
                    freed,
                    type: Self.merge,
                    by: client
                )
                #expect(release.status == 200)
            }
        }
    }
}
