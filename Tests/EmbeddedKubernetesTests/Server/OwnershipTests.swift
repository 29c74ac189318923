import JSONModel
import KubernetesAPI
import Testing

@testable import EmbeddedKubernetes

@Suite("Server-side apply")
struct OwnershipTests {
    private static let type = "application/apply-patch+yaml"
    private static let spec: JSONValue = [
        "size": ["type": "integer"], "color": ["type": "string"],
        "tags": ["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"],
        "parts": [
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "items": [
                "type": "object", "required": ["name"],
                "properties": ["name": ["type": "string"], "n": ["type": "integer"]],
            ],
        ],
        "whole": ["type": "array", "items": ["type": "string"]],
    ]

    private func fixture() async throws -> ClusterFixture {
        let fixture = ClusterFixture()
        let made = try await fixture.define(ClusterFixture.definition(spec: Self.spec))
        #expect(made.status == 201, "\(made.body)")
        return fixture
    }

    private func apply(
        _ fixture: ClusterFixture,
        _ manager: String,
        _ spec: JSONValue,
        force: Bool = false
    ) async throws -> (status: Int, body: JSONValue, headers: [String: String]) {
        let path = "\(ClusterFixture.widgets)/w?fieldManager=\(manager)&force=\(force)"
        return try await fixture.send(.patch, path, ClusterFixture.widget("w", spec: spec), type: Self.type)
    }

    private func owned(_ object: JSONValue, by manager: String) -> JSONValue? {
        object.value(at: "metadata", "managedFields")?.array?.first { $0["manager"]?.string == manager }?["fieldsV1"]
    }

    @Test("Who applies names what is made; what is there already is named by the address alone")
    func nameless() async throws {
        let fixture = try await fixture()
        let path = "\(ClusterFixture.widgets)/w?fieldManager=one"
        let nameless: JSONValue = ["apiVersion": "example.dev/v1", "kind": "Widget", "spec": ["size": 1]]
        let refused = try await fixture.send(.patch, path, nameless, type: Self.type)
        #expect(refused.status == 400 && refused.body["reason"] == "BadRequest")
        #expect(
            refused.body["message"]?.string
                == "the name of the object (w based on URL) was undeterminable: name must be provided"
        )
        #expect(try await apply(fixture, "one", ["size": 1]).status == 201)
        #expect(try await fixture.send(.patch, path, nameless, type: Self.type).status == 200)
    }

    @Test("A field of another manager is a conflict; force takes it")
    func conflict() async throws {
        let fixture = try await fixture()
        #expect(try await apply(fixture, "one", ["size": 1]).status == 201)
        let refused = try await apply(fixture, "two", ["size": 2])
        #expect(
            refused.status == 409
                && refused.body.message == "Apply failed with 1 conflict: conflict with \"one\": .spec.size"
        )
        #expect(refused.body.causes == [".spec.size": "conflict with \"one\""])
        #expect(try await apply(fixture, "two", ["size": 1]).status == 200)
        let forced = try await apply(fixture, "two", ["size": 2], force: true)
        #expect(forced.body.value(at: "spec", "size") == 2)
        #expect(owned(forced.body, by: "one") == nil && owned(forced.body, by: "two") == ["f:spec": ["f:size": [:]]])
    }

    @Test("What a manager no longer states goes, unless another states it too")
    func removal() async throws {
        let fixture = try await fixture()
        _ = try await apply(
            fixture,
            "one",
            ["size": 1, "color": "red", "tags": ["a", "b"], "parts": [["name": "x", "n": 1]]]
        )
        _ = try await apply(fixture, "two", ["color": "red", "tags": ["b", "c"], "parts": [["name": "x"]]])
        let left = try await apply(fixture, "one", ["size": 1])
        #expect(left.status == 200, "\(left.body)")
        #expect(left.body["spec"] == ["size": 1, "color": "red", "tags": ["b", "c"], "parts": [["name": "x"]]])
    }

    @Test("Taking over from client-side apply loses nothing that is still stated")
    func migration() async throws {
        let fixture = try await fixture()
        let first = ClusterFixture.widget("w", spec: ["size": 1, "tags": ["a"]], metadata: ["labels": ["x": "y"]])
        try await fixture.send(.post, ClusterFixture.widgets + "?fieldManager=csa", first)
        // kubectl hands the fields of the updating manager over to the applying one.
        let made = try await fixture.send(.get, ClusterFixture.widgets + "/w").body
        let fields = owned(made, by: "csa") ?? [:]
        let entry: JSONValue = [
            "manager": "me", "operation": "Apply", "apiVersion": "example.dev/v1", "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        ]
        let patch: JSONValue = [["op": "replace", "path": "/metadata/managedFields", "value": [entry]]]
        let handed = try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/w",
            patch,
            type: "application/json-patch+json"
        )
        #expect(owned(handed.body, by: "me") == fields && owned(handed.body, by: "csa") == nil)
        let applied = try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/w?fieldManager=me",
            first,
            type: Self.type
        )
        #expect(applied.body["spec"] == first["spec"])
        #expect(applied.body.value(at: "metadata", "labels") == ["x": "y"])
        let without = ClusterFixture.widget("w", spec: ["size": 1])
        let dropped = try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/w?fieldManager=me",
            without,
            type: Self.type
        )
        #expect(dropped.body["spec"] == ["size": 1] && dropped.body.value(at: "metadata", "labels") == nil)
    }

    @Test("Sets and maps merge element by element, other lists are taken whole")
    func lists() async throws {
        let fixture = try await fixture()
        _ = try await apply(fixture, "one", ["tags": ["a"], "parts": [["name": "x", "n": 1]], "whole": ["a"]])
        let merged = try await apply(fixture, "two", ["tags": ["b"], "parts": [["name": "y", "n": 2]]])
        #expect(
            merged.body["spec"] == [
                "tags": ["a", "b"], "parts": [["name": "x", "n": 1], ["name": "y", "n": 2]], "whole": ["a"],
            ]
        )
        #expect(try await apply(fixture, "two", ["whole": ["b"]]).status == 409)
        #expect(
            owned(merged.body, by: "two") == [
                "f:spec": [
                    "f:tags": ["v:\"b\"": [:]],
                    "f:parts": ["k:{\"name\":\"y\"}": [".": [:], "f:name": [:], "f:n": [:]]],
                ]
            ]
        )
    }

    @Test("Updates own what they change, by the client's name; the status is owned apart")
    func updates() async throws {
        let fixture = try await fixture()
        _ = try await apply(fixture, "one", ["size": 1])
        let merge = "application/merge-patch+json"
        let patched = try await fixture.send(.patch, ClusterFixture.widgets + "/w", ["spec": ["size": 5]], type: merge)
        #expect(
            owned(patched.body, by: "tests") == ["f:spec": ["f:size": [:]]] && owned(patched.body, by: "one") == nil
        )
        let status = try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/w/status?fieldManager=st",
            ["status": ["ok": true]],
            type: merge
        )
        #expect(owned(status.body, by: "st") == ["f:status": [".": [:], "f:ok": [:]]])
        let conflict = try await apply(fixture, "one", ["size": 6])
        #expect(
            conflict.body.message
                == "Apply failed with 1 conflict: conflict with \"tests\" using example.dev/v1: .spec.size"
        )
    }

    @Test("Managed fields in a configuration, and an absent object with a uid, are refused")
    func refused() async throws {
        let fixture = try await fixture()
        let path = "\(ClusterFixture.widgets)/w?fieldManager=one"
        let managed = ClusterFixture.widget("w", metadata: ["managedFields": [["manager": "x"]]])
        #expect(try await fixture.send(.patch, path, managed, type: Self.type).status == 400)
        let known = ClusterFixture.widget("w", metadata: ["uid": "1234"])
        #expect(try await fixture.send(.patch, path, known, type: Self.type).status == 409)
    }

    @Test("Field sets survive their JSON form, and their algebra holds")
    func sets() throws {
        let json: JSONValue = [
            "f:spec": [".": [:], "f:a": [:], "f:l": ["k:{\"t\":\"x\"}": [".": [:], "f:t": [:]], "v:\"q\"": [:]]]
        ]
        let set = FieldSet(json: json)
        #expect(set.json == json)
        #expect(set.paths() == [".spec", ".spec.a", ".spec.l[t=\"x\"]", ".spec.l[t=\"x\"].t", ".spec.l[=\"q\"]"])
        let part = FieldSet(json: ["f:spec": ["f:a": [:]]])
        #expect(set.intersection(part) == part)
        #expect(set.subtracting(part).union(part) == set)
        #expect(set.subtracting(set).isEmpty)
        for hostile in [.null, 1, ["f:a": 3], ["f:a": ["f:b": []]], ["": ["x": [:]]]] as [JSONValue] {
            _ = FieldSet(json: hostile).paths()
        }
    }
}
