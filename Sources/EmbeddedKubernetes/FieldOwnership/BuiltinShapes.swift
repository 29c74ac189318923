internal import JSONModel

/// How the fields of built-in kinds are owned: which lists are sets or maps, which objects are owned as a whole, and
/// which members every object has, so that nobody comes to own them by writing it (api/openapi-spec).
///
/// What is not said here is owned field by field, lists as a whole.
enum BuiltinShapes {
    private static func object(_ properties: [String: StructuralSchema] = [:]) -> StructuralSchema {
        var parts = SchemaParts()
        parts.type = "object"
        parts.properties = properties
        return StructuralSchema(parts)
    }

    /// A list whose elements are told apart by `keys`; a missing key counts as its default.
    private static func map(
        _ keys: [String],
        defaults: [String: JSONValue] = [:],
        _ items: [String: StructuralSchema] = [:],
        isWhole: Bool = false
    ) -> StructuralSchema {
        var element = items
        for (key, value) in defaults {
            var parts = SchemaParts()
            parts.defaultValue = value
            element[key] = StructuralSchema(parts)
        }
        var parts = SchemaParts()
        parts.type = "array"
        parts.listType = .map
        parts.listMapKeys = keys
        parts.items = isWhole ? whole : object(element)
        return StructuralSchema(parts)
    }

    private static let set: StructuralSchema = {
        var parts = SchemaParts()
        parts.type = "array"
        parts.listType = .set
        return StructuralSchema(parts)
    }()

    private static let whole: StructuralSchema = {
        var parts = SchemaParts()
        parts.type = "object"
        parts.source = ["x-kubernetes-map-type": "atomic"]
        return StructuralSchema(parts)
    }()

    private static let conditions = object(["conditions": map(["type"])])

    private static let container: [String: StructuralSchema] = [
        "ports": map(["containerPort", "protocol"], defaults: ["protocol": "TCP"]),
        "env": map(
            ["name"],
            [
                "valueFrom": object([
                    "configMapKeyRef": whole, "fieldRef": whole, "resourceFieldRef": whole, "secretKeyRef": whole,
                ])
            ]
        ),
        "envFrom": object(), "volumeMounts": map(["mountPath"]), "volumeDevices": map(["devicePath"]),
        "resources": object(["claims": map(["name"])]),
    ]

    private static let podSpec = object([
        "containers": map(["name"], container), "initContainers": map(["name"], container),
        "ephemeralContainers": map(["name"], container), "imagePullSecrets": map(["name"], isWhole: true),
        "volumes": map(["name"]), "nodeSelector": whole, "hostAliases": map(["ip"]),
        "topologySpreadConstraints": map(["topologyKey", "whenUnsatisfiable"]), "schedulingGates": map(["name"]),
        "resourceClaims": map(["name"]),
    ])

    private static let template = object(["metadata": object(), "spec": podSpec])

    private static let workload = object([
        "spec": object(["selector": whole, "template": template]), "status": conditions,
    ])

    private static let event = object([
        "involvedObject": whole, "regarding": whole, "related": whole,
    ])

    private static let binding = object(["roleRef": whole])

    private static let shapes: [String: StructuralSchema] = [
        "pods": object([
            "spec": podSpec, "status": object(["conditions": map(["type"]), "podIPs": map(["ip"])]),
        ]),
        "services": object([
            "spec": object([
                "ports": map(["port", "protocol"], defaults: ["protocol": "TCP"]), "selector": whole,
            ]),
            "status": conditions,
        ]),
        "namespaces": object(["status": conditions]),
        "nodes": object([
            "spec": object(["podCIDRs": set]),
            "status": object(["conditions": map(["type"]), "addresses": map(["type"])]),
        ]),
        "serviceaccounts": object([
            "secrets": map(["name"], isWhole: true), "imagePullSecrets": object(),
        ]),
        "replicationcontrollers": object([
            "spec": object(["selector": whole, "template": template]), "status": conditions,
        ]),
        "events": event,
        "deployments.apps": workload, "replicasets.apps": workload, "daemonsets.apps": workload,
        "statefulsets.apps": workload, "jobs.batch": workload,
        "cronjobs.batch": object(["spec": object(["jobTemplate": workload])]),
        "customresourcedefinitions.apiextensions.k8s.io": object(["status": conditions]),
        "rolebindings.rbac.authorization.k8s.io": binding, "clusterrolebindings.rbac.authorization.k8s.io": binding,
        "poddisruptionbudgets.policy": object(["spec": object(["selector": whole]), "status": conditions]),
        "networkpolicies.networking.k8s.io": object(["spec": object(["podSelector": whole])]),
    ]

    private static let unlisted = object()

    /// The shape of a kind's objects.
    static func shape(_ kind: ResourceKind) -> StructuralSchema { shapes[kind.stored.description] ?? unlisted }

    private static let workloadBase: JSONValue = [
        "spec": ["selector": .null, "template": ["metadata": [:], "spec": ["containers": .null]], "strategy": [:]],
        "status": [:],
    ]

    /// What an object has that says nothing (a Go struct writes members without `omitempty`, and structs, always).
    private static let bases: [String: JSONValue] = [
        "pods": ["spec": ["containers": .null], "status": [:]],
        "services": ["spec": [:], "status": ["loadBalancer": [:]]],
        "namespaces": ["spec": [:], "status": [:]],
        "nodes": ["spec": [:], "status": [:]],
        "leases.coordination.k8s.io": ["spec": [:]],
        "events": [
            "involvedObject": [:], "source": [:], "firstTimestamp": .null, "lastTimestamp": .null, "eventTime": .null,
            "reportingComponent": "", "reportingInstance": "",
        ],
        "events.events.k8s.io": [
            "regarding": [:], "deprecatedSource": [:], "deprecatedFirstTimestamp": .null,
            "deprecatedLastTimestamp": .null, "eventTime": .null,
        ],
        "roles.rbac.authorization.k8s.io": ["rules": .null],
        "clusterroles.rbac.authorization.k8s.io": ["rules": .null],
        "rolebindings.rbac.authorization.k8s.io": ["roleRef": [:]],
        "clusterrolebindings.rbac.authorization.k8s.io": ["roleRef": [:]],
        "customresourcedefinitions.apiextensions.k8s.io": [
            "spec": ["group": "", "names": ["kind": "", "plural": ""], "scope": "", "versions": .null],
            "status": [
                "conditions": .null, "acceptedNames": ["kind": "", "plural": ""], "storedVersions": .null,
            ],
        ],
        "deployments.apps": workloadBase, "replicasets.apps": workloadBase, "daemonsets.apps": workloadBase,
        "statefulsets.apps": workloadBase, "jobs.batch": workloadBase,
    ]

    /// The object with the members that each object of its kind has.
    static func completed(_ object: JSONValue?, _ kind: ResourceKind) -> JSONValue {
        let object = object ?? [:]
        return bases[kind.served.description].map { merged($0, under: object) } ?? object
    }

    private static func merged(_ base: JSONValue, under value: JSONValue) -> JSONValue {
        guard let members = base.object, let own = value.object else { return value }
        var result = own
        for (name, member) in members { result[name] = own[name].map { merged(member, under: $0) } ?? member }
        return .object(result)
    }
}
