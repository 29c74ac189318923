import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Deletion")
struct DeletionTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"
    private static let merge = "application/merge-patch+json"

    private func create(
        _ fixture: ClusterFixture,
        _ name: String,
        owner: JSONValue? = nil,
        finalizers: JSONValue? = nil,
        in namespace: String = "default"
    ) async throws -> JSONValue {
        var metadata: [String: JSONValue] = ["name": .string(name)]
        if let owner {
            metadata["ownerReferences"] = [
                [
                    "apiVersion": "v1", "kind": "ConfigMap", "name": owner.value(at: "metadata", "name") ?? "",
                    "uid": owner.value(at: "metadata", "uid") ?? "", "blockOwnerDeletion": true,
                ]
            ]
        }
        metadata["finalizers"] = finalizers
        return try await fixture.send(
            .post,
            "/api/v1/namespaces/\(namespace)/configmaps",
            ["apiVersion": "v1", "kind": "ConfigMap", "metadata": .object(metadata)]
        ).body
    }

    private func names(_ fixture: ClusterFixture) async throws -> [String] {
        try await fixture.send(.get, Self.maps).body["items"]?.array?.compactMap {
            $0.value(at: "metadata", "name")?.string
        } ?? []
    }

    @Test("Finalizers hold an object until the last is gone; none may be added meanwhile")
    func finalizers() async throws {
        let fixture = ClusterFixture()
        _ = try await create(fixture, "a", finalizers: ["example.dev/one"])
        let deleted = try await fixture.send(.delete, Self.maps + "/a")
        #expect(deleted.status == 200 && deleted.body.value(at: "metadata", "deletionTimestamp") != nil)
        let added = try await fixture.send(
            .patch,
            Self.maps + "/a",
            ["metadata": ["finalizers": ["example.dev/one", "example.dev/two"]]],
            type: Self.merge
        )
        #expect(
            added.status == 422
                && added.body.causes["metadata.finalizers"]?.hasPrefix("Forbidden: no new finalizers") == true
        )
        let freed = try await fixture.send(
            .patch,
            Self.maps + "/a",
            ["metadata": ["finalizers": .null]],
            type: Self.merge
        )
        #expect(freed.status == 200)
        #expect(try await fixture.send(.get, Self.maps + "/a").status == 404)
    }

    @Test("Background: dependents go after their last owner")
    func background() async throws {
        let fixture = ClusterFixture()
        let owner = try await create(fixture, "owner")
        let child = try await create(fixture, "child", owner: owner)
        _ = try await create(fixture, "grandchild", owner: child)
        _ = try await create(fixture, "bystander")
        let answer = try await fixture.send(.delete, Self.maps + "/owner", ["propagationPolicy": "Background"])
        #expect(answer.body["status"] == "Success")
        #expect(try await names(fixture) == ["bystander"])
    }

    @Test("Foreground: the owner goes after dependents that block it")
    func foreground() async throws {
        let fixture = ClusterFixture()
        let owner = try await create(fixture, "owner")
        _ = try await create(fixture, "child", owner: owner, finalizers: ["example.dev/hold"])
        try await fixture.send(.delete, Self.maps + "/owner", ["propagationPolicy": "Foreground"])
        let held = try await fixture.send(.get, Self.maps + "/owner")
        #expect(held.body.value(at: "metadata", "finalizers") == ["foregroundDeletion"])
        #expect(try await names(fixture) == ["child", "owner"])
        try await fixture.send(.patch, Self.maps + "/child", ["metadata": ["finalizers": .null]], type: Self.merge)
        #expect(try await names(fixture).isEmpty)
    }

    @Test("Orphan: dependents stay and forget their owner")
    func orphan() async throws {
        let fixture = ClusterFixture()
        let owner = try await create(fixture, "owner")
        _ = try await create(fixture, "child", owner: owner)
        try await fixture.send(.delete, Self.maps + "/owner", ["propagationPolicy": "Orphan"])
        #expect(try await names(fixture) == ["child"])
        #expect(try await fixture.send(.get, Self.maps + "/child").body.value(at: "metadata", "ownerReferences") == nil)
    }

    @Test("An object whose owner never was is collected")
    func absentOwner() async throws {
        let fixture = ClusterFixture()
        _ = try await create(fixture, "child", owner: ["metadata": ["name": "ghost", "uid": "0000"]])
        #expect(try await names(fixture).isEmpty)
    }

    @Test("A namespace takes its content along, waits for finalizers and takes nothing new meanwhile")
    func namespaces() async throws {
        let fixture = ClusterFixture()
        try await fixture.send(
            .post,
            "/api/v1/namespaces",
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"]]
        )
        _ = try await create(fixture, "a", in: "shop")
        _ = try await create(fixture, "held", finalizers: ["example.dev/hold"], in: "shop")
        let deleted = try await fixture.send(.delete, "/api/v1/namespaces/shop")
        #expect(deleted.body.value(at: "status", "phase") == "Terminating")
        let refused = try await create(fixture, "new", in: "shop")
        #expect(
            refused["code"] == 403
                && refused.value(at: "details", "causes")?.array?.first?["reason"] == "NamespaceTerminating"
        )
        #expect(try await fixture.send(.get, "/api/v1/namespaces/shop/configmaps/a").status == 404)
        #expect(try await fixture.send(.get, "/api/v1/namespaces/shop").status == 200)
        try await fixture.send(
            .patch,
            "/api/v1/namespaces/shop/configmaps/held",
            ["metadata": ["finalizers": .null]],
            type: Self.merge
        )
        #expect(try await fixture.send(.get, "/api/v1/namespaces/shop").status == 404)
        #expect(try await fixture.send(.delete, "/api/v1/namespaces/default").status == 403)
    }

    @Test("A collection is deleted by selector")
    func collection() async throws {
        let fixture = ClusterFixture()
        for name in ["a", "b"] { _ = try await create(fixture, name) }
        try await fixture.send(.patch, Self.maps + "/a", ["metadata": ["labels": ["x": "y"]]], type: Self.merge)
        let answer = try await fixture.send(.delete, Self.maps + "?labelSelector=x=y")
        #expect(answer.status == 200 && answer.body["items"]?.array?.count == 1)
        #expect(try await names(fixture) == ["b"])
    }
}
