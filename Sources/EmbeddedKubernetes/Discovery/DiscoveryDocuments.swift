internal import JSONModel

/// The documents from which clients learn which kinds there are (kubernetes.md §8.2).
struct DiscoveryDocuments {
    let kinds: [ResourceKind]

    static let aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    /// Whether a client takes aggregated discovery v2.
    static func wantsAggregated(_ accept: String?) -> Bool {
        (accept ?? "").split(separator: ",").contains { range in
            let parts = Set(range.split(separator: ";").map { $0.filter { $0 != " " } })
            return parts.isSuperset(of: [
                "application/json", "g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList",
            ])
        }
    }

    /// The groups in the order of their first kind, with their versions.
    var groups: [(name: String, versions: [String])] {
        var order: [String] = []
        var versions: [String: [String]] = [:]
        for kind in kinds {
            let group = kind.served.group
            if versions[group] == nil { order.append(group) }
            if versions[group]?.contains(kind.version) != true { versions[group, default: []].append(kind.version) }
        }
        return order.map { ($0, versions[$0] ?? []) }
    }

    /// `/api` and `/apis` in one document.
    func aggregated(core: Bool) -> JSONValue {
        let items = groups.filter { $0.name.isEmpty == core }.map { group -> JSONValue in
            let versions = group.versions.map { version -> JSONValue in
                let resources = kinds.filter { $0.served.group == group.name && $0.version == version }
                return [
                    "version": .string(version), "resources": .array(resources.map(aggregatedResource)),
                    "freshness": "Current",
                ]
            }
            return [
                "metadata": group.name.isEmpty ? [:] : ["name": .string(group.name)], "versions": .array(versions),
            ]
        }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
            "items": .array(items),
        ]
    }

    private func texts(_ list: [String]) -> JSONValue { .array(list.map(JSONValue.string)) }

    private func aggregatedResource(_ kind: ResourceKind) -> JSONValue {
        let isCustom = kind.custom != nil
        var resource: [String: JSONValue] = [
            "resource": .string(kind.served.resource),
            "responseKind": [
                "group": .string(isCustom ? kind.served.group : ""), "version": .string(isCustom ? kind.version : ""),
                "kind": .string(kind.kind),
            ],
            "scope": kind.isNamespaced ? "Namespaced" : "Cluster", "singularResource": .string(kind.singular),
            "verbs": texts(isCustom ? Self.customVerbs : kind.verbs),
        ]
        if !kind.shortNames.isEmpty { resource["shortNames"] = texts(kind.shortNames) }
        if !kind.categories.isEmpty { resource["categories"] = texts(kind.categories) }
        if !kind.subresources.isEmpty {
            resource["subresources"] = .array(
                kind.subresources.map { subresource in
                    [
                        "subresource": .string(subresource.name),
                        "responseKind": [
                            "group": .string(subresource.group), "version": .string(subresource.version),
                            "kind": .string(subresource.kind),
                        ],
                        "verbs": texts(subresource.verbs),
                    ]
                }
            )
        }
        return .object(resource)
    }

    static let customVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]

    /// `/api/v1` or `/apis/GROUP/VERSION`, in the older form.
    func resources(group: String, version: String) -> JSONValue? {
        let members = kinds.filter { $0.served.group == group && $0.version == version }
        guard !members.isEmpty else { return nil }
        var list: [JSONValue] = []
        for kind in members {
            var resource: [String: JSONValue] = [
                "name": .string(kind.served.resource), "singularName": .string(kind.singular),
                "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind),
                "verbs": texts(kind.custom != nil ? Self.customVerbs : kind.verbs),
            ]
            if !kind.shortNames.isEmpty { resource["shortNames"] = texts(kind.shortNames) }
            if !kind.categories.isEmpty { resource["categories"] = texts(kind.categories) }
            list.append(.object(resource))
            for subresource in kind.subresources {
                var entry: [String: JSONValue] = [
                    "name": .string("\(kind.served.resource)/\(subresource.name)"), "singularName": "",
                    "namespaced": .bool(kind.isNamespaced), "kind": .string(subresource.kind),
                    "verbs": texts(subresource.verbs),
                ]
                if !subresource.group.isEmpty, subresource.group != group {
                    entry["group"] = .string(subresource.group)
                    entry["version"] = .string(subresource.version)
                }
                list.append(.object(entry))
            }
        }
        let name = group.isEmpty ? version : "\(group)/\(version)"
        var document: [String: JSONValue] = [
            "kind": "APIResourceList", "groupVersion": .string(name), "resources": .array(list),
        ]
        // The core list alone does not say its version.
        if !group.isEmpty { document["apiVersion"] = "v1" }
        return .object(document)
    }

    private func group(_ name: String, _ versions: [String]) -> JSONValue {
        func entry(_ version: String) -> JSONValue {
            ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        }
        return [
            "name": .string(name), "versions": .array(versions.map(entry)),
            "preferredVersion": entry(versions.first ?? ""),
        ]
    }

    /// `/apis`, in the older form.
    var groupList: JSONValue {
        let named = groups.filter { !$0.name.isEmpty }
        return [
            "kind": "APIGroupList", "apiVersion": "v1", "groups": .array(named.map { group($0.name, $0.versions) }),
        ]
    }

    /// `/apis/GROUP`.
    func group(_ name: String) -> JSONValue? {
        guard let found = groups.first(where: { $0.name == name && !$0.name.isEmpty }) else { return nil }
        guard var members = group(found.name, found.versions).object else { return nil }
        members["kind"] = "APIGroup"
        members["apiVersion"] = "v1"
        return .object(members)
    }

    /// What `/version` says: the release whose behaviour is copied.
    static let version: JSONValue = [
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "embedded", "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "swiftc", "platform": "linux/amd64",
    ]
}
