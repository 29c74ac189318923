internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    func create(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        if let review = try review(request) { return Self.json(201, review) }
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
        let created = try create(object, request: &request, options)
        return try answer(201, created, request)
    }

    /// Creates a decoded object; used by POST, and by PUT and apply of what is not there.
    func create(
        _ body: JSONValue,
        request: inout ResourceRequest,
        _ options: WriteOptions,
        _ applied: AppliedConfiguration? = nil
    ) throws(APIFailure) -> JSONValue {
        let kind = request.kind
        var object = try storedForm(body, kind)
        try setIdentity(&object, &request)
        try checkNamespace(request)
        try checkDefinition(request)
        try authorizeCreation(request)
        object = try prepared(object, old: nil, request, options)
        try preventEscalation(object, old: nil, request)
        object = try owned(object, old: nil, request, options, applied)
        if kind.custom == nil { object = BuiltinDefaults.admit(object, old: nil, kind) }
        let errors = validate(object, old: nil, kind, subresource: "")
        guard errors.isEmpty else {
            throw .invalid(kind: kind.kind, group: errorGroup(kind), name: request.name, errors)
        }
        // A PUT or an apply may name a version that is gone; a POST may not (storage `ErrResourceVersionSetOnCreate`).
        if request.request.method == .post, UInt64(APIObject(body).resourceVersion) ?? 0 != 0 {
            throw APIFailure(500, "", "resourceVersion should not be set on objects to be created")
        }
        if let present = store.object(request.resource, request.key) {
            throw .alreadyExists(kind.served, request.name, isDeleting: APIObject(present).isDeleting)
        }
        try checkSize(object, request)
        if options.isDryRun { return object }
        return commit(object, request)
    }

    /// etcd takes no more than 1.5 MiB; only a large body, or a JSON patch that copies, makes an object that large.
    func checkSize(_ object: JSONValue, _ request: ResourceRequest) throws(APIFailure) {
        let isSmall = request.request.body?.count ?? 0 < 262_144
        if isSmall, request.contentType != "application/json-patch+json" { return }
        guard JSONSerializer().bytes(object).count > 1_572_864 else { return }
        throw APIFailure(500, "", "etcdserver: request is too large")
    }

    /// The error bodies of events name no group.
    func errorGroup(_ kind: ResourceKind) -> String { kind.stored == .events ? "" : kind.served.group }

    /// The object as it is stored: events in core/v1 form, built-in times checked.
    func storedForm(_ object: JSONValue, _ kind: ResourceKind) throws(APIFailure) -> JSONValue {
        var object = kind.custom == nil ? BuiltinFields.pruned(object, kind) : object
        if kind.served.group == "events.k8s.io" { object = EventConversion.coreV1(object) }
        if kind.custom == nil {
            try BuiltinDecoding.check(object, kind)
            object = BuiltinDecoding.normalised(object, kind)
        }
        object.set("apiVersion", .string(kind.stored == .events ? "v1" : kind.groupVersion))
        object.set("kind", .string(kind.kind))
        return object
    }

    private func setIdentity(_ object: inout JSONValue, _ request: inout ResourceRequest) throws(APIFailure) {
        let kind = request.kind
        var wrapped = APIObject(object)
        if kind.isNamespaced {
            try request.checkNamespace(of: wrapped)
            wrapped.setMetadata("namespace", .string(request.namespace))
        } else {
            wrapped.setMetadata("namespace", nil)
        }
        if request.name.isEmpty {
            request.name = wrapped.name
            if request.name.isEmpty, let prefix = wrapped.metadata["generateName"]?.string, !prefix.isEmpty {
                request.name = ObjectIdentity.name(from: prefix)
            }
        } else if !wrapped.name.isEmpty, wrapped.name != request.name {
            throw .badRequest(
                "the name of the object (\(wrapped.name)) does not match the name on the URL (\(request.name))"
            )
        }
        guard !request.name.isEmpty else {
            throw .invalid(
                kind: kind.kind,
                group: kind.served.group,
                name: "",
                [.required("metadata.name", "name or generateName is required")]
            )
        }
        wrapped.setMetadata("name", .string(request.name))
        wrapped.setMetadata("uid", .string(ObjectIdentity.uid()))
        wrapped.setMetadata("creationTimestamp", .string(Timestamps.seconds(request.now)))
        wrapped.setMetadata("generation", kind.countsGeneration ? 1 : nil)
        for field in [
            "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields",
        ] {
            wrapped.setMetadata(field, nil)
        }
        object = wrapped.value
    }

    private func checkNamespace(_ request: ResourceRequest) throws(APIFailure) {
        guard request.kind.isNamespaced else { return }
        let key = ObjectKey(namespace: "", name: request.namespace)
        guard let namespace = store.object(.namespaces, key) else {
            throw .notFound(.namespaces, request.namespace)
        }
        guard APIObject(namespace).isDeleting else { return }
        throw .forbidden(
            request.kind.served,
            request.name,
            "unable to create new content in namespace \(request.namespace) because it is being terminated",
            cause: APIFailure.Cause(
                reason: "NamespaceTerminating",
                message: "namespace \(request.namespace) is being terminated",
                field: "metadata.namespace"
            )
        )
    }

    /// Nothing is made any more of a kind whose definition is being deleted (apiextensions `crdHandler`).
    private func checkDefinition(_ request: ResourceRequest) throws(APIFailure) {
        guard request.kind.custom != nil, request.request.method == .post else { return }
        let key = ObjectKey(namespace: "", name: request.kind.served.description)
        guard let crd = store.object(.customResourceDefinitions, key), APIObject(crd).isDeleting else { return }
        throw .forbidden(
            request.kind.served,
            request.name,
            "create not allowed while custom resource definition is terminating"
        )
    }

    /// Pruning, defaulting and the rules about `status`; `old` is `nil` on creation.
    func prepared(
        _ object: JSONValue,
        old: JSONValue?,
        _ request: ResourceRequest,
        _ options: WriteOptions
    ) throws(APIFailure) -> JSONValue {
        let kind = request.kind
        var object = object
        if let custom = kind.custom {
            object = SchemaPruning.prune(object, schema: custom.schema, isObject: true)
            object = SchemaPruning.dropNulls(object, schema: custom.schema)
            object = SchemaPruning.fillDefaults(object, schema: custom.schema)
            if kind.hasStatus, request.subresource.isEmpty {
                object.set("status", old?["status"])
                // What is read from etcd gets the schema's defaults again, those of the status with them.
                object = SchemaPruning.fillDefaults(object, schema: custom.schema)
            }
        } else {
            object = BuiltinDefaults.apply(to: object, old: old, kind, subresource: request.subresource)
        }
        return object
    }

    /// What is wrong with an object; on updates, what was wrong before and has not changed is tolerated.
    func validate(_ object: JSONValue, old: JSONValue?, _ kind: ResourceKind, subresource: String) -> [FieldError] {
        let errors = allErrors(object, old: old, kind, subresource)
        guard let old, !errors.isEmpty, kind.custom != nil else { return errors }
        let known = Set(allErrors(old, old: nil, kind, subresource))
        let remaining = errors.filter { !known.contains($0) || $0 == .expressionsNotChecked }
        return remaining == [.expressionsNotChecked] ? [] : remaining
    }

    private func allErrors(_ object: JSONValue, old: JSONValue?, _ kind: ResourceKind, _ subresource: String)
        -> [FieldError]
    {
        var errors = NameRules.errors(in: APIObject(object), kind: kind)
        if let old, APIObject(old).isDeleting {
            let added = APIObject(object).finalizers.filter { !APIObject(old).finalizers.contains($0) }
            if !added.isEmpty {
                let list = added.map { "\"\($0)\"" }.joined(separator: ", ")
                errors.append(
                    .forbidden(
                        "metadata.finalizers",
                        "no new finalizers can be added if the object is being deleted, found new finalizers "
                            + "[]string{\(list)}"
                    )
                )
            }
        }
        guard let schema = kind.custom?.schema else {
            return errors + BuiltinValidation.errors(object, old: old, kind)
        }
        var validator = SchemaValidator()
        validator.validate(object, against: schema, path: "")
        errors += validator.errors
        errors += ListUniqueness.errors(in: object, schema: schema, path: "")
        guard schema.hasRules else { return errors }
        if errors.contains(where: \.blocksExpressions) { return errors + [.expressionsNotChecked] }
        var rules = RuleEvaluation()
        rules.run(object, old: old, schema: schema, path: "", isRoot: true)
        return errors + rules.errors
    }

    /// Stores an object, tells the watches, and lets the controllers run.
    @discardableResult
    func commit(_ object: JSONValue, _ request: ResourceRequest) -> JSONValue {
        let change = store.put(object, in: request.resource, at: request.key)
        publish(change)
        if request.resource == .customResourceDefinitions { establish(request.name) }
        runControllers()
        return change.object
    }
}
