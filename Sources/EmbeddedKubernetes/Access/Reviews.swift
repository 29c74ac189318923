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
        try adoptNamespace(&object, request)
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
        let spec = review["spec"] ?? [:]
        try refuse(attributeErrors(spec) + metadataErrors(review, request), request)
        return status(of: spec, asked: request.user)
    }

    private func subjectAccess(_ review: JSONValue, _ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        let spec = review["spec"] ?? [:]
        let groups = spec["groups"]?.array?.compactMap(\.string) ?? []
        let name = spec["user"]?.string ?? ""
        var errors = attributeErrors(spec)
        if name.isEmpty, groups.isEmpty {
            errors.append(.invalid("spec.user", .string(""), "at least one of user or group must be specified"))
        }
        errors += metadataErrors(review, request)
        if request.kind.isNamespaced { errors += localErrors(spec, request) }
        try refuse(errors, request)
        // Only what is said counts: no group is implied here.
        var user = ClusterUser(name: name, uid: spec["uid"]?.string ?? "")
        user.groups = groups
        return status(of: spec, asked: user)
    }

    // MARK: - Validation (pkg/apis/authorization/validation)

    private func refuse(_ errors: [FieldError], _ request: ResourceRequest) throws(APIFailure) {
        guard !errors.isEmpty else { return }
        throw .invalid(kind: "", group: request.kind.served.group, name: "", errors)
    }

    /// A question about one namespace carries its name.
    private func adoptNamespace(_ object: inout JSONValue, _ request: ResourceRequest) throws(APIFailure) {
        guard request.kind.isNamespaced else { return }
        try request.checkNamespace(of: APIObject(object))
        object.set(path: ["metadata", "namespace"], .string(request.namespace))
    }

    /// A question is about a resource or about a path.
    private func attributeErrors(_ spec: JSONValue) -> [FieldError] {
        let isAboutResource = spec["resourceAttributes"]?.object != nil
        let path = spec["nonResourceAttributes"]?.object
        if isAboutResource, path != nil {
            let why = "cannot be specified in combination with resourceAttributes"
            return [.invalid("spec.nonResourceAttributes", Self.internalForm(path), why)]
        }
        guard !isAboutResource, path == nil else { return [] }
        let why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        return [.invalid("spec.resourceAttributes", .null, why)]
    }

    /// A path's attributes as the API server's own type is printed.
    private static func internalForm(_ path: [String: JSONValue]?) -> JSONValue {
        ["Path": path?["path"] ?? "", "Verb": path?["verb"] ?? ""]
    }

    /// A question has no metadata, but for the namespace of a local one.
    private func metadataErrors(_ review: JSONValue, _ request: ResourceRequest) -> [FieldError] {
        var metadata = review["metadata"]?.object ?? [:]
        if request.kind.isNamespaced { metadata["namespace"] = nil }
        return metadata.isEmpty ? [] : [.invalid("metadata", .object(metadata), "must be empty")]
    }

    private func localErrors(_ spec: JSONValue, _ request: ResourceRequest) -> [FieldError] {
        var errors: [FieldError] = []
        if let attributes = spec["resourceAttributes"], attributes.object != nil {
            let namespace = attributes["namespace"]?.string ?? ""
            if namespace != request.namespace {
                let field = "spec.resourceAttributes.namespace"
                errors.append(.invalid(field, .string(namespace), "must match metadata.namespace"))
            }
        }
        if let path = spec["nonResourceAttributes"]?.object {
            let value = Self.internalForm(path)
            errors.append(.invalid("spec.nonResourceAttributes", value, "disallowed on this kind of request"))
        }
        return errors
    }

    private func status(of spec: JSONValue, asked user: ClusterUser) -> JSONValue {
        let resource = spec["resourceAttributes"]?.object
        let path = spec["nonResourceAttributes"]?.object
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
            // Rules of bindings that lead nowhere are told as an error; RBAC itself knows all it can.
            "incomplete": false,
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
