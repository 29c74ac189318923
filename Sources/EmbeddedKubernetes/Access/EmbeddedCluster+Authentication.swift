internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    /// Finds out who makes a request.
    ///
    /// Credentials in the request come first, then the user whom the connection stands for, then
    /// ``ClusterConfiguration/userWithoutCredentials``.
    ///
    /// - Throws: a 401 ``APIFailure`` when credentials are shown that open nothing, or none are shown and all are asked
    ///   for; a 403 when the user may not impersonate whom it wants to.
    func authenticate(_ request: APIRequest, connection: ClusterUser?) throws(APIFailure) -> ClusterUser {
        let user: ClusterUser
        if let token = Self.bearerToken(request) {
            guard let known = authenticate(token: token, audiences: [ServiceAccountTokens.issuer])?.user else {
                throw .unauthorized
            }
            user = known
        } else if let known = connection ?? configuration.userWithoutCredentials {
            user = known
        } else {
            throw .unauthorized
        }
        return try impersonated(by: user, request)
    }

    private static func bearerToken(_ request: APIRequest) -> String? {
        guard let header = request.headers["authorization"] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].filter { $0 != " " }
    }

    /// Whom a token belongs to, and for which of the wanted audiences it is good.
    func authenticate(token: String, audiences: [String]) -> (user: ClusterUser, audiences: [String])? {
        if let user = configuration.tokens[token] {
            let common = audiences.filter { $0 == ServiceAccountTokens.issuer }
            return common.isEmpty ? nil : (user, common)
        }
        guard let claims = tokens.verify(token, now: configuration.now()) else { return nil }
        let common = audiences.filter(claims.audiences.contains)
        guard !common.isEmpty, isCurrent(claims) else { return nil }
        var user = ClusterUser.serviceAccount(claims.serviceAccount, namespace: claims.namespace, uid: claims.uid)
        user.extra["authentication.kubernetes.io/credential-id"] = ["JTI=\(claims.id)"]
        if let bound = claims.bound, bound.kind != "secret" {
            user.extra["authentication.kubernetes.io/\(bound.kind)-name"] = [bound.name]
            user.extra["authentication.kubernetes.io/\(bound.kind)-uid"] = [bound.uid]
        }
        return (user, common)
    }

    /// Whether the service account of a token, and the object it is bound to, are still those it was made for.
    private func isCurrent(_ claims: ServiceAccountTokens.Claims) -> Bool {
        func exists(_ resource: GroupResource, _ namespace: String, _ name: String, _ uid: String) -> Bool {
            let object = store.object(resource, ObjectKey(namespace: namespace, name: name)).map(APIObject.init)
            return object.map { $0.uid == uid && !$0.isDeleting } ?? false
        }
        guard exists(.serviceAccounts, claims.namespace, claims.serviceAccount, claims.uid) else { return false }
        guard let bound = claims.bound else { return true }
        switch bound.kind {
        case "pod": return exists(.pods, claims.namespace, bound.name, bound.uid)
        case "secret": return exists(.secrets, claims.namespace, bound.name, bound.uid)
        default: return exists(.nodes, "", bound.name, bound.uid)
        }
    }

    // MARK: - Impersonation (apiserver/pkg/endpoints/filters/impersonation)

    private func impersonated(by user: ClusterUser, _ request: APIRequest) throws(APIFailure) -> ClusterUser {
        let wanted = Impersonation(request)
        guard let name = wanted.user else {
            if wanted.isEmpty { return user }
            throw .badRequest("requested \(wanted.description) without impersonating a user name")
        }
        guard let mode = wanted.mode(name) else {
            if let refusal = refusal(of: wanted.attributes(name, by: user, nil)) { throw refusal }
            return wanted.user(name, nil)
        }
        // The constrained way comes first, and what it lacks is told where the old way is closed too, unless the user
        // has gone the old way before (KEP 5284).
        var action = RequestAttributes(request, RequestTarget(path: request.path), user)
        action.verb = "impersonate-on:\(mode.rawValue):\(action.verb)"
        let constrained = refusal(of: [action] + wanted.attributes(name, by: user, mode))
        guard let constrained else { return wanted.user(name, mode) }
        if let legacy = refusal(of: wanted.attributes(name, by: user, nil)) {
            throw legacyImpersonators.contains(user.name) ? legacy : constrained
        }
        if legacyImpersonators.count < 1024 { legacyImpersonators.insert(user.name) }
        return wanted.user(name, nil)
    }

    /// The 403 of the first thing that is not allowed; `nil` when everything is.
    private func refusal(of attributes: [RequestAttributes]) -> APIFailure? {
        for attributes in attributes {
            let decision = decide(attributes)
            if !decision.isAllowed { return attributes.forbidden(decision.reason) }
        }
        return nil
    }
}

/// Whom the `Impersonate-…` headers of a request ask to act as.
struct Impersonation: Sendable {
    let user: String?
    let uid: String?
    let groups: [String]
    let extra: [String: [String]]

    /// Reads the header; each line is one value, and a comma in it is part of the value.
    init(_ request: APIRequest) {
        let lines = request.headers.map { APIRequest.HeaderLine($0.key, $0.value) } + request.headerLines
        func values(_ name: String) -> [String] {
            lines.filter { $0.name == name && !$0.value.isEmpty }.map(\.value)
        }
        user = values("impersonate-user").first
        uid = values("impersonate-uid").first
        groups = values("impersonate-group")
        let prefix = "impersonate-extra-"
        var extra: [String: [String]] = [:]
        for line in lines where line.name.hasPrefix(prefix) {
            extra[RequestTarget.decode(line.name.dropFirst(prefix.count))] = values(line.name)
        }
        self.extra = extra
    }

    /// How the names of the fields begin that it is read from.
    static let fieldPrefix = "impersonate-"

    var isEmpty: Bool { user == nil && uid == nil && groups.isEmpty && extra.isEmpty }

    /// The constrained ways of acting as somebody else, each with verbs of its own.
    enum Mode: String, Sendable {
        case node = "arbitrary-node"
        case serviceAccount = "serviceaccount"
        case userInfo = "user-info"
    }

    /// The constrained way to act as a user; `nil` where there is none.
    func mode(_ name: String) -> Mode? {
        let isNameAlone = uid == nil && groups.isEmpty && extra.isEmpty
        if Self.node(named: name) != nil { return isNameAlone ? .node : nil }
        if ClusterUser.serviceAccount(named: name) != nil { return isNameAlone ? .serviceAccount : nil }
        // Only the old way leads to this group.
        return groups.contains(ClusterUser.mastersGroup) ? nil : .userInfo
    }

    /// The node that a user name stands for; `nil` for any other name.
    private static func node(named user: String) -> String? {
        let prefix = "system:node:"
        guard user.hasPrefix(prefix) else { return nil }
        let name = String(user.dropFirst(prefix.count))
        return NameRules.isSubdomain(name) ? name : nil
    }

    /// The identity as Go prints it.
    var description: String {
        let extras = extra.sorted { $0.key < $1.key }.map { "\(PolicyRule.quoted($0.key)):\(Self.list($0.value))" }
        let map = extras.isEmpty ? "(nil)" : "{\(extras.joined(separator: ", "))}"
        return "&user.DefaultInfo{Name:\"\", UID:\(PolicyRule.quoted(uid ?? "")), "
            + "Groups:\(Self.list(groups)), Extra:map[string][]string\(map)}"
    }

    private static func list(_ texts: [String]) -> String {
        texts.isEmpty ? "[]string(nil)" : "[]string{\(texts.map { PolicyRule.quoted($0) }.joined(separator: ", "))}"
    }

    /// What the real user must be allowed: the verb `impersonate` on each part of the identity, or that of a mode.
    func attributes(_ name: String, by real: ClusterUser, _ mode: Mode?) -> [RequestAttributes] {
        let verb = mode.map { "impersonate:\($0.rawValue)" } ?? "impersonate"
        let review = "authentication.k8s.io"
        // The old verb is for names and groups of the core group.
        let names = mode == nil ? "" : review
        func attributes(
            _ group: String,
            _ resource: String,
            _ name: String,
            subresource: String = "",
            namespace: String = ""
        )
            -> RequestAttributes
        {
            var attributes = RequestAttributes(real, verb)
            attributes.group = group
            attributes.version = "v1"
            attributes.resource = resource
            attributes.subresource = subresource
            attributes.namespace = namespace
            attributes.name = name
            return attributes
        }
        var all: [RequestAttributes] = []
        if let account = ClusterUser.serviceAccount(named: name) {
            all.append(attributes(names, "serviceaccounts", account.name, namespace: account.namespace))
        } else if mode == .node, let node = Self.node(named: name) {
            all.append(attributes(names, "nodes", node))
        } else {
            all.append(attributes(names, "users", name))
        }
        all += groups.map { attributes(names, "groups", $0) }
        for key in extra.keys.sorted() {
            all += (extra[key] ?? []).map { attributes(review, "userextras", $0, subresource: key) }
        }
        if let uid { all.append(attributes(review, "uids", uid)) }
        return all
    }

    /// The identity that results, with the groups that come with it.
    func user(_ name: String, _ mode: Mode?) -> ClusterUser {
        var user = ClusterUser(name: name, uid: uid ?? "", groups: groups, extra: extra)
        user.groups = groups
        if mode == .node { user.groups = ["system:nodes"] }
        if groups.isEmpty, let account = ClusterUser.serviceAccount(named: name) {
            user.groups = ClusterUser.serviceAccountGroups(namespace: account.namespace)
        }
        let isAnonymous = name == ClusterUser.anonymousName
        // Whoever is unauthenticated by a group that was asked for is not made authenticated.
        if !isAnonymous, user.groups.contains(ClusterUser.unauthenticatedGroup) { return user }
        let implied = isAnonymous ? ClusterUser.unauthenticatedGroup : ClusterUser.authenticatedGroup
        if !user.groups.contains(implied) { user.groups.append(implied) }
        return user
    }
}
