internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    /// Serves `serviceaccounts/NAME/token`: a signed token, good for a time, an audience, and as long as what it is
    /// bound to (pkg/registry/core/serviceaccount/storage/token.go).
    func token(_ request: ResourceRequest) throws(APIFailure) -> APIResponse {
        guard let account = store.object(request.resource, request.key).map(APIObject.init) else {
            throw request.notFound()
        }
        let body = try tokenRequest(request)
        try checkAccount(body, account)
        let seconds = try lifetime(body)
        let stated = body.value(at: "spec", "audiences")?.array?.compactMap(\.string) ?? []
        let audiences = stated.isEmpty ? [ServiceAccountTokens.issuer] : stated
        let bound = try bound(body, account)
        let issued = Int64(exactly: request.now.timeIntervalSince1970.rounded(.down)) ?? 0
        let token = try tokens.issue(
            ServiceAccountTokens.Claims(
                namespace: account.namespace,
                serviceAccount: account.name,
                uid: account.uid,
                bound: bound,
                audiences: audiences,
                issuedAt: issued,
                expires: issued &+ seconds,
                id: ObjectIdentity.uid()
            )
        )
        var spec: [String: JSONValue] = [
            "audiences": .array(audiences.map(JSONValue.string)), "expirationSeconds": .integer(seconds),
        ]
        spec["boundObjectRef"] = body.value(at: "spec", "boundObjectRef")
        return Self.json(
            201,
            [
                "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
                "metadata": [
                    "name": .string(account.name), "namespace": .string(account.namespace), "uid": .string(account.uid),
                    "creationTimestamp": .string(Timestamps.seconds(request.now)),
                ],
                "spec": .object(spec),
                "status": [
                    "token": .string(token),
                    "expirationTimestamp": .string(
                        Timestamps.seconds(Date(timeIntervalSince1970: Double(issued &+ seconds)))
                    ),
                ],
            ]
        )
    }

    /// The kind of the body, which is not the kind of the object that it is sent to.
    private static let tokenRequestKind = ResourceKind(
        served: GroupResource("authentication.k8s.io", "tokenrequests"),
        version: "v1",
        kind: "TokenRequest",
        listKind: "TokenRequestList",
        singular: "tokenrequest",
        isNamespaced: true
    )

    /// The body, once it is for the account of the path.
    private func tokenRequest(_ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        var asked = request
        asked.kind = Self.tokenRequestKind
        let body = try BodyDecoding.object(asked).value
        try BodyDecoding.checkKind(body, asked.kind)
        if let value = body.value(at: "spec", "expirationSeconds"), !value.isNull, value.integer == nil {
            let why = value.cannotUnmarshal(
                into: "struct field TokenRequestSpec.spec.expirationSeconds of type int64"
            )
            throw .badRequest("TokenRequest in version \"v1\" cannot be handled as a TokenRequest: \(why)")
        }
        let stated = APIObject(body)
        guard stated.name.isEmpty || stated.name == request.name else {
            let why = "must match the service account name if specified"
            throw .invalid(
                kind: "TokenRequest",
                group: "authentication.k8s.io",
                name: request.name,
                [.invalid("metadata.name", .string(stated.name), why)]
            )
        }
        try request.checkNamespace(of: stated)
        return body
    }

    /// Whoever names the account's uid wants no other of that name.
    private func checkAccount(_ body: JSONValue, _ account: APIObject) throws(APIFailure) {
        let uid = APIObject(body).uid
        guard uid.isEmpty || uid == account.uid else {
            throw .conflict(
                GroupResource("authentication.k8s.io", "TokenRequest"),
                account.name,
                "the UID in the token request (\(uid)) does not match the UID of the service account (\(account.uid))"
            )
        }
    }

    /// Ten minutes at least, an hour unless told.
    private func lifetime(_ body: JSONValue) throws(APIFailure) -> Int64 {
        let seconds = body.value(at: "spec", "expirationSeconds")?.integer ?? 3600
        var problem: String?
        if seconds < 600 { problem = "may not specify a duration less than 10 minutes" }
        if seconds > 1 << 32 { problem = "may not specify a duration larger than 2^32 seconds" }
        guard let problem else { return seconds }
        // The request itself has no name yet.
        throw .invalid(
            kind: "TokenRequest",
            group: "authentication.k8s.io",
            name: "",
            [.invalid("spec.expirationSeconds", .integer(seconds), problem)]
        )
    }

    private func bound(_ body: JSONValue, _ account: APIObject) throws(APIFailure)
        -> ServiceAccountTokens.Claims.Bound?
    {
        guard let reference = body.value(at: "spec", "boundObjectRef"), reference.object != nil else { return nil }
        let kind = reference["kind"]?.string ?? ""
        let name = reference["name"]?.string ?? ""
        let resources: [String: (GroupResource, String)] = [
            "Pod": (.pods, account.namespace), "Secret": (.secrets, account.namespace), "Node": (.nodes, ""),
        ]
        guard let (resource, namespace) = resources[kind] else {
            let version = reference["apiVersion"]?.string ?? ""
            let groupVersion = version.contains("/") ? version : "/\(version)"
            throw .badRequest("cannot bind token to object of type \(groupVersion), Kind=\(kind.prefix(64))")
        }
        guard !name.isEmpty else { throw .badRequest("Name parameter required.") }
        guard let value = store.object(resource, ObjectKey(namespace: namespace, name: name)) else {
            throw .notFound(resource, name)
        }
        let object = APIObject(value)
        if kind == "Pod", value.value(at: "spec", "serviceAccountName")?.string ?? "default" != account.name {
            throw .badRequest(
                "cannot bind token for serviceaccount \"\(account.name)\" to pod running with different "
                    + "serviceaccount name."
            )
        }
        if let uid = reference["uid"]?.string, !uid.isEmpty, uid != object.uid {
            throw .conflict(
                GroupResource("", kind),
                name,
                "the UID in the bound object reference (\(uid)) does not match the UID in record. The object might "
                    + "have been deleted and then recreated"
            )
        }
        return ServiceAccountTokens.Claims.Bound(kind: kind.lowercased(), name: name, uid: object.uid)
    }
}
