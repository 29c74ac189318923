internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

/// Kinds that are questions, not objects: they are answered and not stored.
extension EmbeddedCluster {
    /// The answer to a question; `nil` when the kind is an ordinary one.
    func review(_ request: ResourceRequest) throws(APIFailure) -> JSONValue? {
        let answer: (JSONValue, ResourceRequest) throws(APIFailure) -> JSONValue
        switch request.kind.kind {
        case "SelfSubjectAccessReview": answer = selfSubjectAccess
        case "SubjectAccessReview", "LocalSubjectAccessReview": answer = subjectAccess
        case "SelfSubjectRulesReview": answer = selfSubjectRules
        case "SelfSubjectReview": answer = { _, request in ["userInfo": Self.json(request.user)] }
        case "TokenReview": answer = tokenReview
        default: return nil
        }
        var object = try BodyDecoding.object(request).value
        try BodyDecoding.checkKind(object, request.kind)
        try BodyDecoding.cleanMetadata(&object, request.kind)
        object.set("apiVersion", .string(request.kind.groupVersion))
        object.set("kind", .string(request.kind.kind))
        object.set("status", try answer(object, request))
        // The question is not repeated here (registry/authorization/selfsubjectrulesreview).
        if request.kind.kind == "SelfSubjectRulesReview" {
            object.set("metadata", [:])
            object.set("spec", [:])
        }
        if request.kind.kind == "SelfSubjectReview" {
            object.set(path: ["metadata", "creationTimestamp"], .string(Timestamps.seconds(request.now)))
        }
        return object
    }

    private static func json(_ user: ClusterUser) -> JSONValue {
        var members: [String: JSONValue] = ["username": .string(user.name)]
        if !user.uid.isEmpty { members["uid"] = .string(user.uid) }
        if !user.groups.isEmpty { members["groups"] = .array(user.groups.map(JSONValue.string)) }
        if !user.extra.isEmpty {
            members["extra"] = .object(user.extra.mapValues { .array($0.map(JSONValue.string)) })
        }
        return .object(members)
    }

    // MARK: - Access

    private func selfSubjectAccess(_ review: JSONValue, _ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        try status(of: review["spec"] ?? [:], asked: request.user, request)
    }

    private func subjectAccess(_ review: JSONValue, _ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        let spec = review["spec"] ?? [:]
        let groups = spec["groups"]?.array?.compactMap(\.string) ?? []
        let name = spec["user"]?.string ?? ""
        guard !name.isEmpty || !groups.isEmpty else {
            throw invalid(
                request,
                .invalid("spec.user", .string(""), "at least one of user or group must be specified")
            )
        }
        // Only what is said counts: no group is implied here.
        var user = ClusterUser(name: name, uid: spec["uid"]?.string ?? "")
        user.groups = groups
        if request.kind.isNamespaced {
            let namespace = spec.value(at: "resourceAttributes", "namespace")?.string ?? ""
            guard namespace == request.namespace else {
                throw invalid(
                    request,
                    .invalid(
                        "spec.resourceAttributes.namespace",
                        .string(namespace),
                        "must match metadata.namespace"
                    )
                )
            }
        }
        return try status(of: spec, asked: user, request)
    }

    private func invalid(_ request: ResourceRequest, _ error: FieldError) -> APIFailure {
        .invalid(kind: request.kind.kind, group: request.kind.served.group, name: "", [error])
    }

    private func status(of spec: JSONValue, asked user: ClusterUser, _ request: ResourceRequest) throws(APIFailure)
        -> JSONValue
    {
        let resource = spec["resourceAttributes"]?.object
        let path = spec["nonResourceAttributes"]?.object
        guard (resource == nil) != (path == nil) else {
            throw invalid(
                request,
                .invalid(
                    "spec.resourceAttributes",
                    spec["resourceAttributes"] ?? .null,
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified"
                )
            )
        }
        let members = resource ?? path ?? [:]
        func text(_ name: String) -> String { members[name]?.string ?? "" }
        var attributes = RequestAttributes(user, text("verb"))
        attributes.isResource = resource != nil
        attributes.path = text("path")
        attributes.group = text("group")
        attributes.version = text("version")
        attributes.resource = text("resource")
        attributes.subresource = text("subresource")
        attributes.namespace = text("namespace")
        attributes.name = text("name")
        let decision = decide(attributes)
        var status: [String: JSONValue] = ["allowed": .bool(decision.isAllowed)]
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return .object(status)
    }

    private func selfSubjectRules(_ review: JSONValue, _ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        guard let namespace = review.value(at: "spec", "namespace")?.string, !namespace.isEmpty else {
            throw .badRequest("no namespace on request")
        }
        let (rules, problems) = currentRules().rules(for: request.user, namespace: namespace)
        func json(_ rule: PolicyRule, forPaths: Bool) -> JSONValue {
            let names = forPaths ? ["verbs", "nonResourceURLs"] : ["verbs", "apiGroups", "resources", "resourceNames"]
            return .object((rule.json.object ?? [:]).filter { names.contains($0.key) })
        }
        var status: [String: JSONValue] = [
            "resourceRules": .array(rules.filter { !$0.resources.isEmpty }.map { json($0, forPaths: false) }),
            "nonResourceRules": .array(rules.filter { !$0.nonResourceURLs.isEmpty }.map { json($0, forPaths: true) }),
            "incomplete": .bool(!problems.isEmpty),
        ]
        if !problems.isEmpty { status["evaluationError"] = .string(problems.joined(separator: ", ")) }
        return .object(status)
    }

    // MARK: - Tokens

    private func tokenReview(_ review: JSONValue, _ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        guard let token = review.value(at: "spec", "token")?.string, !token.isEmpty else {
            throw .badRequest("token is required for TokenReview in authentication")
        }
        let wanted = review.value(at: "spec", "audiences")?.array?.compactMap(\.string) ?? []
        let audiences = wanted.isEmpty ? [ServiceAccountTokens.issuer] : wanted
        guard let found = authenticate(token: token, audiences: audiences) else {
            return ["user": [:], "error": "invalid bearer token"]
        }
        return [
            "authenticated": true, "user": Self.json(found.user),
            "audiences": .array(found.audiences.map(JSONValue.string)),
        ]
    }
}
