internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    /// How many kinds of requests ``recordedAccess`` holds; what comes later is not recorded.
    private static let recordedAccessLimit = 4096

    /// The rules of the Roles and bindings as they are now.
    func currentRules() -> AccessRules {
        if let known = accessRules { return known }
        let rules = AccessRules(&store)
        accessRules = rules
        return rules
    }

    /// Whether the cluster's Roles and bindings allow something.
    func decide(_ attributes: RequestAttributes) -> AccessRules.Decision {
        // Most requests are the administrator's.
        if attributes.user.isPrivileged { return AccessRules.Decision(isAllowed: true, reason: "") }
        return currentRules().decide(attributes)
    }

    /// Refuses what nothing allows.
    ///
    /// - Throws: a 403 ``APIFailure``.
    func authorize(_ attributes: RequestAttributes) throws(APIFailure) {
        let decision = decide(attributes)
        if !attributes.user.isPrivileged, attributes.isResource, recordedAccess.count < Self.recordedAccessLimit {
            recordedAccess.insert(RecordedAccess(attributes, isAllowed: decision.isAllowed))
        }
        guard decision.isAllowed else { throw attributes.forbidden(decision.reason) }
    }

    /// A PUT or an apply that makes an object needs the right to create it too (handlers/create.go, withAuthorization).
    func authorizeCreation(_ request: ResourceRequest) throws(APIFailure) {
        guard request.request.method != .post else { return }
        var attributes = RequestAttributes(request.user, "create")
        attributes.group = request.kind.served.group
        attributes.version = request.kind.version
        attributes.resource = request.kind.served.resource
        attributes.namespace = request.namespace
        attributes.name = request.name
        try authorize(attributes)
    }

    // MARK: - Escalation (pkg/registry/rbac, policybased)

    /// Nobody may give, in a Role or by a binding, what they may not do themselves.
    ///
    /// - Throws: a 403 ``APIFailure`` that lists what is missing.
    func preventEscalation(_ object: JSONValue, old: JSONValue?, _ request: ResourceRequest) throws(APIFailure) {
        guard request.kind.served.group == GroupResource.roles.group, !request.user.isPrivileged else { return }
        switch request.resource {
        case .roles, .clusterRoles:
            // What does not change what is given needs no right to give it.
            if let old, old["rules"] == object["rules"], old["aggregationRule"] == object["aggregationRule"] { return }
            // A POST names nothing in its path, so that the right to escalate one role by name does not let it be made
            // (registry/rbac, RoleEscalationAuthorized).
            let name = request.request.method == .post ? "" : request.name
            guard !may("escalate", request.resource, name, request) else { return }
            var rules = PolicyRule.rules(of: object)
            // Whoever aggregates could come to hold anything.
            if object["aggregationRule"]?.object != nil {
                rules = [
                    PolicyRule(["*"], apiGroups: ["*"], resources: ["*"]), PolicyRule(["*"], nonResourceURLs: ["*"]),
                ]
            }
            try confirm(rules, request)
        case .roleBindings, .clusterRoleBindings:
            if let old, old["roleRef"] == object["roleRef"], old["subjects"] == object["subjects"] { return }
            let role = AccessRules.RoleReference(object["roleRef"])
            let resource: GroupResource = role.kind == "Role" ? .roles : .clusterRoles
            guard !may("bind", resource, role.name, request) else { return }
            guard let rules = try? currentRules().rules(of: role, namespace: request.namespace) else {
                throw .notFound(resource, role.name)
            }
            try confirm(rules, request)
        default: return
        }
    }

    private func may(_ verb: String, _ resource: GroupResource, _ name: String, _ request: ResourceRequest) -> Bool {
        var attributes = RequestAttributes(request.user, verb)
        attributes.group = resource.group
        attributes.version = "v1"
        attributes.resource = resource.resource
        attributes.namespace = request.namespace
        attributes.name = name
        return decide(attributes).isAllowed
    }

    private func confirm(_ rules: [PolicyRule], _ request: ResourceRequest) throws(APIFailure) {
        let (held, problems) = currentRules().rules(for: request.user, namespace: request.namespace)
        let missing = rules.flatMap(\.parts).filter { part in !held.contains { $0.covers(part) } }
        guard !missing.isEmpty else { return }
        let lines = Set(PolicyRule.compacted(missing).map(\.description)).sorted().joined(separator: "\n")
        var why =
            "user \(PolicyRule.quoted(request.user.name)) (groups=\(PolicyRule.quoted(request.user.groups))) is "
            + "attempting to grant RBAC permissions not currently held:\n\(lines)"
        if !problems.isEmpty { why += "; resolution errors: [\(problems.joined(separator: " "))]" }
        throw .forbidden(request.kind.served, request.name, why)
    }

    // MARK: - Aggregation

    /// Fills ClusterRoles that are put together from others.
    func aggregateRoles() {
        guard controllers.aggregatesRoles else { return }
        controllers.aggregatesRoles = false
        let keys = store.keys(.clusterRoles)
        let all = keys.compactMap { key in store.object(.clusterRoles, key).map { (key, $0) } }
        for (key, role) in all {
            guard let selectors = role.value(at: "aggregationRule", "clusterRoleSelectors")?.array else { continue }
            var rules: [JSONValue] = []
            for (other, candidate) in all where other != key {
                let labels = APIObject(candidate).labels
                guard selectors.contains(where: { Self.selects($0, labels) }) else { continue }
                for rule in candidate["rules"]?.array ?? [] where !rules.contains(rule) { rules.append(rule) }
            }
            guard role["rules"]?.array ?? [] != rules else { continue }
            var updated = role
            updated.set("rules", .array(rules))
            publish(store.put(updated, in: .clusterRoles, at: key))
        }
    }

    /// `matchLabels` and the set-based requirements of a label selector.
    private static func selects(_ selector: JSONValue, _ labels: [String: String]) -> Bool {
        let exact = selector["matchLabels"]?.object ?? [:]
        let expressions = selector["matchExpressions"]?.array ?? []
        guard exact.allSatisfy({ labels[$0.key] != nil && labels[$0.key] == $0.value.string }) else { return false }
        return expressions.allSatisfy { expression in
            let value = labels[expression["key"]?.string ?? ""]
            let values = expression["values"]?.array?.compactMap(\.string) ?? []
            switch expression["operator"]?.string {
            case "In": return value.map(values.contains) ?? false
            case "NotIn": return value.map { !values.contains($0) } ?? true
            case "Exists": return value != nil
            case "DoesNotExist": return value == nil
            default: return false
            }
        }
    }
}
