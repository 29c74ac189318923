import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

/// Nobody gives what they do not have.
@Suite("Escalation")
struct EscalationTests {
    /// Jane, who may write Roles and bindings in `default`, and read its pods.
    private func jane(_ admin: ClusterFixture) async throws -> ClusterFixture {
        try await admin.role(
            "writer",
            namespace: "default",
            ClusterFixture.rule(["*"], ["rbac.authorization.k8s.io"], ["roles", "rolebindings"]),
            ClusterFixture.rule(["get", "list"], [""], ["pods"])
        )
        // The star above would give `escalate` and `bind` with it.
        let verbs: JSONValue = ["create", "update", "patch", "get"]
        _ = try await admin.send(
            .patch,
            "\(ClusterFixture.rbac)/namespaces/default/roles/writer",
            [["op": "replace", "path": "/rules/0/verbs", "value": verbs]],
            type: "application/json-patch+json"
        )
        try await admin.bind("writer", kind: "Role", to: "jane", in: "default")
        return admin.acting(as: ClusterUser(name: "jane"))
    }

    @Test("who may escalate one role by its name may not make it")
    func escalateByName() async throws {
        let admin = ClusterFixture()
        let jane = try await jane(admin)
        let type = "application/json-patch+json"
        let rule: JSONValue = [
            "verbs": ["escalate"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"],
            "resourceNames": ["more"],
        ]
        let writer = "\(ClusterFixture.rbac)/namespaces/default/roles/writer"
        _ = try await admin.send(.patch, writer, [["op": "add", "path": "/rules/-", "value": rule]], type: type)
        let more = ClusterFixture.rule(["delete"], [""], ["pods"])
        #expect(try await jane.role("more", namespace: "default", more).status == 403)
        #expect(try await admin.role("more", namespace: "default", more).status == 201)
        let grown = try await jane.send(
            .patch,
            "\(ClusterFixture.rbac)/namespaces/default/roles/more",
            [["op": "add", "path": "/rules/0/verbs/-", "value": "watch"]],
            type: type
        )
        #expect(grown.status == 200, "\(grown.body)")
    }

    @Test("a Role may give what its writer has, and no more")
    func roles() async throws {
        let admin = ClusterFixture()
        let jane = try await jane(admin)
        let allowed = try await jane.role("mine", namespace: "default", ClusterFixture.rule(["get"], [""], ["pods"]))
        #expect(allowed.status == 201)
        let refused = try await jane.role(
            "more",
            namespace: "default",
            ClusterFixture.rule(["get", "watch", "delete"], [""], ["pods"])
        )
        #expect(refused.status == 403)
        #expect(
            refused.body.message == """
                roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" (groups=["system:authenticated"]) is \
                attempting to grant RBAC permissions not currently held:
                {APIGroups:[""], Resources:["pods"], Verbs:["watch" "delete"]}
                """
        )
        let path = "\(ClusterFixture.rbac)/namespaces/default/roles/mine"
        let type = "application/json-patch+json"
        let grown = try await jane.send(
            .patch,
            path,
            [["op": "add", "path": "/rules/0/verbs/-", "value": "delete"]],
            type: type
        )
        #expect(grown.status == 403)
        let labelled = try await jane.send(
            .patch,
            path,
            ["metadata": ["labels": ["a": "b"]]],
            type: "application/merge-patch+json"
        )
        #expect(labelled.status == 200)
    }

    @Test("a binding may give a role that its writer has, or may bind")
    func bindings() async throws {
        let admin = ClusterFixture()
        let jane = try await jane(admin)
        let refused = try await jane.bind("edit", to: "joe", in: "default")
        #expect(refused.status == 403 && refused.body.message.contains("not currently held"))
        #expect(try await jane.bind("absent", to: "joe", in: "default").status == 404)
        try await admin.role("small", ClusterFixture.rule(["list"], [""], ["pods"]))
        #expect(try await jane.bind("small", to: "joe", in: "default").status == 201)
        try await admin.role(
            "binder",
            ClusterFixture.rule(["bind"], ["rbac.authorization.k8s.io"], ["clusterroles"], names: ["edit"])
        )
        try await admin.bind("binder", to: "jane", in: "default")
        #expect(try await jane.bind("edit", to: "joe", in: "default").status == 201)
        #expect(try await jane.bind("admin", to: "joe", in: "default").status == 403)
    }

    @Test("the verb escalate lifts the rule for Roles")
    func escalate() async throws {
        let admin = ClusterFixture()
        let jane = try await jane(admin)
        try await admin.role("lifter", ClusterFixture.rule(["escalate"], ["rbac.authorization.k8s.io"], ["roles"]))
        try await admin.bind("lifter", to: "jane", in: "default")
        let made = try await jane.role("any", namespace: "default", ClusterFixture.rule(["*"], ["*"], ["*"]))
        #expect(made.status == 201)
    }
}
