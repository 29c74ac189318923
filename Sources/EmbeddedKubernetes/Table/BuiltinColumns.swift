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

    private static let others: [GroupResource: [TableColumn]] = [
        GroupResource("", "secrets"): [.name, .member("Type", ["type"], missing: ""), count("Data", ["data"]), .age],
        GroupResource("", "configmaps"): [.name, count("Data", ["data", "binaryData"]), .age],
        GroupResource("", "serviceaccounts"): [.name, count("Secrets", ["secrets"]), .age],
        GroupResource("", "services"): [
            .name, .member("Type", ["spec", "type"], missing: "ClusterIP"),
            .member("Cluster-IP", ["spec", "clusterIP"]),
            TableColumn(name: "External-IP") { _, _ in "<none>" },
            TableColumn(name: "Port(s)") { object, _ in
                let ports = object.value(at: "spec", "ports")?.array ?? []
                let texts = ports.map { "\($0["port"]?.integer ?? 0)/\($0["protocol"]?.string ?? "TCP")" }
                return .string(texts.isEmpty ? "<none>" : texts.joined(separator: ","))
            },
            .age,
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
            number("Up-to-date", ["status", "updatedReplicas"]), number("Available", ["status", "availableReplicas"]),
            .age,
        ],
        GroupResource("apps", "replicasets"): [
            .name, number("Desired", ["spec", "replicas"]), number("Current", ["status", "replicas"]),
            number("Ready", ["status", "readyReplicas"]), .age,
        ],
        GroupResource("apps", "statefulsets"): [
            .name, ratio("Ready", ["status", "readyReplicas"], ["spec", "replicas"]), .age,
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
