internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    func replace(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request)
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
        try checkName(APIObject(object), request)
        guard let old = store.object(request.resource, request.key) else {
            guard request.kind.isCreatedByUpdates, request.subresource.isEmpty else { throw request.notFound() }
            let uid = APIObject(object).uid
            guard uid.isEmpty else {
                throw .conflict(
                    request.kind.served,
                    request.name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: "
                )
            }
            return try answer(201, try create(object, request: &request, options), request)
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
            var result = APIObject(old)
            result.value.set("status", proposed["status"])
            // The strategies of these restore the spec, and let the metadata pass.
            guard [.pods, .namespaces].contains(request.resource) else { return result.value }
            for field in ["labels", "annotations", "finalizers"] {
                result.setMetadata(field, object.metadata[field])
            }
            return result.value
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

    /// An update says whom it means, and says the same as the path (apiserver `handlers.checkName`).
    private func checkName(_ object: APIObject, _ request: ResourceRequest) throws(APIFailure) {
        if request.kind.isNamespaced { try request.checkNamespace(of: object) }
        guard !object.name.isEmpty else {
            throw .badRequest(
                "the name of the object (\(request.name) based on URL) was undeterminable: name must be provided"
            )
        }
        guard object.name == request.name else {
            throw .badRequest(
                "the name of the object (\(object.name)) does not match the name on the URL (\(request.name))"
            )
        }
    }

    /// Names must be those of the path; a version or uid that is sent must be the present one.
    private func checkIdentity(
        _ object: APIObject,
        _ before: APIObject,
        _ request: ResourceRequest
    ) throws(APIFailure) {
        try checkName(object, request)
        try checkVersion(object.resourceVersion, before, request)
        var errors: [FieldError] = []
        if !object.uid.isEmpty, object.uid != before.uid {
            // A PUT states its uid as a precondition; a patch would change it.
            guard request.request.method == .patch else {
                throw .conflict(
                    request.kind.served,
                    request.name,
                    "Precondition failed: UID in precondition: \(object.uid), UID in object meta: \(before.uid)"
                )
            }
            errors.append(.invalid("metadata.uid", .string(object.uid), "field is immutable"))
        }
        // Only a DELETE begins a deletion; writers of subresources change no times.
        for field in ["deletionTimestamp", "deletionGracePeriodSeconds"] where request.subresource.isEmpty {
            guard let new = object.metadata[field], new != before.metadata[field] else { continue }
            errors.append(.invalid("metadata.\(field)", new, "field is immutable"))
        }
        guard errors.isEmpty else {
            let kind = request.kind
            throw .invalid(kind: kind.kind, group: errorGroup(kind), name: request.name, errors)
        }
    }

    /// The version that an update replaces; none, or `0`, is any where the kind allows that (registry `Store.Update`).
    private func checkVersion(_ stated: String, _ before: APIObject, _ request: ResourceRequest) throws(APIFailure) {
        guard stated.isEmpty || UInt64(stated) != nil else {
            throw APIFailure(500, "", "strconv.ParseUint: parsing \"\(stated.prefix(64))\": invalid syntax")
        }
        if !stated.isEmpty, stated != "0" {
            guard stated == before.resourceVersion else { throw .conflict(request.kind.served, request.name) }
            return
        }
        guard !request.kind.allowsUnconditionalUpdates else { return }
        // The error names the resource where others name the kind.
        throw .invalid(
            kind: request.kind.served.resource,
            group: request.kind.served.group,
            name: request.name,
            [.invalid("metadata.resourceVersion", .integer(0), "must be specified for an update")]
        )
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
