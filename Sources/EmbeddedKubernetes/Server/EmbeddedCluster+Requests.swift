internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    /// Serves one request.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - description: what it asks for.
    ///   - user: whom the connection stands for, where it stands for somebody.
    ///   - readVersion: the resource version at which reads see the cluster; `nil`: the present one.
    /// - Returns: the answer, refusals included.
    func respond(
        to request: APIRequest,
        _ description: RequestDescription,
        as user: ClusterUser? = nil,
        readVersion: Int64? = nil
    ) async -> Answer {
        expireEvents()
        let before = store.revision
        let answer: Answer
        do throws(APIFailure) {
            answer = try await serve(
                request,
                userAgent: description.userAgent,
                connection: user,
                readVersion: readVersion
            )
        } catch {
            answer = .complete(Self.response(error))
        }
        if request.method != .get, case .complete(let response) = answer {
            record(request, description, response.status, before: before)
        }
        return answer
    }

    private func record(_ request: APIRequest, _ description: RequestDescription, _ status: Int, before: Int64) {
        var name = description.name
        if description.verb == .create, name.isEmpty, let body = request.body {
            name = (try? JSONParser().parse(body))?["metadata"]?["name"]?.string ?? ""
        }
        let object = [description.namespace, name, description.subresource].filter { !$0.isEmpty }
        record(
            RecordedMutation(
                number: 0,
                request: description,
                method: request.method.rawValue,
                time: configuration.now(),
                elapsed: clock.now,
                status: status,
                resourceVersion: store.revision,
                isCommitted: store.revision != before,
                leases: leaseHoldings,
                key: "\(description.resource) \(object.joined(separator: "/"))"
            )
        )
    }

    static func response(_ failure: APIFailure) -> APIResponse {
        var headers: [String: String] = [:]
        if let seconds = failure.retryAfter { headers["retry-after"] = String(seconds) }
        return json(failure.code, failure.status, headers: headers)
    }

    static func json(_ status: Int, _ value: JSONValue, headers: [String: String] = [:]) -> APIResponse {
        json(status, body: JSONSerializer().bytes(value), headers: headers)
    }

    static func json(_ status: Int, body: [UInt8], headers: [String: String] = [:]) -> APIResponse {
        var headers = headers
        headers["content-type"] = headers["content-type"] ?? "application/json"
        headers["cache-control"] = headers["cache-control"] ?? "no-cache, private"
        headers["audit-id"] = ObjectIdentity.uid()
        return APIResponse(status: status, headers: headers, body: body + [0x0A])
    }

    static func text(_ status: Int, _ text: String) -> APIResponse {
        APIResponse(
            status: status,
            headers: [
                "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private",
                "audit-id": ObjectIdentity.uid(),
            ],
            body: Array(text.utf8)
        )
    }

    static let pageNotFound = text(404, "404 page not found\n")

    private func serve(
        _ request: APIRequest,
        userAgent: String,
        connection: ClusterUser?,
        readVersion: Int64?
    ) async throws(APIFailure) -> Answer {
        guard request.body?.count ?? 0 <= configuration.maximumBodySize else {
            throw .tooLargeBody(limit: configuration.maximumBodySize)
        }
        let user = try authenticate(request, connection: connection)
        let target = RequestTarget(path: request.path)
        // Who may not ask does not learn whether there is such a kind.
        try authorize(RequestAttributes(request, target, user))
        guard case .resource(let group, let version, let namespace, let plural, let name, let subresource) = target
        else { return .complete(try document(request)) }
        guard let kind = registry.find(group: group, version: version, plural: plural),
            kind.isNamespaced || namespace.isEmpty, kind.isNamespaced || kind.served != .namespaces || namespace.isEmpty
        else { return .complete(Self.pageNotFound) }
        // The objects of all namespaces are listed and watched together, and nothing else is done with them.
        if kind.isNamespaced, namespace.isEmpty, !name.isEmpty || request.method != .get {
            guard kind.custom == nil else { return .complete(Self.pageNotFound) }
            guard name.isEmpty else { throw .noSuchResource }
            throw .methodNotAllowed(kind.served.description)
        }
        var resource = ResourceRequest(
            request: request,
            kind: kind,
            namespace: namespace,
            name: name,
            subresource: subresource,
            userAgent: userAgent,
            user: user,
            now: configuration.now(),
            readVersion: readVersion
        )
        if let warning = kind.custom?.deprecationWarning { resource.warnings.append(warning) }
        return try await dispatch(&resource)
    }

    func listOptions(_ request: ResourceRequest) throws(APIFailure) -> ListOptions {
        try ListOptions(request.request.query, allowsWatchList: configuration.allowsWatchList)
    }

    private func dispatch(_ request: inout ResourceRequest) async throws(APIFailure) -> Answer {
        if !request.subresource.isEmpty { return .complete(try subresource(&request)) }
        let isCollection = request.name.isEmpty
        switch request.request.method {
        case .get where isCollection:
            try allow("list", request)
            let options = try listOptions(request)
            if options.isWatch { return try watch(request, options) }
            return .complete(try await list(request, options))
        case .get:
            // Collections alone are watched; at an object's own path the parameters of lists are not looked at.
            let version = try ListOptions.revision(request.request.query.parameter("resourceVersion") ?? "")
            try await waitForVersion(version, request)
            return .complete(try get(request))
        case .post where isCollection:
            try allow("create", request)
            return .complete(try create(&request))
        case .put where !isCollection: return .complete(try replace(&request))
        case .patch where !isCollection: return .complete(try patch(&request))
        case .delete where !isCollection: return .complete(try delete(request))
        case .delete: return .complete(try deleteCollection(request))
        default: throw .methodNotAllowed(request.kind.served.description)
        }
    }

    private func allow(_ verb: String, _ request: ResourceRequest) throws(APIFailure) {
        guard request.kind.verbs.contains(verb) else { throw .methodNotAllowed(request.kind.served.description) }
    }

    /// Renders one object as the client wants it, with the warnings collected on the way.
    func answer(_ status: Int, _ object: JSONValue, _ request: ResourceRequest) throws(APIFailure) -> APIResponse {
        let form = try Representation.negotiate(request.request.headers["accept"], .object, request.kind)
        let renderer = ObjectRenderer(kind: request.kind, representation: form)
        var headers: [String: String] = [:]
        if !request.warnings.isEmpty {
            headers["warning"] = request.warnings.prefix(32).map { warning in
                let text = String(warning.prefix(256)).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                return "299 - \"\(text)\""
            }.joined(separator: ", ")
        }
        return Self.json(status, renderer.single(object, now: request.now), headers: headers)
    }
}
