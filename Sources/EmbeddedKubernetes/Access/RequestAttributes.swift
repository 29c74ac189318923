internal import JSONModel
internal import KubernetesAPI

/// What a request wants to do, as authorization sees it.
struct RequestAttributes: Sendable, Hashable {
    var user: ClusterUser
    var verb: String
    var isResource = true
    var group = ""
    var version = ""
    var resource = ""
    var subresource = ""
    var namespace = ""
    var name = ""
    /// The path of a request that is for no resource.
    var path = ""

    /// Attributes with nothing but a user and a verb.
    init(_ user: ClusterUser, _ verb: String) {
        self.user = user
        self.verb = verb
    }

    /// Reads them off a request.
    init(_ request: APIRequest, _ target: RequestTarget, _ user: ClusterUser) {
        self.init(user, "")
        guard case .resource(let group, let version, let namespace, let plural, let name, let subresource) = target
        else {
            isResource = false
            verb = request.method.rawValue.lowercased()
            path = request.path
            return
        }
        self.group = group
        self.version = version
        self.resource = plural
        self.subresource = subresource
        self.name = name
        // A namespace is inside itself: a Role there may let one read it.
        self.namespace = group.isEmpty && plural == "namespaces" ? name : namespace
        switch request.method {
        case .post: verb = "create"
        case .put: verb = "update"
        case .patch: verb = "patch"
        case .delete: verb = name.isEmpty ? "deletecollection" : "delete"
        default: verb = !name.isEmpty ? "get" : request.query.flag("watch") == true ? "watch" : "list"
        }
        // Listing or watching one object by its name is asking for that name (requestinfo.go); deleting it so is not.
        if name.isEmpty, verb == "list" || verb == "watch",
            let selected = Self.selectedName(request.query.parameter("fieldSelector") ?? "")
        {
            self.name = selected
        }
    }

    private static func selectedName(_ selector: String) -> String? {
        for term in selector.split(separator: ",") {
            let parts = term.split(separator: "=", omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0] == "metadata.name", !term.contains("!=") else { continue }
            return String(parts[1])
        }
        return nil
    }

    /// `pods`, `pods/status`.
    var combinedResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }

    /// What the user may not do, in the API server's words.
    private var refusal: String {
        guard isResource else { return "User \(quoted(user.name)) cannot \(verb) path \(quoted(path))" }
        let what =
            "User \(quoted(user.name)) cannot \(verb) resource \(quoted(combinedResource)) "
            + "in API group \(quoted(group))"
        return namespace.isEmpty ? "\(what) at the cluster scope" : "\(what) in the namespace \(quoted(namespace))"
    }

    private func quoted(_ text: String) -> String { PolicyRule.quoted(text) }

    /// The 403 of a request that nothing allows.
    func forbidden(_ reason: String) -> APIFailure {
        let why = reason.isEmpty ? refusal : "\(refusal): \(reason)"
        guard isResource else { return APIFailure(403, "Forbidden", "forbidden: \(why)", details: [:]) }
        return .forbidden(GroupResource(group, resource), name, why)
    }
}
