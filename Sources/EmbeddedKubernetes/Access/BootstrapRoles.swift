internal import FoundationEssentials
internal import JSONModel

/// The ClusterRoles and bindings that an API server makes for itself, as far as people and controllers rely on them
/// (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go).
enum BootstrapRoles {
    /// One object with the resource it belongs to.
    struct Entry: Sendable {
        var resource: GroupResource
        var object: JSONValue
    }

    private static let read = ["get", "list", "watch"]
    private static let write = ["create", "delete", "deletecollection", "patch", "update"]
    private static let api = "rbac.authorization.k8s.io/v1"

    private static let health = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
    private static let documents = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"]

    /// The resources of a namespace that people work with, by group.
    private static let workloads: [(group: String, resources: [String])] = [
        (
            "",
            [
                "configmaps", "endpoints", "events", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods",
                "pods/status", "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services",
                "services/status",
            ]
        ),
        (
            "apps",
            [
                "controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale",
                "deployments/status", "replicasets", "replicasets/scale", "replicasets/status", "statefulsets",
                "statefulsets/scale", "statefulsets/status",
            ]
        ),
        ("autoscaling", ["horizontalpodautoscalers", "horizontalpodautoscalers/status"]),
        ("batch", ["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
        ("discovery.k8s.io", ["endpointslices"]),
        ("networking.k8s.io", ["ingresses", "ingresses/status", "networkpolicies"]),
        ("policy", ["poddisruptionbudgets", "poddisruptionbudgets/status"]),
    ]

    private static let viewRules =
        workloads.map { PolicyRule(read, apiGroups: [$0.group], resources: $0.resources) } + [
            PolicyRule(
                read,
                apiGroups: [""],
                resources: [
                    "bindings", "limitranges", "namespaces", "namespaces/status", "pods/log", "resourcequotas",
                    "resourcequotas/status",
                ]
            )
        ]

    private static let editRules =
        workloads.map { group, resources in
            PolicyRule(write, apiGroups: [group], resources: resources.filter { !$0.hasSuffix("/status") })
        } + [
            PolicyRule(read + write, apiGroups: [""], resources: ["secrets"]),
            PolicyRule(["impersonate"], apiGroups: [""], resources: ["serviceaccounts"]),
            PolicyRule(["create"], apiGroups: [""], resources: ["pods/eviction", "serviceaccounts/token"]),
            PolicyRule(read + write, apiGroups: ["coordination.k8s.io"], resources: ["leases"]),
            PolicyRule(
                ["create", "get"],
                apiGroups: [""],
                resources: ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"]
            ),
        ]

    private static let adminRules = [
        PolicyRule(["create"], apiGroups: ["authorization.k8s.io"], resources: ["localsubjectaccessreviews"]),
        PolicyRule(read + write, apiGroups: ["rbac.authorization.k8s.io"], resources: ["rolebindings", "roles"]),
    ]

    private static let everything = [
        PolicyRule(["*"], apiGroups: ["*"], resources: ["*"]), PolicyRule(["*"], nonResourceURLs: ["*"]),
    ]

    private static let reviews = PolicyRule(
        ["create"],
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]
    )

    /// Role by role: name, rules, extra labels, groups that a ClusterRoleBinding of the same name gives it to.
    private static let table: [(name: String, rules: [PolicyRule], labels: [String], groups: [String])] = [
        ("cluster-admin", everything, [], [ClusterUser.mastersGroup]),
        ("system:aggregate-to-admin", adminRules, ["admin"], []),
        ("system:aggregate-to-edit", editRules, ["edit"], []),
        ("system:aggregate-to-view", viewRules, ["view"], []),
        (
            "system:auth-delegator",
            [
                PolicyRule(["create"], apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"]),
                PolicyRule(["create"], apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"]),
            ], [], []
        ),
        (
            "system:basic-user",
            [
                reviews,
                PolicyRule(["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"]),
            ], [], [ClusterUser.authenticatedGroup]
        ),
        (
            "system:discovery",
            [
                PolicyRule(["get"], nonResourceURLs: ["/.well-known", "/.well-known/*"]),
                PolicyRule(["get"], nonResourceURLs: (health.dropLast(2) + documents + health.suffix(2)).sorted()),
            ], [], [ClusterUser.authenticatedGroup]
        ),
        (
            "system:monitoring",
            [
                PolicyRule(
                    ["get"],
                    nonResourceURLs: ["/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/readyz"]
                )
            ], [], ["system:monitoring"]
        ),
        (
            "system:public-info-viewer", [PolicyRule(["get"], nonResourceURLs: health)], [],
            [ClusterUser.authenticatedGroup, ClusterUser.unauthenticatedGroup]
        ),
        (
            "system:service-account-issuer-discovery",
            [
                PolicyRule(
                    ["get"],
                    nonResourceURLs: [
                        "/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks",
                        "/openid/v1/jwks/",
                    ]
                )
            ], [], ["system:serviceaccounts"]
        ),
    ]

    /// All of them, ready to be stored.
    static func entries(now: Date) -> [Entry] {
        let roles = table.map { row in
            Entry(resource: .clusterRoles, object: role(row.name, row.rules, labels: row.labels, now))
        }
        // What the aggregation will find, in the order in which it looks.
        let found: [(name: String, rules: [PolicyRule], labels: [String])] = [
            ("admin", editRules + viewRules + adminRules, []), ("edit", editRules + viewRules, ["admin"]),
            ("view", viewRules, ["edit"]),
        ]
        let aggregated = found.map { name, rules, labels -> Entry in
            var object = role(name, rules, labels: labels, now)
            object.set(
                "aggregationRule",
                ["clusterRoleSelectors": [["matchLabels": .object([label(name): "true"])]]]
            )
            return Entry(resource: .clusterRoles, object: object)
        }
        let bindings = table.filter { !$0.groups.isEmpty }.map { row in
            Entry(resource: .clusterRoleBindings, object: binding(row.name, row.groups, now))
        }
        return roles + aggregated + bindings
    }

    private static func label(_ role: String) -> String { "rbac.authorization.k8s.io/aggregate-to-\(role)" }

    private static func metadata(_ name: String, labels: [String], _ now: Date) -> JSONValue {
        var all: [String: JSONValue] = ["kubernetes.io/bootstrapping": "rbac-defaults"]
        for role in labels { all[label(role)] = "true" }
        return [
            "name": .string(name), "uid": .string(ObjectIdentity.uid()),
            "creationTimestamp": .string(Timestamps.seconds(now)), "labels": .object(all),
            "annotations": ["rbac.authorization.kubernetes.io/autoupdate": "true"],
        ]
    }

    private static func role(_ name: String, _ rules: [PolicyRule], labels: [String], _ now: Date) -> JSONValue {
        [
            "apiVersion": .string(api), "kind": "ClusterRole", "metadata": metadata(name, labels: labels, now),
            "rules": .array(rules.map(\.json)),
        ]
    }

    private static func binding(_ name: String, _ groups: [String], _ now: Date) -> JSONValue {
        let subjects = groups.map { group -> JSONValue in
            ["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": .string(group)]
        }
        return [
            "apiVersion": .string(api), "kind": "ClusterRoleBinding", "metadata": metadata(name, labels: [], now),
            "subjects": .array(subjects),
            "roleRef": [
                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name),
            ],
        ]
    }
}
