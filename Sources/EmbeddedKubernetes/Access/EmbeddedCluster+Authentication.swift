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
            throw APIFailure(
                500,
                "InternalError",
                "Internal error occurred: groups, uid or extra were requested without impersonating a user"
            )
        }
        for attributes in wanted.attributes(name, by: user) {
            let decision = decide(attributes)
            guard decision.isAllowed else { throw attributes.forbidden(decision.reason) }
        }
        return wanted.user(name)
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

    /// What the real user must be allowed: the verb `impersonate` on each part of the identity.
    func attributes(_ name: String, by real: ClusterUser) -> [RequestAttributes] {
        func attributes(
            _ group: String,
            _ resource: String,
            _ name: String,
            subresource: String = "",
            namespace: String = ""
        )
            -> RequestAttributes
        {
            var attributes = RequestAttributes(real, "impersonate")
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
            all.append(attributes("", "serviceaccounts", account.name, namespace: account.namespace))
        } else {
            all.append(attributes("", "users", name))
        }
        all += groups.map { attributes("", "groups", $0) }
        let review = "authentication.k8s.io"
        for key in extra.keys.sorted() {
            all += (extra[key] ?? []).map { attributes(review, "userextras", $0, subresource: key) }
        }
        if let uid { all.append(attributes(review, "uids", uid)) }
        return all
    }

    /// The identity that results, with the groups that come with it.
    func user(_ name: String) -> ClusterUser {
        var all = groups
        if all.isEmpty, let account = ClusterUser.serviceAccount(named: name) {
            all = ClusterUser.serviceAccountGroups(namespace: account.namespace)
        }
        var user = ClusterUser(name: name, uid: uid ?? "", groups: all, extra: extra)
        if name == ClusterUser.anonymousName || groups.contains(ClusterUser.unauthenticatedGroup) {
            user.groups = groups.filter { $0 != ClusterUser.authenticatedGroup }
            if !user.groups.contains(ClusterUser.unauthenticatedGroup) {
                user.groups.append(ClusterUser.unauthenticatedGroup)
            }
        }
        return user
    }
}
