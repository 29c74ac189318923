internal import JSONModel

/// One rule of a Role: everything it names, combined with everything else it names, is allowed.
struct PolicyRule: Sendable, Hashable {
    var verbs: [String] = []
    var apiGroups: [String] = []
    var resources: [String] = []
    var resourceNames: [String] = []
    var nonResourceURLs: [String] = []

    init(_ value: JSONValue) {
        func texts(_ name: String) -> [String] { value[name]?.array?.compactMap(\.string) ?? [] }
        verbs = texts("verbs")
        apiGroups = texts("apiGroups")
        resources = texts("resources")
        resourceNames = texts("resourceNames")
        nonResourceURLs = texts("nonResourceURLs")
    }

    init(
        _ verbs: [String],
        apiGroups: [String] = [],
        resources: [String] = [],
        resourceNames: [String] = [],
        nonResourceURLs: [String] = []
    ) {
        self.verbs = verbs
        self.apiGroups = apiGroups
        self.resources = resources
        self.resourceNames = resourceNames
        self.nonResourceURLs = nonResourceURLs
    }

    /// The rules of a Role or ClusterRole.
    static func rules(of role: JSONValue) -> [PolicyRule] { role["rules"]?.array?.map(PolicyRule.init) ?? [] }

    /// The rule as Roles and reviews carry it.
    var json: JSONValue {
        var members: [String: JSONValue] = ["verbs": .array(verbs.map(JSONValue.string))]
        let lists = [
            ("apiGroups", apiGroups), ("resources", resources), ("resourceNames", resourceNames),
            ("nonResourceURLs", nonResourceURLs),
        ]
        for (name, list) in lists where !list.isEmpty { members[name] = .array(list.map(JSONValue.string)) }
        return .object(members)
    }

    // MARK: - Matching (pkg/apis/rbac/v1/evaluation_helpers.go)

    func allows(_ attributes: RequestAttributes) -> Bool {
        guard verbs.contains("*") || verbs.contains(attributes.verb) else { return false }
        guard attributes.isResource else { return nonResourceURLs.contains { Self.matches($0, attributes.path) } }
        return (apiGroups.contains("*") || apiGroups.contains(attributes.group))
            && matchesResource(attributes)
            && (resourceNames.isEmpty || resourceNames.contains(attributes.name))
    }

    private func matchesResource(_ attributes: RequestAttributes) -> Bool {
        let combined = attributes.combinedResource
        return resources.contains { resource in
            resource == "*" || resource == combined
                || (!attributes.subresource.isEmpty && resource == "*/\(attributes.subresource)")
        }
    }

    private static func matches(_ pattern: String, _ path: String) -> Bool {
        if pattern == "*" || pattern == path { return true }
        guard pattern.hasSuffix("*") else { return false }
        return path.hasPrefix(pattern.dropLast())
    }

    // MARK: - Covering

    /// The rule as rules of one group, one resource, one name and one verb each.
    var parts: [PolicyRule] {
        var parts: [PolicyRule] = []
        for verb in verbs {
            for group in apiGroups {
                for resource in resources {
                    let names = resourceNames.isEmpty ? [[]] : resourceNames.map { [$0] }
                    parts += names.map {
                        PolicyRule([verb], apiGroups: [group], resources: [resource], resourceNames: $0)
                    }
                }
            }
            parts += nonResourceURLs.map { PolicyRule([verb], nonResourceURLs: [$0]) }
        }
        return parts
    }

    /// Whether this rule allows everything that `part`, one of ``parts``, allows.
    func covers(_ part: PolicyRule) -> Bool {
        guard verbs.contains("*") || part.verbs.allSatisfy(verbs.contains) else { return false }
        if !part.nonResourceURLs.isEmpty {
            return part.nonResourceURLs.allSatisfy { path in nonResourceURLs.contains { Self.matches($0, path) } }
        }
        let coversGroup = apiGroups.contains("*") || part.apiGroups.allSatisfy(apiGroups.contains)
        let coversResource = part.resources.allSatisfy { wanted in
            if resources.contains("*") || resources.contains(wanted) { return true }
            guard let slash = wanted.firstIndex(of: "/") else { return false }
            return resources.contains("*\(wanted[slash...])")
        }
        let coversNames =
            resourceNames.isEmpty
            || (!part.resourceNames.isEmpty && part.resourceNames.allSatisfy(resourceNames.contains))
        return coversGroup && coversResource && coversNames
    }

    /// Parts of one resource made one rule again, their verbs together.
    static func compacted(_ parts: [PolicyRule]) -> [PolicyRule] {
        var order: [PolicyRule] = []
        var verbs: [PolicyRule: [String]] = [:]
        for part in parts {
            var key = part
            key.verbs = []
            if verbs[key] == nil { order.append(key) }
            verbs[key, default: []] += part.verbs
        }
        return order.map { key in
            var rule = key
            rule.verbs = verbs[key] ?? []
            return rule
        }
    }

    /// `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`.
    var description: String {
        let lists = [
            ("APIGroups", apiGroups), ("Resources", resources), ("NonResourceURLs", nonResourceURLs),
            ("ResourceNames", resourceNames), ("Verbs", verbs),
        ]
        let parts = lists.filter { !$0.1.isEmpty }.map { name, list in "\(name):\(Self.quoted(list))" }
        return "{\(parts.joined(separator: ", "))}"
    }

    /// A list as Go's `%q` prints it.
    static func quoted(_ list: [String]) -> String { "[\(list.map { quoted($0) }.joined(separator: " "))]" }

    /// A text as Go's `%q` prints it.
    static func quoted(_ text: String) -> String { JSONSerializer().string(.string(text)) }
}
