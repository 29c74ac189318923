internal import JSONModel

/// Who may do what: the cluster's Roles and bindings, read once and kept until one of them changes.
struct AccessRules: Sendable {
    /// Somebody to whom a binding gives its role.
    struct Subject: Sendable, Hashable {
        var kind: String
        var name: String
        var namespace: String

        func includes(_ user: ClusterUser, bindingNamespace: String) -> Bool {
            switch kind {
            case "User": return user.name == name
            case "Group": return user.groups.contains(name)
            case "ServiceAccount":
                let home = namespace.isEmpty ? bindingNamespace : namespace
                return !home.isEmpty && user.name == "system:serviceaccount:\(home):\(name)"
            default: return false
            }
        }

        func description(bindingNamespace: String) -> String {
            guard kind == "ServiceAccount" else { return "\(kind) \(PolicyRule.quoted(name))" }
            return "\(kind) " + PolicyRule.quoted("\(name)/\(namespace.isEmpty ? bindingNamespace : namespace)")
        }
    }

    /// What a binding gives: a Role in the binding's namespace, or a ClusterRole.
    struct RoleReference: Sendable, Hashable {
        var kind: String
        var name: String

        init(_ value: JSONValue?) {
            kind = value?["kind"]?.string ?? ""
            name = value?["name"]?.string ?? ""
        }
    }

    private struct Binding: Sendable {
        var name: String
        var namespace: String
        var role: RoleReference
        var subjects: [Subject]

        init(_ key: ObjectKey, _ value: JSONValue) {
            name = key.name
            namespace = key.namespace
            role = RoleReference(value["roleRef"])
            subjects = (value["subjects"]?.array ?? []).map { subject in
                Subject(
                    kind: subject["kind"]?.string ?? "",
                    name: subject["name"]?.string ?? "",
                    namespace: subject["namespace"]?.string ?? ""
                )
            }
        }

        func description(_ subject: Subject) -> String {
            let kind = namespace.isEmpty ? "ClusterRoleBinding" : "RoleBinding"
            let full = namespace.isEmpty ? name : "\(name)/\(namespace)"
            return "\(kind) \(PolicyRule.quoted(full)) of \(role.kind) \(PolicyRule.quoted(role.name)) to "
                + subject.description(bindingNamespace: namespace)
        }
    }

    /// What the rules say to a request.
    struct Decision: Sendable, Hashable {
        var isAllowed: Bool
        var reason: String
    }

    private var clusterRoles: [String: [PolicyRule]] = [:]
    private var roles: [ObjectKey: [PolicyRule]] = [:]
    private var clusterBindings: [Binding] = []
    /// By namespace.
    private var bindings: [String: [Binding]] = [:]

    init(_ store: inout ObjectStore) {
        for key in store.keys(.clusterRoles) {
            clusterRoles[key.name] = store.object(.clusterRoles, key).map(PolicyRule.rules)
        }
        for key in store.keys(.roles) { roles[key] = store.object(.roles, key).map(PolicyRule.rules) }
        for key in store.keys(.clusterRoleBindings) {
            if let value = store.object(.clusterRoleBindings, key) { clusterBindings.append(Binding(key, value)) }
        }
        for key in store.keys(.roleBindings) {
            guard let value = store.object(.roleBindings, key) else { continue }
            bindings[key.namespace, default: []].append(Binding(key, value))
        }
    }

    /// The rules that a binding in `namespace` (empty for a ClusterRoleBinding) refers to.
    ///
    /// - Throws: a 404 ``APIFailure`` when there is no such role, its resource in the singular as listers name it.
    func rules(of role: RoleReference, namespace: String) throws(APIFailure) -> [PolicyRule] {
        if role.kind == "Role" {
            guard let rules = roles[ObjectKey(namespace: namespace, name: role.name)] else {
                throw .notFound(GroupResource(GroupResource.roles.group, "role"), role.name)
            }
            return rules
        }
        guard let rules = clusterRoles[role.name] else {
            throw .notFound(GroupResource(GroupResource.roles.group, "clusterrole"), role.name)
        }
        return rules
    }

    /// Shows every rule that holds for a user, those of ClusterRoleBindings first, until `body` answers `false`.
    ///
    /// - Returns: what went wrong on the way: bindings of roles that do not exist.
    private func visit(
        _ user: ClusterUser,
        namespace: String,
        _ body: (_ rule: PolicyRule, _ source: () -> String) -> Bool
    ) -> [String] {
        var problems: [String] = []
        for binding in clusterBindings + (namespace.isEmpty ? [] : bindings[namespace] ?? []) {
            guard
                let subject = binding.subjects.first(where: { $0.includes(user, bindingNamespace: binding.namespace) })
            else { continue }
            do throws(APIFailure) {
                for rule in try rules(of: binding.role, namespace: binding.namespace) {
                    let goesOn = body(rule) { binding.description(subject) }
                    if !goesOn { return problems }
                }
            } catch {
                problems.append(error.message)
            }
        }
        return problems
    }

    /// Whether a request is allowed, and by which binding; or what kept a rule from being found.
    func decide(_ attributes: RequestAttributes) -> Decision {
        if attributes.user.isPrivileged { return Decision(isAllowed: true, reason: "") }
        var source: String?
        let problems = visit(attributes.user, namespace: attributes.namespace) { rule, description in
            guard rule.allows(attributes) else { return true }
            source = description()
            return false
        }
        if let source { return Decision(isAllowed: true, reason: "RBAC: allowed by \(source)") }
        guard !problems.isEmpty else { return Decision(isAllowed: false, reason: "") }
        let text = problems.count == 1 ? problems[0] : "[\(problems.joined(separator: ", "))]"
        return Decision(isAllowed: false, reason: "RBAC: \(text)")
    }

    /// Everything that a user may do in a namespace, or in the cluster when that is empty.
    func rules(for user: ClusterUser, namespace: String) -> (rules: [PolicyRule], problems: [String]) {
        var rules: [PolicyRule] = []
        let problems = visit(user, namespace: namespace) { rule, _ in
            rules.append(rule)
            return true
        }
        return (rules, problems)
    }
}
