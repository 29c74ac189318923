internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    func replace(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request.request.query, userAgent: request.userAgent)
        let decoded = try BodyDecoding.object(request)
        var object = decoded.value
        try BodyDecoding.checkKind(object, request.kind)
        try BodyDecoding.report(
            decoded.problems + BodyDecoding.unknownFields(object, request.kind),
            options,
            &request
        )
        try BodyDecoding.cleanMetadata(&object, request.kind)
        object = try storedForm(object, request.kind)
        guard let old = store.object(request.resource, request.key) else {
            guard request.kind.served == .leases, request.subresource.isEmpty else { throw request.notFound() }
            return try answer(201, try create(object, request: &request, options), request)
        }
        let version = APIObject(object).resourceVersion
        if version.isEmpty, request.kind.custom != nil || request.kind.served == .leases {
            throw .invalid(
                kind: request.kind.kind,
                group: request.kind.served.group,
                name: request.name,
                [.invalid("metadata.resourceVersion", .integer(0), "must be specified for an update")]
            )
        }
        let updated = try update(object, old: old, request, options)
        return try answer(200, updated, request)
    }

    /// Brings a proposed object into effect over the old one.
    func update(
        _ proposed: JSONValue,
        old: JSONValue,
        _ request: ResourceRequest,
        _ options: WriteOptions,
        _ applied: AppliedConfiguration? = nil
    ) throws(APIFailure) -> JSONValue {
        let kind = request.kind
        var object = try merged(proposed, old: old, request)
        object = try prepared(object, old: old, request, options)
        try preventEscalation(object, old: old, request)
        object = try owned(object, old: old, request, options, applied)
        if kind.custom == nil { object = BuiltinDefaults.admit(object, old: old, kind) }
        object = counted(object, old: old, kind, request.subresource)
        let errors = validate(object, old: old, kind, subresource: request.subresource)
        guard errors.isEmpty else {
            throw .invalid(kind: kind.kind, group: errorGroup(kind), name: request.name, errors)
        }
        try checkSize(object, request)
        // What changes nothing is not written.
        if object == old || options.isDryRun { return object }
        let wrapped = APIObject(object)
        if wrapped.isDeleting, wrapped.finalizers.isEmpty, mayDisappear(object, request.resource) {
            remove(request.resource, request.key, lastState: object)
            return object
        }
        return commit(object, request)
    }

    /// Whether nothing but finalizers keeps a deleted object; a namespace is kept by what is in it.
    func mayDisappear(_ object: JSONValue, _ resource: GroupResource) -> Bool {
        guard resource == .namespaces else { return true }
        return object.value(at: "spec", "finalizers")?.array?.isEmpty ?? true
    }

    /// Takes from the old object what an update cannot change, and from the path what it must agree with.
    private func merged(_ proposed: JSONValue, old: JSONValue, _ request: ResourceRequest) throws(APIFailure)
        -> JSONValue
    {
        var object = APIObject(proposed)
        let before = APIObject(old)
        try checkIdentity(object, before, request)
        switch request.subresource {
        case "status":
            // Only the status is taken; the rest of what was sent is dropped silently.
            var result = old
            result.set("status", proposed["status"])
            return result
        case "finalize":
            var result = old
            let finalizers = proposed.value(at: "spec", "finalizers")?.array ?? []
            result.set(path: ["spec", "finalizers"], finalizers.isEmpty ? nil : .array(finalizers))
            return result
        default: break
        }
        for field in [
            "name", "namespace", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp",
            "deletionGracePeriodSeconds", "generation", "selfLink",
        ] {
            object.setMetadata(field, before.metadata[field])
        }
        // Only `finalize` lets go of what holds a namespace (core/namespace/strategy.go).
        if request.kind.served == .namespaces {
            object.value.set(path: ["spec", "finalizers"], old.value(at: "spec", "finalizers"))
        }
        // A client may replace the list of owners, or clear it with an empty one; saying nothing keeps it.
        if object.metadata["managedFields"]?.array == nil {
            object.setMetadata("managedFields", before.metadata["managedFields"])
        }
        return object.value
    }

    /// Names must be those of the path; a version or uid that is sent must be the present one.
    private func checkIdentity(
        _ object: APIObject,
        _ before: APIObject,
        _ request: ResourceRequest
    ) throws(APIFailure) {
        if !object.name.isEmpty, object.name != request.name {
            throw .badRequest(
                "the name of the object (\(object.name)) does not match the name on the URL (\(request.name))"
            )
        }
        if request.kind.isNamespaced, !object.namespace.isEmpty, object.namespace != request.namespace {
            throw .badRequest(
                "the namespace of the object (\(object.namespace)) does not match the namespace on the request "
                    + "(\(request.namespace))"
            )
        }
        if !object.resourceVersion.isEmpty, object.resourceVersion != before.resourceVersion {
            throw .conflict(request.kind.served, request.name)
        }
        if !object.uid.isEmpty, object.uid != before.uid {
            throw .conflict(
                request.kind.served,
                request.name,
                "Precondition failed: UID in precondition: \(object.uid), UID in object meta: \(before.uid)"
            )
        }
    }

    /// Counts the generation when anything outside metadata and status changed.
    private func counted(_ object: JSONValue, old: JSONValue, _ kind: ResourceKind, _ subresource: String) -> JSONValue
    {
        guard kind.countsGeneration, subresource != "status" else { return object }
        func spec(_ value: JSONValue) -> [String: JSONValue] {
            (value.object ?? [:]).filter {
                $0.key != "metadata" && !($0.key == "status" && (kind.hasStatus || kind.custom == nil))
            }
        }
        guard spec(object) != spec(old) else { return object }
        var result = APIObject(object)
        result.setMetadata("generation", .integer(APIObject(old).generation &+ 1))
        return result.value
    }

    /// Removes an object for good.
    func remove(_ resource: GroupResource, _ key: ObjectKey, lastState: JSONValue? = nil) {
        guard let change = store.remove(resource, key, lastState: lastState) else { return }
        publish(change)
        if resource == .customResourceDefinitions { retire(key.name) }
        runControllers()
    }
}
