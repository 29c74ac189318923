internal import FoundationEssentials
internal import JSONModel

/// The columns of built-in kinds; a kind without an entry shows name and creation time.
enum BuiltinColumns {
    static func columns(for kind: ResourceKind) -> [TableColumn] {
        if let custom = kind.custom {
            if custom.columns.isEmpty { return [.name, customAge] }
            return [.name] + custom.columns.map(TableColumn.init)
        }
        switch kind.stored {
        case .pods: return PodColumns.all
        case .events: return EventColumns.all
        case .namespaces:
            return [.name, column("Status", "The status of the namespace", ["status", "phase"]), .age]
        case .leases: return [.name, .member("Holder", ["spec", "holderIdentity"], missing: ""), .age]
        case .customResourceDefinitions:
            return [
                .name,
                TableColumn(name: "Created At", type: "date", description: TableColumn.creationDescription) {
                    object,
                    _ in
                    object.value(at: "metadata", "creationTimestamp") ?? .null
                },
            ]
        default: return others[kind.stored] ?? [.name, createdAt]
        }
    }

    private static let customAge = TableColumn(
        name: "Age",
        type: "date",
        description: "Custom resource definition column (in JSONPath format): .metadata.creationTimestamp"
    ) { object, now in TableColumn.age(object.value(at: "metadata", "creationTimestamp"), now) }

    private static let createdAt = TableColumn(
        name: "Created At",
        type: "date",
        description: TableColumn.creationDescription
    ) { object, _ in object.value(at: "metadata", "creationTimestamp") ?? .null }

    private static func column(_ name: String, _ description: String, _ path: [String]) -> TableColumn {
        TableColumn(name: name, description: description) { object, _ in object.value(path: path) ?? "" }
    }

    private static func count(_ name: String, _ members: [String]) -> TableColumn {
        TableColumn(name: name, description: "The number of entries.") { object, _ in
            .integer(Int64(members.reduce(0) { $0 + (object[$1]?.object?.count ?? object[$1]?.array?.count ?? 0) }))
        }
    }

    private static func number(_ name: String, _ path: [String]) -> TableColumn {
        .member(name, path, missing: 0, type: "integer")
    }

    private static func ratio(_ name: String, _ left: [String], _ right: [String]) -> TableColumn {
        TableColumn(name: name, description: "How many of how many.") { object, _ in
            let first = object.value(path: left)?.integer ?? 0
            return .string("\(first)/\(object.value(path: right)?.integer ?? 0)")
        }
    }

    /// What `kubectl get -o wide` shows of the labels that are selected by.
    private static func selector(_ path: [String]) -> TableColumn {
        TableColumn(name: "Selector", description: "The labels that are selected by.", priority: 1) { object, _ in
            let labels = (object.value(path: path)?.object ?? [:]).sorted { $0.key < $1.key }
            let texts = labels.map { "\($0.key)=\($0.value.string ?? "")" }
            return .string(texts.isEmpty ? "<none>" : texts.joined(separator: ","))
        }
    }

    /// One member of each container of a pod template, for `kubectl get -o wide`.
    private static func containers(_ name: String, _ member: String) -> TableColumn {
        TableColumn(name: name, description: "Of each container in the template.", priority: 1) { object, _ in
            let all = object.value(at: "spec", "template", "spec", "containers")?.array ?? []
            return .string(all.map { $0[member]?.string ?? "" }.joined(separator: ","))
        }
    }

    /// The subjects of one kind, for `kubectl get -o wide`.
    private static func subjects(_ name: String, _ kind: String) -> TableColumn {
        TableColumn(name: name, description: "\(name) in the binding.", priority: 1) { object, _ in
            let all = (object["subjects"]?.array ?? []).filter { $0["kind"]?.string == kind }
            let names = all.map { subject in
                let name = subject["name"]?.string ?? ""
                return kind == "ServiceAccount" ? "\(subject["namespace"]?.string ?? "")/\(name)" : name
            }
            return .string(names.joined(separator: ", "))
        }
    }

    private static let bindingColumns: [TableColumn] = [
        .name,
        TableColumn(name: "Role", description: "The role that the binding gives.") { object, _ in
            let role = AccessRules.RoleReference(object["roleRef"])
            return .string("\(role.kind)/\(role.name)")
        },
        .age, subjects("Users", "User"), subjects("Groups", "Group"), subjects("ServiceAccounts", "ServiceAccount"),
    ]

    private static let others: [GroupResource: [TableColumn]] = [
        .secrets: [.name, .member("Type", ["type"], missing: ""), count("Data", ["data"]), .age],
        .configMaps: [.name, count("Data", ["data", "binaryData"]), .age],
        .serviceAccounts: [.name, .age],
        .roleBindings: bindingColumns,
        .clusterRoleBindings: bindingColumns,
        GroupResource("", "services"): [
            .name, .member("Type", ["spec", "type"], missing: "ClusterIP"),
            .member("Cluster-IP", ["spec", "clusterIP"]),
            TableColumn(name: "External-IP") { _, _ in "<none>" },
            TableColumn(name: "Port(s)") { object, _ in
                let ports = object.value(at: "spec", "ports")?.array ?? []
                let texts = ports.map { "\($0["port"]?.integer ?? 0)/\($0["protocol"]?.string ?? "TCP")" }
                return .string(texts.isEmpty ? "<none>" : texts.joined(separator: ","))
            },
            .age, selector(["spec", "selector"]),
        ],
        GroupResource("", "nodes"): [
            .name,
            TableColumn(name: "Status") { object, _ in
                let ready = JSONPathList.conditionStatus(object, "Ready")
                return ready == "True" ? "Ready" : ready == nil ? "Unknown" : "NotReady"
            },
            TableColumn(name: "Roles") { _, _ in "<none>" }, .age,
            .member("Version", ["status", "nodeInfo", "kubeletVersion"], missing: ""),
        ],
        GroupResource("apps", "deployments"): [
            .name, ratio("Ready", ["status", "readyReplicas"], ["spec", "replicas"]),
            .member("Up-to-date", ["status", "updatedReplicas"], missing: 0),
            .member("Available", ["status", "availableReplicas"], missing: 0), .age,
            containers("Containers", "name"), containers("Images", "image"),
            selector(["spec", "selector", "matchLabels"]),
        ],
        GroupResource("apps", "replicasets"): [
            .name, number("Desired", ["spec", "replicas"]), number("Current", ["status", "replicas"]),
            number("Ready", ["status", "readyReplicas"]), .age, containers("Containers", "name"),
            containers("Images", "image"), selector(["spec", "selector", "matchLabels"]),
        ],
        GroupResource("apps", "statefulsets"): [
            .name, ratio("Ready", ["status", "readyReplicas"], ["spec", "replicas"]), .age,
            containers("Containers", "name"), containers("Images", "image"),
        ],
        GroupResource("apps", "daemonsets"): [
            .name, number("Desired", ["status", "desiredNumberScheduled"]),
            number("Current", ["status", "currentNumberScheduled"]), number("Ready", ["status", "numberReady"]), .age,
        ],
        GroupResource("batch", "jobs"): [
            .name, ratio("Completions", ["status", "succeeded"], ["spec", "completions"]), .age,
        ],
        GroupResource("batch", "cronjobs"): [
            .name, .member("Schedule", ["spec", "schedule"]),
            .member("Suspend", ["spec", "suspend"], missing: "False"), .age,
        ],
    ]
}

/// Looking into lists of conditions.
enum JSONPathList {
    static func conditionStatus(_ object: JSONValue, _ type: String) -> String? {
        object.value(at: "status", "conditions")?.array?.first { $0["type"]?.string == type }?["status"]?.string
    }
}
