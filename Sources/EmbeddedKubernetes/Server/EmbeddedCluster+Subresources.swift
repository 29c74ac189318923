internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    /// Serves a path below an object.
    func subresource(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        let name = request.subresource
        guard request.kind.subresources.contains(where: { $0.name == name }) else { return Self.pageNotFound }
        switch (name, request.request.method) {
        case ("status", .get): return try get(request)
        case ("status", .put), ("finalize", .put): return try replace(&request)
        case ("status", .patch): return try patch(&request)
        case ("scale", .get), ("scale", .put), ("scale", .patch): return try scale(&request)
        case ("log", .get):
            guard store.object(request.resource, request.key) != nil else { throw request.notFound() }
            return Self.text(200, "")
        case ("eviction", .post): return try evict(&request)
        case ("binding", .post): return try bind(&request)
        case ("token", .post): return try token(request)
        default: throw .methodNotAllowed("\(request.kind.served)/\(name)")
        }
    }

    private static let success: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
    ]

    /// The body of a request that is about the object of the path, and says so.
    private func named(_ kind: String, in versions: [String], _ request: ResourceRequest) throws(APIFailure)
        -> JSONValue
    {
        let body = try BodyDecoding.object(request).value
        let stated = body["kind"]?.string ?? ""
        let version = body["apiVersion"]?.string ?? ""
        guard stated.isEmpty || stated == kind, version.isEmpty || versions.contains(version) else {
            throw .badRequest("no kind \"\(stated.prefix(64))\" is registered for version \"\(version.prefix(64))\"")
        }
        guard body.value(at: "metadata", "name")?.string == request.name else {
            throw .badRequest("name in URL does not match name in \(kind) object")
        }
        return body
    }

    /// A deletion that asks politely; no disruption budget is consulted.
    private func evict(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request)
        let body = try named("Eviction", in: ["policy/v1", "policy/v1beta1"], request)
        guard let object = store.object(request.resource, request.key).map(APIObject.init) else {
            throw request.notFound()
        }
        var deletion = DeleteOptions()
        deletion.gracePeriod = body.value(at: "deleteOptions", "gracePeriodSeconds")?.integer
        deletion.uid = body.value(at: "deleteOptions", "preconditions", "uid")?.string
        let isDryRun =
            options.isDryRun || body.value(at: "deleteOptions", "dryRun")?.array?.contains("All") == true
        try check(deletion, object, request)
        if !isDryRun { delete(request.kind, request.key, deletion, now: request.now) }
        return Self.json(201, Self.success)
    }

    /// What a scheduler does: writes the node's name into the pod.
    private func bind(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request)
        let body = try named("Binding", in: ["v1"], request)
        let kind = body.value(at: "target", "kind")?.string ?? ""
        guard kind.isEmpty || kind == "Node" else {
            let error = FieldError.notSupported("target.kind", .string(kind), supported: ["Node", "<empty>"])
            throw APIFailure(500, "", error.description)
        }
        guard let node = body.value(at: "target", "name")?.string, !node.isEmpty else {
            throw APIFailure(500, "", FieldError.required("target.name").description)
        }
        guard let old = store.object(request.resource, request.key) else { throw request.notFound() }
        if let bound = old.value(at: "spec", "nodeName")?.string, !bound.isEmpty {
            throw .conflict(
                GroupResource("", "pods/binding"),
                request.name,
                "pod \(request.name) is already assigned to node \"\(bound)\""
            )
        }
        var object = old
        object.set(path: ["spec", "nodeName"], .string(node))
        for (key, value) in body.value(at: "metadata", "annotations")?.object ?? [:] {
            object.set(path: ["metadata", "annotations", key], value)
        }
        if !options.isDryRun { commit(object, request) }
        return Self.json(201, Self.success)
    }

    private func scale(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        let paths =
            request.kind.custom?.scale
            ?? ScalePaths(specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: nil)
        func path(_ text: String) -> [String] { text.split(separator: ".").map(String.init) }
        guard let old = store.object(request.resource, request.key) else { throw request.notFound() }
        var object = old
        if request.request.method != .get {
            let options = try WriteOptions(request)
            let body = try BodyDecoding.json(request.request.body ?? [], what: request.kind).value
            let replicas: Int64?
            if request.contentType == "application/json-patch+json" {
                let current = Self.scale(of: old, paths)
                guard let patched = try? JSONPatch(body).apply(to: current) else {
                    throw .badRequest("the patch cannot be applied")
                }
                replicas = patched.value(at: "spec", "replicas")?.integer
            } else {
                replicas = body.value(at: "spec", "replicas")?.integer
            }
            guard let replicas, replicas >= 0 else { throw .badRequest("spec.replicas must be a number, not negative") }
            object.set(path: path(paths.specReplicas), .integer(replicas))
            var main = request
            main.subresource = ""
            object = try update(object, old: old, main, options)
        }
        return Self.json(200, Self.scale(of: object, paths))
    }

    private static func scale(of object: JSONValue, _ paths: ScalePaths) -> JSONValue {
        func value(_ text: String) -> JSONValue? { object.value(path: text.split(separator: ".").map(String.init)) }
        var metadata: [String: JSONValue] = [:]
        for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[field] = object["metadata"]?[field]
        }
        var status: [String: JSONValue] = ["replicas": value(paths.statusReplicas) ?? 0]
        if let selector = paths.selector.flatMap(value) { status["selector"] = selector }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": ["replicas": value(paths.specReplicas) ?? 0], "status": .object(status),
        ]
    }
}
