import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Authorization")
struct AuthorizationTests {
    private let pods = "/api/v1/namespaces/default/pods"

    @Test("without a word about it, everybody is an administrator, and may do everything")
    func administrator() async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.send(.get, pods).status == 200)
        #expect(try await fixture.send(.delete, "/api/v1/namespaces/default/secrets").status == 200)
    }

    @Test("what no Role gives is 403, in the API server's words; what one gives, in its namespace, is allowed")
    func roles() async throws {
        let admin = ClusterFixture()
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        let refused = try await jane.send(.get, pods)
        #expect(refused.status == 403 && refused.body.reason == "Forbidden")
        #expect(
            refused.body.message
                == #"pods is forbidden: User "jane" cannot list resource "pods" in API group "" "#
                + #"in the namespace "default""#
        )
        try await admin.role("reader", namespace: "default", ClusterFixture.rule(["get", "list"], [""], ["pods"]))
        try await admin.bind("reader", kind: "Role", to: "jane", in: "default")
        #expect(try await jane.send(.get, pods).status == 200)
        #expect(try await jane.send(.get, "\(pods)/x").status == 404)
        #expect(try await jane.send(.get, "\(pods)?watch=true").status == 403)
        #expect(try await jane.send(.get, "/api/v1/namespaces/kube-system/pods").status == 403)
        let everywhere = try await jane.send(.get, "/api/v1/pods")
        #expect(everywhere.body.message.hasSuffix(#"in API group "" at the cluster scope"#))
        #expect(try await jane.send(.post, pods, ClusterFixture.pod("p")).status == 403)
        #expect(try await admin.send(.get, pods).body["items"]?.array?.isEmpty == true)
    }

    @Test("a ClusterRole holds everywhere by a ClusterRoleBinding, and in one namespace by a RoleBinding")
    func clusterRoles() async throws {
        let admin = ClusterFixture()
        try await admin.role("maps", ClusterFixture.rule(["get", "list"], [""], ["configmaps"]))
        let account = admin.acting(as: .serviceAccount("bot", namespace: "default"))
        try await admin.bind("maps", to: "default/bot", in: "kube-system")
        #expect(try await account.send(.get, "/api/v1/namespaces/kube-system/configmaps").status == 200)
        #expect(try await account.send(.get, "/api/v1/configmaps").status == 403)
        try await admin.bind("maps", to: "default/bot")
        #expect(try await account.send(.get, "/api/v1/configmaps").status == 200)
        let path = "\(ClusterFixture.rbac)/clusterrolebindings/maps-default-bot"
        #expect(try await admin.send(.delete, path).status == 200)
        #expect(try await account.send(.get, "/api/v1/configmaps").status == 403)
    }

    @Test("a binding of a Role that is not there says so")
    func missingRole() async throws {
        let admin = ClusterFixture()
        try await admin.bind("absent", to: "jane")
        let refused = try await admin.acting(as: ClusterUser(name: "jane")).send(.get, pods)
        #expect(
            refused.body.message.hasSuffix(
                #"in the namespace "default": RBAC: clusterrole.rbac.authorization.k8s.io "absent" not found"#
            ),
            "\(refused.body.message)"
        )
    }

    @Test("a subresource needs a right of its own, and a PUT or apply that creates needs the right to create")
    func subresources() async throws {
        let admin = ClusterFixture()
        #expect(try await admin.define().status == 201)
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        try await admin.role("status", ClusterFixture.rule(["patch", "get"], ["example.dev"], ["widgets/status"]))
        try await admin.bind("status", to: "jane")
        #expect(try await admin.send(.post, ClusterFixture.widgets, ClusterFixture.widget("w")).status == 201)
        let patch: JSONValue = ["status": ["a": 1]]
        let type = "application/merge-patch+json"
        let path = "\(ClusterFixture.widgets)/w"
        #expect(try await jane.send(.patch, "\(path)/status", patch, type: type).status == 200)
        let refused = try await jane.send(.patch, path, patch, type: type)
        #expect(refused.status == 403 && refused.body.message.contains("cannot patch resource \"widgets\""))
        try await admin.role("patcher", ClusterFixture.rule(["patch"], ["example.dev"], ["widgets"]))
        try await admin.bind("patcher", to: "jane")
        #expect(try await jane.send(.patch, path, patch, type: type).status == 200)
        let apply = try await jane.send(
            .patch,
            "\(ClusterFixture.widgets)/new?fieldManager=m",
            ClusterFixture.widget("new"),
            type: "application/apply-patch+yaml"
        )
        #expect(apply.status == 403 && apply.body.message.contains("cannot create resource \"widgets\""))
    }

    @Test("discovery is for everybody who is known, health for everybody; the rest of the paths for nobody")
    func paths() async throws {
        let admin = ClusterFixture()
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        let nobody = admin.acting(as: .anonymous)
        for path in ["/api", "/apis", "/api/v1", "/apis/apps/v1", "/openapi/v3", "/version", "/healthz"] {
            #expect(try await jane.send(.get, path).status == 200, "\(path)")
        }
        #expect(try await nobody.send(.get, "/healthz").status == 200)
        #expect(try await nobody.send(.get, "/version").status == 200)
        let refused = try await nobody.send(.get, "/apis")
        #expect(refused.body.message == #"forbidden: User "system:anonymous" cannot get path "/apis""#)
        #expect(try await jane.send(.get, "/metrics").status == 403)
        // Who may not ask does not learn what there is.
        #expect(try await jane.send(.get, "/apis/no.such/v1/things").status == 403)
    }

    @Test("ClusterRoles with an aggregation rule are put together from others by label, and change with them")
    func aggregation() async throws {
        let admin = ClusterFixture()
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        #expect(try await admin.define().status == 201)
        try await admin.bind("view", to: "jane", in: "default")
        #expect(try await jane.send(.get, pods).status == 200)
        #expect(try await jane.send(.get, "/api/v1/namespaces/default/secrets").status == 403)
        #expect(try await jane.send(.get, ClusterFixture.widgets).status == 403)
        try await admin.role(
            "widget-viewer",
            ClusterFixture.rule(["get", "list"], ["example.dev"], ["widgets"]),
            labels: ["rbac.authorization.k8s.io/aggregate-to-view": "true"]
        )
        #expect(try await jane.send(.get, ClusterFixture.widgets).status == 200)
        // edit holds what view holds, and admin what edit holds.
        let all = try await admin.send(.get, "\(ClusterFixture.rbac)/clusterroles/admin").body["rules"]?.array ?? []
        #expect(all.contains { $0["apiGroups"] == ["example.dev"] })
        #expect(try await admin.send(.delete, "\(ClusterFixture.rbac)/clusterroles/widget-viewer").status == 200)
        #expect(try await jane.send(.get, ClusterFixture.widgets).status == 403)
    }

    @Test("Roles and bindings that make no sense are refused")
    func validation() async throws {
        let admin = ClusterFixture()
        let empty = try await admin.role("r", namespace: "default", ["verbs": [], "apiGroups": [""], "resources": []])
        #expect(empty.status == 422)
        #expect(empty.body.causes["rules[0].verbs"] == "Required value: verbs must contain at least one value")
        #expect(empty.body.causes["rules[0].resources"]?.hasSuffix("must supply at least one resource") == true)
        let path = try await admin.role("r", namespace: "default", ["verbs": ["get"], "nonResourceURLs": ["/metrics"]])
        #expect(path.body.message.contains("namespaced rules cannot apply to non-resource URLs"))
        #expect(try await admin.bind("r", kind: "Role", to: "jane").body.message.contains("roleRef.kind"))
        try await admin.role("one", ClusterFixture.rule(["get"], [""], ["pods"]))
        try await admin.bind("one", to: "jane", in: "default")
        let changed = try await admin.send(
            .patch,
            "\(ClusterFixture.rbac)/namespaces/default/rolebindings/one-jane",
            ["roleRef": ["name": "two"]],
            type: "application/merge-patch+json"
        )
        #expect(changed.status == 422 && changed.body.message.contains("cannot change roleRef"))
    }
}
