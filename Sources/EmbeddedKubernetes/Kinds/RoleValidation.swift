internal import JSONModel

/// What Roles and bindings must say (pkg/apis/rbac/validation/validation.go).
enum RoleValidation {
    private static let group = GroupResource.roles.group

    static func errors(_ object: JSONValue, old: JSONValue?, _ kind: ResourceKind) -> [FieldError] {
        switch kind.stored {
        case .roles, .clusterRoles:
            (object["rules"]?.array ?? []).enumerated().flatMap { index, rule in
                self.rule(PolicyRule(rule), isNamespaced: kind.isNamespaced, at: "rules[\(index)]")
            }
        case .roleBindings, .clusterRoleBindings: binding(object, old: old, isNamespaced: kind.isNamespaced)
        default: []
        }
    }

    private static func rule(_ rule: PolicyRule, isNamespaced: Bool, at path: String) -> [FieldError] {
        var errors: [FieldError] = []
        if rule.verbs.isEmpty {
            errors.append(.required("\(path).verbs", "verbs must contain at least one value"))
        }
        if !rule.nonResourceURLs.isEmpty {
            let urls = JSONValue.array(rule.nonResourceURLs.map(JSONValue.string))
            if isNamespaced {
                errors.append(
                    .invalid("\(path).nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs")
                )
            }
            if !rule.apiGroups.isEmpty || !rule.resources.isEmpty || !rule.resourceNames.isEmpty {
                errors.append(
                    .invalid(
                        "\(path).nonResourceURLs",
                        urls,
                        "rules cannot apply to both regular resources and non-resource URLs"
                    )
                )
            }
            return errors
        }
        if rule.apiGroups.isEmpty {
            errors.append(.required("\(path).apiGroups", "resource rules must supply at least one api group"))
        }
        if rule.resources.isEmpty {
            errors.append(.required("\(path).resources", "resource rules must supply at least one resource"))
        }
        return errors
    }

    private static func binding(_ object: JSONValue, old: JSONValue?, isNamespaced: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        let role = object["roleRef"]
        func text(_ value: JSONValue?, _ name: String) -> String { value?[name]?.string ?? "" }
        if text(role, "apiGroup") != group {
            errors.append(
                .notSupported("roleRef.apiGroup", .string(text(role, "apiGroup")), supported: [.string(group)])
            )
        }
        let kinds: [JSONValue] = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
        if !kinds.contains(.string(text(role, "kind"))) {
            errors.append(.notSupported("roleRef.kind", .string(text(role, "kind")), supported: kinds))
        }
        if text(role, "name").isEmpty { errors.append(.required("roleRef.name")) }
        if let old, let role, old["roleRef"] != role {
            errors.append(.invalid("roleRef", role, "cannot change roleRef"))
        }
        for (index, subject) in (object["subjects"]?.array ?? []).enumerated() {
            errors += self.subject(subject, isNamespaced: isNamespaced, at: "subjects[\(index)]")
        }
        return errors
    }

    private static func subject(_ subject: JSONValue, isNamespaced: Bool, at path: String) -> [FieldError] {
        var errors: [FieldError] = []
        if subject["name"]?.string?.isEmpty ?? true { errors.append(.required("\(path).name")) }
        let apiGroup = subject["apiGroup"]?.string ?? ""
        switch subject["kind"]?.string ?? "" {
        case "ServiceAccount":
            if !apiGroup.isEmpty {
                errors.append(.notSupported("\(path).apiGroup", .string(apiGroup), supported: [""]))
            }
            if !isNamespaced, subject["namespace"]?.string?.isEmpty ?? true {
                errors.append(.required("\(path).namespace"))
            }
        case "User", "Group":
            if apiGroup != group {
                errors.append(.notSupported("\(path).apiGroup", .string(apiGroup), supported: [.string(group)]))
            }
        case let kind:
            errors.append(
                .notSupported("\(path).kind", .string(kind), supported: ["ServiceAccount", "User", "Group"])
            )
        }
        return errors
    }
}
