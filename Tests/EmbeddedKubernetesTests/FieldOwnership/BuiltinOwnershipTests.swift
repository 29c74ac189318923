import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Who owns the fields of built-in kinds")
struct BuiltinOwnershipTests {
    private let maps = "/api/v1/namespaces/default/configmaps"
    private let pods = "/api/v1/namespaces/default/pods"
    private let deployments = "/apis/apps/v1/namespaces/default/deployments"
    private let apply = "application/apply-patch+yaml"

    private func fields(_ object: JSONValue, _ manager: String, _ subresource: JSONValue? = nil) -> JSONValue? {
        object.value(at: "metadata", "managedFields")?.array?
            .first { $0["manager"] == .string(manager) && $0["subresource"] == subresource }?["fieldsV1"]
    }

    @Test("writers own what they write, not what the server fills in")
    func writers() async throws {
        let fixture = ClusterFixture()
        let namespace: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]]
        let made = try await fixture.send(.post, "/api/v1/namespaces", namespace)
        #expect(
            fields(made.body, "tests") == [
                "f:metadata": ["f:labels": [".": [:], "f:kubernetes.io/metadata.name": [:]]]
            ]
        )
        let map = try await fixture.send(.post, maps, ClusterFixture.configMap("m", data: ["a": "1", "b": "2"]))
        #expect(fields(map.body, "tests") == ["f:data": [".": [:], "f:a": [:], "f:b": [:]]])
        let patched = try await fixture.send(
            .patch,
            "\(maps)/m?fieldManager=other",
            ["data": ["b": "3"]],
            type: "application/merge-patch+json"
        )
        #expect(fields(patched.body, "tests") == ["f:data": [".": [:], "f:a": [:]]])
        #expect(fields(patched.body, "other") == ["f:data": ["f:b": [:]]])
    }

    @Test("an apply that takes another's field is a conflict with its causes; force takes it")
    func conflict() async throws {
        let fixture = ClusterFixture()
        func send(_ manager: String, _ data: JSONValue, force: Bool = false) async throws
            -> (status: Int, body: JSONValue, headers: [String: String])
        {
            try await fixture.send(
                .patch,
                "\(maps)/m?fieldManager=\(manager)&force=\(force)",
                ClusterFixture.configMap("m", data: data),
                type: apply
            )
        }
        #expect(try await send("one", ["a": "1", "b": "1"]).status == 201)
        #expect(try await send("two", ["c": "1"]).status == 200)
        let refused = try await send("two", ["a": "2", "c": "1"])
        #expect(refused.status == 409 && refused.body.reason == "Conflict")
        #expect(refused.body.message == "Apply failed with 1 conflict: conflict with \"one\": .data.a")
        #expect(refused.body.causes == [".data.a": "conflict with \"one\""])
        #expect(try await send("two", ["a": "2", "c": "1"], force: true).status == 200)
        // What a manager no longer states goes, if nobody else owns it.
        let left = try await send("one", ["b": "1"])
        #expect(left.body["data"] == ["a": "2", "b": "1", "c": "1"])
        #expect(try await send("two", [:]).body["data"] == ["b": "1"])
    }

    @Test("containers are told apart by name, and each manager may own its own")
    func lists() async throws {
        let fixture = ClusterFixture()
        func send(_ manager: String, _ containers: JSONValue) async throws
            -> (status: Int, body: JSONValue, headers: [String: String])
        {
            let deployment: JSONValue = [
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "p"],
                "spec": [
                    "selector": ["matchLabels": ["app": "p"]],
                    "template": ["metadata": ["labels": ["app": "p"]], "spec": ["containers": containers]],
                ],
            ]
            return try await fixture.send(.patch, "\(deployments)/p?fieldManager=\(manager)", deployment, type: apply)
        }
        let ports: JSONValue = [["containerPort": 80]]
        #expect(try await send("one", [["name": "a", "image": "a:1", "ports": ports]]).status == 201)
        let both = try await send("two", [["name": "b", "image": "b:1"]])
        #expect(both.body.value(at: "spec", "template", "spec", "containers")?.array?.map { $0["name"] } == ["a", "b"])
        #expect(
            fields(both.body, "one")?.value(
                at: "f:spec",
                "f:template",
                "f:spec",
                "f:containers",
                #"k:{"name":"a"}"#,
                "f:ports"
            ) == [
                #"k:{"containerPort":80,"protocol":"TCP"}"#: [".": [:], "f:containerPort": [:]]
            ]
        )
        let refused = try await send("two", [["name": "a", "image": "a:2"], ["name": "b", "image": "b:1"]])
        #expect(refused.status == 409)
        #expect(refused.body.causes.keys.first == #".spec.template.spec.containers[name="a"].image"#)
        #expect(try await fixture.send(.post, pods, ClusterFixture.pod("p")).status == 201)
        let status: JSONValue = ["status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]]
        let written = try await fixture.send(
            .patch,
            "\(pods)/p/status?fieldManager=kubelet",
            status,
            type: "application/strategic-merge-patch+json"
        )
        #expect(
            fields(written.body, "kubelet", "status") == [
                "f:status": [
                    "f:conditions": [
                        ".": [:], #"k:{"type":"Ready"}"#: [".": [:], "f:status": [:], "f:type": [:]],
                    ], "f:phase": [:],
                ]
            ]
        )
    }

    @Test("events of both views are owned in the terms of the view they were written through")
    func events() async throws {
        let fixture = ClusterFixture()
        let event: JSONValue = [
            "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e"],
            "involvedObject": ["kind": "Pod", "namespace": "default", "name": "p"], "reason": "R", "message": "m",
            "type": "Normal", "source": ["component": "c"], "count": 1,
        ]
        let made = try await fixture.send(.post, "/api/v1/namespaces/default/events", event)
        #expect(
            fields(made.body, "tests") == [
                "f:count": [:], "f:involvedObject": [:], "f:message": [:], "f:reason": [:],
                "f:source": ["f:component": [:]], "f:type": [:],
            ]
        )
    }
}
