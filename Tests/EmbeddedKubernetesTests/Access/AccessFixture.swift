import EmbeddedKubernetes
import JSONModel
import KubernetesAPI

/// Short ways to say who may do what.
extension ClusterFixture {
    static let rbac = "/apis/rbac.authorization.k8s.io/v1"

    static func rule(_ verbs: [String], _ groups: [String], _ resources: [String], names: [String] = []) -> JSONValue {
        var rule: [String: JSONValue] = [
            "verbs": .array(verbs.map(JSONValue.string)), "apiGroups": .array(groups.map(JSONValue.string)),
            "resources": .array(resources.map(JSONValue.string)),
        ]
        if !names.isEmpty { rule["resourceNames"] = .array(names.map(JSONValue.string)) }
        return .object(rule)
    }

    /// Makes a Role (in a namespace) or ClusterRole.
    @discardableResult
    func role(_ name: String, namespace: String? = nil, _ rules: JSONValue..., labels: JSONValue = [:]) async throws
        -> (status: Int, body: JSONValue, headers: [String: String])
    {
        try await send(
            .post,
            namespace.map { "\(Self.rbac)/namespaces/\($0)/roles" } ?? "\(Self.rbac)/clusterroles",
            [
                "kind": namespace == nil ? "ClusterRole" : "Role", "apiVersion": "rbac.authorization.k8s.io/v1",
                "metadata": ["name": .string(name), "labels": labels], "rules": .array(rules),
            ]
        )
    }

    /// Gives a role to a user or a service account (`namespace/name`), in a namespace or in the whole cluster.
    @discardableResult
    func bind(_ role: String, kind: String = "ClusterRole", to subject: String, in namespace: String? = nil)
        async throws -> (status: Int, body: JSONValue, headers: [String: String])
    {
        let parts = subject.split(separator: "/").map(String.init)
        let entry: JSONValue =
            parts.count == 2
            ? ["kind": "ServiceAccount", "namespace": .string(parts[0]), "name": .string(parts[1])]
            : ["kind": "User", "name": .string(subject)]
        return try await send(
            .post,
            namespace.map { "\(Self.rbac)/namespaces/\($0)/rolebindings" } ?? "\(Self.rbac)/clusterrolebindings",
            [
                "kind": namespace == nil ? "ClusterRoleBinding" : "RoleBinding",
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "metadata": ["name": .string("\(role)-\(parts.joined(separator: "-"))")],
                "roleRef": [
                    "apiGroup": "rbac.authorization.k8s.io", "kind": .string(kind), "name": .string(role),
                ],
                "subjects": [entry],
            ]
        )
    }

    static func configMap(_ name: String, data: JSONValue = [:]) -> JSONValue {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": data]
    }

    static func pod(_ name: String, spec: JSONValue = [:]) -> JSONValue {
        var members = spec.object ?? [:]
        members["containers"] = [["name": "c", "image": "nginx:1"]]
        return ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)], "spec": .object(members)]
    }
}
