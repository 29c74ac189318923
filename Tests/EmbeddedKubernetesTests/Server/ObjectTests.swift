import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Objects")
struct ObjectTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"
    private static let merge = "application/merge-patch+json"

    private func map(_ metadata: JSONValue, data: JSONValue = [:]) -> JSONValue {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data]
    }

    @Test("objects of all namespaces are listed together, and nothing else is done with them")
    func acrossNamespaces() async throws {
        let fixture = ClusterFixture()
        let map: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "kept"]]
        _ = try await fixture.send(.post, "/api/v1/namespaces/default/configmaps", map)
        for method in [APIRequest.Method.delete, .post] {
            let answer = try await fixture.send(method, "/api/v1/configmaps", map)
            #expect(answer.status == 405 && answer.body.reason == "MethodNotAllowed")
        }
        #expect(try await fixture.send(.get, "/api/v1/configmaps/kept").status == 404)
        #expect(try await fixture.send(.get, "/api/v1/configmaps").body["items"]?.array?.count == 1)
    }

    @Test("Creation gives identity; generateName adds five characters")
    func creation() async throws {
        let fixture = ClusterFixture()
        let answer = try await fixture.send(.post, Self.maps, map(["generateName": "log-"]))
        let metadata = answer.body["metadata"]
        #expect(answer.status == 201)
        #expect(metadata?["name"]?.string?.hasPrefix("log-") == true && metadata?["name"]?.string?.count == 9)
        #expect(metadata?["uid"]?.string?.count == 36)
        #expect(metadata?["creationTimestamp"] == "2026-11-18T11:06:40Z")
        #expect(
            try await fixture.send(.post, Self.maps, map([:])).body.causes["metadata.name"]
                == "Required value: name or generateName is required"
        )
        #expect(try await fixture.send(.post, Self.maps, map(["name": "Bad_Name"])).status == 422)
        let missing = try await fixture.send(.post, "/api/v1/namespaces/nope/configmaps", map(["name": "a"]))
        #expect(missing.status == 404 && missing.body.message == "namespaces \"nope\" not found")
    }

    @Test("Stale resource versions conflict, no-op writes change nothing, uids are preconditions")
    func conflicts() async throws {
        let fixture = ClusterFixture()
        let created = try await fixture.send(.post, Self.maps, map(["name": "a"], data: ["k": "1"])).body
        let version = created.value(at: "metadata", "resourceVersion") ?? ""
        let same = try await fixture.send(.patch, Self.maps + "/a", ["data": ["k": "1"]], type: Self.merge)
        #expect(same.body.value(at: "metadata", "resourceVersion") == version)
        let changed = try await fixture.send(.patch, Self.maps + "/a", ["data": ["k": "2"]], type: Self.merge)
        #expect(changed.body.value(at: "metadata", "resourceVersion") != version)
        let stale = try await fixture.send(.put, Self.maps + "/a", created)
        #expect(stale.status == 409 && stale.body.reason == "Conflict")
        let uid = try await fixture.send(.delete, Self.maps + "/a", ["preconditions": ["uid": "other"]])
        #expect(uid.status == 409 && uid.body.message.contains("the UID in the precondition (other) does not match"))
        let unconditional = try await fixture.send(.put, Self.maps + "/a", map(["name": "a"], data: ["k": "3"]))
        #expect(unconditional.status == 200)
        let immutable = try await fixture.send(.patch, Self.maps + "/a", ["metadata": ["uid": "x"]], type: Self.merge)
        #expect(immutable.status == 422 && immutable.body.causes.keys.contains("metadata.uid"))
    }

    @Test("Status and the rest are written apart, and only the rest counts generations")
    func status() async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.define().status == 201)
        var widget = ClusterFixture.widget("w")
        if case .object(var members) = widget {
            members["status"] = ["x": 1]
            widget = .object(members)
        }
        let created = try await fixture.send(.post, ClusterFixture.widgets, widget).body
        #expect(created["status"] == nil && created.value(at: "metadata", "generation") == 1)
        let path = ClusterFixture.widgets + "/w"
        let written = try await fixture.send(
            .patch,
            path + "/status",
            ["spec": ["size": 9], "metadata": ["labels": ["a": "b"]], "status": ["x": 2]],
            type: Self.merge
        )
        #expect(written.body["status"] == ["x": 2] && written.body.value(at: "spec", "size") == 1)
        #expect(
            written.body.value(at: "metadata", "generation") == 1 && written.body.value(at: "metadata", "labels") == nil
        )
        let spec = try await fixture.send(.patch, path, ["spec": ["size": 2], "status": ["x": 3]], type: Self.merge)
        #expect(spec.body.value(at: "metadata", "generation") == 2 && spec.body["status"] == ["x": 2])
        let labelled = try await fixture.send(.patch, path, ["metadata": ["labels": ["a": "b"]]], type: Self.merge)
        #expect(labelled.body.value(at: "metadata", "generation") == 2)
        let blind = try await fixture.send(.put, path, ClusterFixture.widget("w"))
        #expect(
            blind.status == 422
                && blind.body.causes["metadata.resourceVersion"] == "Invalid value: 0: must be specified for an update"
        )
        let strategic = try await fixture.send(
            .patch,
            path,
            ["spec": [:]],
            type: "application/strategic-merge-patch+json"
        )
        #expect(strategic.status == 415)
    }

    @Test("A dry run changes nothing")
    func dryRun() async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.send(.post, Self.maps + "?dryRun=All", map(["name": "a"])).status == 201)
        #expect(try await fixture.send(.get, Self.maps + "/a").status == 404)
        #expect(try await fixture.send(.post, Self.maps + "?dryRun=Some", map(["name": "a"])).status == 422)
    }

    @Test("Events are one store with two views; Leases insist on microseconds")
    func views() async throws {
        let fixture = ClusterFixture()
        let event: JSONValue = [
            "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e"], "message": "hello", "reason": "R",
            "type": "Normal", "count": 1,
            "involvedObject": ["kind": "Pod", "name": "p", "namespace": "default"],
        ]
        #expect(try await fixture.send(.post, "/api/v1/namespaces/default/events", event).status == 201)
        let other = try await fixture.send(
            .get,
            "/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name=p"
        ).body
        let item = other["items"]?.array?.first
        #expect(
            item?["note"] == "hello" && item?.value(at: "regarding", "name") == "p" && item?["deprecatedCount"] == 1
        )
        let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
        func lease(_ time: JSONValue) -> JSONValue {
            [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "l"],
                "spec": ["renewTime": time, "leaseDurationSeconds": 15],
            ]
        }
        let seconds = try await fixture.send(.post, leases, lease("2026-11-20T00:00:00Z"))
        #expect(seconds.status == 400 && seconds.body.message.contains("cannot parse \"Z\" as \".000000\""))
        #expect(try await fixture.send(.post, leases, lease("2026-11-20T00:00:00.000000Z")).status == 201)
    }

    @Test("Mutating requests are recorded with who sent them")
    func recording() async throws {
        let fixture = ClusterFixture { $0.recordedMutationLimit = 2 }
        for name in ["a", "b", "Bad_"] { try await fixture.send(.post, Self.maps, map(["name": .string(name)])) }
        try await fixture.send(.get, Self.maps)
        let recorded = await fixture.cluster.recordedMutations
        #expect(
            recorded.map(\.status) == [201, 422]
                && recorded.allSatisfy { $0.userAgent == "tests/1.0" && $0.path == Self.maps }
        )
        await fixture.cluster.clearRecordedMutations()
        #expect(await fixture.cluster.recordedMutations.isEmpty)
    }

    @Test("Apply creates what is absent, merges what is there, and needs a manager")
    func apply() async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.define().status == 201)
        let path = ClusterFixture.widgets + "/w"
        let type = "application/apply-patch+yaml"
        #expect(try await fixture.send(.patch, path, ClusterFixture.widget("w"), type: type).status == 422)
        #expect(
            try await fixture.send(.patch, path + "?fieldManager=me", ClusterFixture.widget("w"), type: type).status
                == 201
        )
        let second = try await fixture.send(
            .patch,
            path + "?fieldManager=me&force=true",
            ClusterFixture.widget("w", spec: ["size": 1, "color": "red"]),
            type: type
        )
        #expect(second.status == 200 && second.body["spec"] == ["size": 1, "color": "red"])
    }
}
