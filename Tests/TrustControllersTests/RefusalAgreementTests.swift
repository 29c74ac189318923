import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing

/// Writes that an API server refuses, and that a stand-in easily carries out.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite("What every API server refuses to write", .timeLimit(.minutes(2)))
struct RefusalAgreementTests {
    /// A request about an object that stands, and its answer.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What is sent, in a namespace.
        let request: @Sendable (String) -> AgreementRequest
        let status: Int
        /// What the refusal says, among other words.
        let words: String

        init(
            _ name: String,
            _ status: Int,
            _ words: String = "",
            _ request: @escaping @Sendable (_ namespace: String) -> AgreementRequest
        ) {
            testDescription = name
            self.status = status
            self.words = words
            self.request = request
        }
    }

    private static let map: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a", "labels": ["l": "l"]], "data": ["a": "b"],
    ]
    private static let verification: JSONValue = [
        "apiVersion": "vigil.dev/v1alpha1", "kind": "ImageVerification", "metadata": ["name": "a"],
        "spec": ["image": "x"],
    ]
    private static let account: JSONValue = [
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "a"],
    ]
    private static let pod: JSONValue = [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "a"],
        "spec": ["containers": [["name": "c", "image": "registry.example.com/a:1"]]],
    ]

    @Sendable private static func maps(_ namespace: String) -> String { "/api/v1/namespaces/\(namespace)/configmaps" }
    @Sendable private static func pods(_ namespace: String) -> String { "/api/v1/namespaces/\(namespace)/pods" }
    @Sendable private static func verifications(_ namespace: String) -> String {
        "/apis/vigil.dev/v1alpha1/namespaces/\(namespace)/imageverifications"
    }

    /// A deletion of the ConfigMap.
    private static func deletion(
        _ name: String,
        _ status: Int,
        _ words: String,
        body: JSONValue? = nil,
        query: [APIRequest.QueryItem] = []
    ) -> Case {
        Case(name, status, words) { AgreementRequest(.delete, "\(maps($0))/a", body, query: query) }
    }

    /// A patch of the ConfigMap.
    private static func patch(
        _ name: String,
        _ status: Int,
        _ words: String,
        _ body: JSONValue,
        type: AgreementRequest.BodyType = .merge,
        query: [APIRequest.QueryItem] = []
    ) -> Case {
        Case(name, status, words) { AgreementRequest(.patch, "\(maps($0))/a", body, type: type, query: query) }
    }

    /// A ConfigMap that is made with such metadata.
    private static func creation(_ name: String, _ status: Int, _ words: String, _ metadata: JSONValue) -> Case {
        Case(name, status, words) {
            AgreementRequest(
                .post,
                maps($0),
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata]
            )
        }
    }

    static let deletions = [
        deletion("a dry run of another name", 422, "dryRun: Unsupported value", query: [.init("dryRun", "Bogus")]),
        deletion("a dry run that is no list", 400, "cannot unmarshal string", body: ["dryRun": "All"]),
        deletion("a precondition of the wrong type", 400, "cannot unmarshal", body: ["preconditions": ["uid": 5]]),
        deletion("another uid", 409, "does not match the UID in record", query: [.init("uid", "x")]),
        deletion(
            "both ways to say what becomes of dependents",
            422,
            "cannot be both set",
            query: [.init("orphanDependents", "true"), .init("propagationPolicy", "Orphan")]
        ),
        Case("a collection with a limit that is no number", 400) {
            AgreementRequest(.delete, maps($0), query: [.init("limit", "x")])
        },
    ]

    static let identities = [
        patch("metadata taken away", 400, "undeterminable", ["metadata": .null]),
        patch("another uid in a patch", 422, "field is immutable", ["metadata": ["uid": "x"]]),
        patch(
            "a deletion by a patch",
            422,
            "field is immutable",
            ["metadata": ["deletionTimestamp": "2001-01-01T00:00:00Z"]]
        ),
        patch("a version that is no number", 500, "invalid syntax", ["metadata": ["resourceVersion": "x"]]),
        creation("a version in what is made", 500, "should not be set", ["name": "b", "resourceVersion": "1"]),
        Case("a replacement without a name", 400, "undeterminable") {
            AgreementRequest(.put, "\(maps($0))/a", ["apiVersion": "v1", "kind": "ConfigMap"])
        },
        Case("a custom resource at no version", 422, "must be specified for an update") {
            let none: JSONValue = ["metadata": ["resourceVersion": .null]]
            return AgreementRequest(.patch, "\(verifications($0))/a", none, type: .merge)
        },
        Case("a custom resource at version 0", 422, "must be specified for an update") {
            let none: JSONValue = ["metadata": ["resourceVersion": "0"]]
            return AgreementRequest(.patch, "\(verifications($0))/a", none, type: .merge)
        },
    ]

    static let contents = [
        creation("an owner without anything", 422, "must not be empty", ["name": "b", "ownerReferences": [[:]]]),
        creation("a finalizer without a domain", 422, "neither a standard", ["name": "b", "finalizers": ["x"]]),
        patch("a patch to another type", 422, "cannot unmarshal", ["data": ["a": 5]]),
        patch(
            "force where nothing is applied",
            422,
            "non-apply",
            ["data": ["a": "c"]],
            query: [.init("force", "true")]
        ),
        patch("a dry run without a name", 422, "dryRun", ["data": ["a": "c"]], query: [.init("dryRun", "")]),
        patch(
            "too many operations",
            413,
            "maximum operations",
            .array(Array(repeating: ["op": "test", "path": "/data/a", "value": "b"], count: 10_001)),
            type: .operations
        ),
        Case("another grace period of a pod", 422, "pod updates may not change fields") {
            let grace: JSONValue = ["spec": ["terminationGracePeriodSeconds": 10]]
            return AgreementRequest(.patch, "\(pods($0))/a", grace, type: .merge)
        },
        Case("one more container", 422, "may not add or remove containers") {
            let more: JSONValue = ["spec": ["containers": [["name": "d", "image": "y"]]]]
            return AgreementRequest(.patch, "\(pods($0))/a", more, type: .strategic)
        },
        Case("an eviction of nobody", 400) { AgreementRequest(.post, "\(pods($0))/a/eviction", [:]) },
        Case("a binding of another pod", 400, "name in URL does not match") {
            let other: JSONValue = ["metadata": ["name": "b"], "target": ["name": "n"]]
            return AgreementRequest(.post, "\(pods($0))/a/binding", other)
        },
        // Tried only: the definition is everybody's.
        Case("another scope of a definition", 422, "field is immutable") { _ in
            AgreementRequest(
                .patch,
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/imageverifications.vigil.dev",
                ["spec": ["scope": "Cluster"]],
                type: .merge,
                query: [.init("dryRun", "All")]
            )
        },
    ]

    /// A list of ConfigMaps with such parameters.
    private static func list(
        _ name: String,
        _ status: Int,
        _ words: String,
        _ query: [APIRequest.QueryItem]
    ) -> Case {
        Case(name, status, words) { AgreementRequest(.get, maps($0), query: query) }
    }

    static let questions = [
        list("a field that is not indexed", 400, "is not a known field selector", [.init("fieldSelector", "data.a=b")]),
        list("a field selector that is none", 400, "can't understand", [.init("fieldSelector", "metadata.name")]),
        list("a label selector that is none", 400, "found 'b'", [.init("labelSelector", "a b")]),
        list("first events of a list", 422, "forbidden for list", [.init("sendInitialEvents", "true")]),
        list("a match without a version", 422, "resourceVersion is provided", [.init("resourceVersionMatch", "Exact")]),
        list("a version that is no number", 400, "invalid syntax", [.init("resourceVersion", "x")]),
        Case("a token for another account", 422, "must match the service account name") {
            AgreementRequest(
                .post,
                "/api/v1/namespaces/\($0)/serviceaccounts/a/token",
                ["metadata": ["name": "other"], "spec": ["audiences": ["a"]]]
            )
        },
    ]

    static let types = [
        Case("a flag that is a text", 400, "cannot unmarshal") {
            let body: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "b"], "immutable": "yes",
            ]
            return AgreementRequest(.post, maps($0), body)
        },
        Case("a secret whose data is no Base64", 400, "illegal base64 data") {
            let body: JSONValue = [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "b"], "data": ["a": "!!"],
            ]
            return AgreementRequest(.post, "/api/v1/namespaces/\($0)/secrets", body)
        },
        Case("an applied field that no ConfigMap has", 500, "field not declared in schema") {
            let body: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "nope": 1]
            return AgreementRequest(.patch, "\(maps($0))/a", body, type: .apply, query: [.init("fieldManager", "m")])
        },
        Case("an applied number where a text belongs", 500, "expected string") {
            let body: JSONValue = [
                "apiVersion": "vigil.dev/v1alpha1", "kind": "ImageVerification", "metadata": ["name": "a"],
                "spec": ["image": 5],
            ]
            return AgreementRequest(
                .patch,
                "\(verifications($0))/a",
                body,
                type: .apply,
                query: [.init("fieldManager", "m")]
            )
        },
    ]

    /// Everything that stands before a request stands after it, unchanged.
    @Test(
        "refusals, after which everything stands as it stood",
        arguments: [deletions, identities, contents, questions, types]
    )
    func refused(_ cases: [Case]) async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-refusal") { namespace in
                let client = cluster.client
                let standing = [
                    (Self.maps(namespace), Self.map), (Self.pods(namespace), Self.pod),
                    (Self.verifications(namespace), Self.verification),
                    ("/api/v1/namespaces/\(namespace)/serviceaccounts", Self.account),
                ]
                for (path, object) in standing {
                    let made = try await AgreementRequest(.post, path, object).send(by: client)
                    #expect(made.status == 201, "\(made.body)")
                }
                for item in cases {
                    let answer = try await item.request(namespace).send(by: client)
                    #expect(answer.status == item.status, "\(item): \(answer.body)")
                    let said = answer.body.string ?? "nothing"
                    #expect(said.contains(item.words), "\(item): \(said)")
                }
                for (path, _) in standing {
                    let left = try await AgreementRequest(.get, "\(path)/a").send(by: client)
                    #expect(left.status == 200 && left.body.value(at: "metadata", "deletionTimestamp") == nil)
                }
                let map = try await AgreementRequest(.get, "\(Self.maps(namespace))/a").send(by: client).body
                #expect(map["data"] == ["a": "b"] && map.value(at: "metadata", "labels", "l") == "l")
            }
        }
    }

    @Test("what is written though one might expect a refusal: absent roles by PUT, absent members by replace, images")
    func written() async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-refusal") { namespace in
                let client = cluster.client
                let role: JSONValue = [
                    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": ["name": "a"],
                ]
                let roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(namespace)/roles"
                #expect(try await AgreementRequest(.put, "\(roles)/a", role).send(by: client).status == 201)
                #expect(
                    try await AgreementRequest(.post, Self.maps(namespace), Self.map).send(by: client).status == 201
                )
                let patched = try await AgreementRequest(
                    .patch,
                    "\(Self.maps(namespace))/a",
                    [["op": "replace", "path": "/data/new", "value": "c"]],
                    type: .operations
                ).send(by: client)
                #expect(patched.status == 200 && patched.body["data"] == ["a": "b", "new": "c"], "\(patched.body)")
                #expect(
                    try await AgreementRequest(.post, Self.pods(namespace), Self.pod).send(by: client).status == 201
                )
                let image = try await AgreementRequest(
                    .patch,
                    "\(Self.pods(namespace))/a",
                    ["spec": ["containers": [["name": "c", "image": "registry.example.com/a:2"]]]],
                    type: .strategic
                ).send(by: client)
                #expect(image.status == 200, "\(image.body)")
                let labelled = try await AgreementRequest(
                    .patch,
                    "\(Self.pods(namespace))/a/status",
                    ["metadata": ["labels": ["l": "l"]]],
                    type: .merge
                ).send(by: client)
                #expect(labelled.body.value(at: "metadata", "labels", "l") == "l", "\(labelled.body)")
            }
        }
    }
}
