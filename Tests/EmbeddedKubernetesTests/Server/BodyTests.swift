import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Bodies")
struct BodyTests {
    private let maps = "/api/v1/namespaces/default/configmaps"

    private func send(_ method: APIRequest.Method, _ path: String, _ type: String, _ text: String) async throws
        -> (status: Int, body: JSONValue)
    {
        let fixture = ClusterFixture()
        return try await send(fixture, method, path, type, text)
    }

    private func send(
        _ fixture: ClusterFixture,
        _ method: APIRequest.Method,
        _ path: String,
        _ type: String,
        _ text: String
    ) async throws -> (status: Int, body: JSONValue) {
        let parts = path.split(separator: "?").map(String.init)
        let query = parts.count > 1 ? [APIRequest.QueryItem("fieldManager", parts[1])] : []
        let request = APIRequest(
            method,
            parts[0],
            query: query,
            headers: ["content-type": type],
            body: Array(text.utf8)
        )
        let response = try await fixture.transport.send(request)
        return (response.status, try JSONParser().parse(response.body))
    }

    private static let yaml = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: m
          labels: &labels {app: "1"}
          annotations:
            <<: *labels
            other: 'no'
        data:
          text: |
            two
            lines

        """

    @Test("YAML is read where it may come: created, and applied by the server")
    func yaml() async throws {
        for (method, path, type) in [
            (APIRequest.Method.post, maps, "application/yaml"),
            (.patch, "\(maps)/m?tests", "application/apply-patch+yaml"),
        ] {
            let made = try await send(method, path, type, Self.yaml)
            #expect(made.status == 201, "\(made.body)")
            #expect(made.body.value(at: "data", "text") == "two\nlines\n")
            #expect(made.body.value(at: "metadata", "annotations") == ["app": "1", "other": "no"])
        }
    }

    @Test(
        "YAML that is no object of the kind, or a bomb, is a 400",
        arguments: [
            "", "a: [", "- 1", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: yes}",
            "apiVersion: v1\nkind: ConfigMap\nkind: Secret", "? [a]\n: b", "a: .inf", "*nowhere", "a: \u{0}",
            "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                + "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
                + "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]\n"
                + "g: [*f, *f, *f, *f, *f, *f, *f, *f, *f]",
            String(repeating: "- ", count: 400) + "x",
        ]
    )
    func hostileYAML(_ text: String) async throws {
        let answer = try await send(.post, maps, "application/yaml", text)
        #expect(answer.status == 400, "\(answer.body)")
        let applied = try await send(.patch, "\(maps)/m?tests", "application/apply-patch+yaml", text)
        #expect(applied.status == 400)
    }

    @Test("an object that etcd would not take is a 500 that says so, however it grew")
    func objectSize() async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.define().status == 201)
        let large = ClusterFixture.widget("w", spec: ["color": .string(String(repeating: "x", count: 1_600_000))])
        let refused = try await fixture.send(.post, ClusterFixture.widgets, large)
        #expect(refused.status == 500 && refused.body.message == "etcdserver: request is too large")
        let half = ClusterFixture.widget(
            "w",
            spec: ["color": .string(String(repeating: "x", count: 900_000))],
            metadata: ["annotations": ["a": "b"]]
        )
        #expect(try await fixture.send(.post, ClusterFixture.widgets, half).status == 201)
        let map: JSONValue = ["k": .string(String(repeating: "x", count: 1_048_577))]
        let data = try await fixture.send(.post, maps, ClusterFixture.configMap("m", data: map))
        #expect(data.status == 422 && data.body.message.contains("may not be more than 1048576 bytes"))
    }

    @Test("a dry run changes nothing, whatever it is of")
    func dryRun() async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.define().status == 201)
        let pods = "/api/v1/namespaces/default/pods"
        #expect(try await fixture.send(.post, pods, ClusterFixture.pod("p")).status == 201)
        #expect(try await fixture.send(.post, ClusterFixture.widgets, ClusterFixture.widget("w")).status == 201)
        let before = try await fixture.send(.get, "/api/v1/namespaces").body.value(at: "metadata", "resourceVersion")
        let merge = "application/merge-patch+json"
        let label: JSONValue = ["metadata": ["labels": ["a": "b"]]]
        let dry = "dryRun=All"
        let answers = [
            try await fixture.send(.post, "\(maps)?\(dry)", ClusterFixture.configMap("m")),
            try await fixture.send(.patch, "\(pods)/p?\(dry)", label, type: merge),
            try await fixture.send(.patch, "\(pods)/p/status?\(dry)", ["status": ["phase": "Running"]], type: merge),
            try await fixture.send(.delete, "\(pods)/p?\(dry)"),
            try await fixture.send(.delete, "\(pods)/p", ["dryRun": ["All"]]),
            try await fixture.send(.delete, "\(pods)?\(dry)"),
            try await fixture.send(
                .post,
                "\(pods)/p/eviction?\(dry)",
                ["kind": "Eviction", "apiVersion": "policy/v1", "metadata": ["name": "p"]]
            ),
            try await fixture.send(
                .post,
                "\(pods)/p/binding?\(dry)",
                ["metadata": ["name": "p"], "target": ["name": "n"]]
            ),
            try await fixture.send(.delete, "/api/v1/namespaces/kube-node-lease?\(dry)"),
            try await fixture.send(
                .patch,
                "\(ClusterFixture.widgets)/new?fieldManager=m&\(dry)",
                ClusterFixture.widget("new"),
                type: "application/apply-patch+yaml"
            ),
            try await fixture.send(.put, "\(maps)/absent?\(dry)", ClusterFixture.configMap("absent")),
        ]
        #expect(answers.map(\.status) == [201, 200, 200, 200, 200, 200, 201, 201, 200, 201, 404])
        let after = try await fixture.send(.get, "/api/v1/namespaces").body.value(at: "metadata", "resourceVersion")
        #expect(after == before)
        #expect(try await fixture.send(.post, "\(maps)?dryRun=Some", ClusterFixture.configMap("m")).status == 422)
    }

    @Test("deletion heeds preconditions, and refuses options that make no sense")
    func deleteOptions() async throws {
        let fixture = ClusterFixture()
        let made = try await fixture.send(.post, maps, ClusterFixture.configMap("m"))
        let uid = made.body.value(at: "metadata", "uid") ?? ""
        let version = made.body.value(at: "metadata", "resourceVersion") ?? ""
        let path = "\(maps)/m"
        #expect(try await fixture.send(.delete, path, ["preconditions": ["uid": "other"]]).status == 409)
        #expect(try await fixture.send(.delete, path, ["preconditions": ["resourceVersion": "1"]]).status == 409)
        #expect(try await fixture.send(.delete, path, ["propagationPolicy": "Sideways"]).status == 422)
        let both: JSONValue = ["propagationPolicy": "Background", "orphanDependents": true]
        #expect(try await fixture.send(.delete, path, both).status == 422)
        #expect(try await fixture.send(.delete, path, ["kind": "Pod", "apiVersion": "v1"]).status == 400)
        let right: JSONValue = ["preconditions": ["uid": uid, "resourceVersion": version]]
        #expect(try await fixture.send(.delete, path, right).status == 200)
        #expect(try await fixture.send(.delete, path).status == 404)
    }

    @Test("unknown and doubled fields are refused, warned of or dropped, as the client chose")
    func fieldValidation() async throws {
        let fixture = ClusterFixture()
        let body =
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"dat":{},"data":{"a":"1","a":"2"}}"#
        func answer(_ mode: String) async throws -> APIResponse {
            try await fixture.transport.send(
                APIRequest(
                    .post,
                    maps,
                    query: mode.isEmpty ? [] : [.init("fieldValidation", mode)],
                    headers: ["content-type": "application/json"],
                    body: Array(body.replacing("NAME", with: "m\(mode.lowercased())").utf8)
                )
            )
        }
        let strict = try await answer("Strict")
        let text = String(decoding: strict.body, as: UTF8.self)
        #expect(strict.status == 400)
        #expect(text.contains(#"duplicate field \"data.a\""#) && text.contains(#"unknown field \"dat\""#))
        for mode in ["Warn", ""] {
            let warned = try await answer(mode)
            #expect(warned.status == 201)
            #expect(warned.headers["warning"]?.contains(#"299 - "unknown field \"dat\"""#) == true)
        }
        let silent = try await answer("Ignore")
        #expect(silent.status == 201 && silent.headers["warning"] == nil)
        #expect(!String(decoding: silent.body, as: UTF8.self).contains(#""dat""#))
        #expect(try await answer("Loud").status == 422)
    }
}
