internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    func delete(_ request: ResourceRequest) throws(APIFailure) -> APIResponse {
        let options = try DeleteOptions(request)
        guard let object = store.object(request.resource, request.key) else { throw request.notFound() }
        try check(options, APIObject(object), request)
        if request.resource == .namespaces, ["default", "kube-system", "kube-public"].contains(request.name) {
            throw .forbidden(.namespaces, request.name, "this namespace may not be deleted")
        }
        guard let left = delete(request.kind, request.key, options, now: request.now) else {
            // Kinds that other controllers look after show what is gone (registry `ReturnDeletedObject`).
            if Self.shownWhenDeleted.contains(request.resource) { return try answer(200, object, request) }
            return Self.json(200, Self.success(request, APIObject(object).uid))
        }
        return try answer(200, left, request)
    }

    private static let shownWhenDeleted: Set<GroupResource> = [
        .serviceAccounts, GroupResource("", "services"), GroupResource("", "resourcequotas"),
        GroupResource("", "podtemplates"), GroupResource("", "persistentvolumes"),
        GroupResource("", "persistentvolumeclaims"),
    ]

    func check(_ options: DeleteOptions, _ object: APIObject, _ request: ResourceRequest) throws(APIFailure) {
        // `rest.BeforeDelete` names the kind here, not the resource.
        let what = GroupResource(request.kind.served.group, request.kind.kind)
        if let uid = options.uid, uid != object.uid {
            throw .conflict(
                what,
                request.name,
                "the UID in the precondition (\(uid)) does not match the UID in record (\(object.uid)). "
                    + "The object might have been deleted and then recreated"
            )
        }
        if let version = options.resourceVersion, version != object.resourceVersion {
            throw .conflict(
                what,
                request.name,
                "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
                    + "(\(object.resourceVersion)). The object might have been modified"
            )
        }
    }

    private static func success(_ request: ResourceRequest, _ uid: String) -> JSONValue {
        var details: [String: JSONValue] = [
            "name": .string(request.name), "kind": .string(request.kind.served.resource), "uid": .string(uid),
        ]
        if !request.kind.served.group.isEmpty { details["group"] = .string(request.kind.served.group) }
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": .object(details),
        ]
    }

    /// Deletes an object, or marks it when finalizers hold it.
    ///
    /// - Returns: the object that the answer shows, or `nil` when the answer is a plain success.
    @discardableResult
    func delete(_ kind: ResourceKind, _ key: ObjectKey, _ options: DeleteOptions?, now: Date) -> JSONValue? {
        guard let old = store.object(kind.stored, key) else { return nil }
        var object = APIObject(old)
        var finalizers = object.finalizers
        switch options?.propagation {
        case .foreground: if !finalizers.contains("foregroundDeletion") { finalizers.append("foregroundDeletion") }
        case .orphan: if !finalizers.contains("orphan") { finalizers.append("orphan") }
        default: break
        }
        if kind.served == .customResourceDefinitions, !finalizers.contains(Self.crdFinalizer) {
            finalizers.append(Self.crdFinalizer)
        }
        object.finalizers = finalizers
        let grace = gracePeriod(object, kind, options)
        mark(&object, kind, now, grace: grace)
        let isHeld = !finalizers.isEmpty || kind.served == .namespaces || grace > 0
        // What is only tried is shown as it would be, and stays as it is.
        if options?.isDryRun == true { return isHeld || kind.stored == .pods ? object.value : nil }
        // A pod is seen to terminate, though no kubelet makes it wait.
        guard isHeld || kind.stored == .pods else {
            remove(kind.stored, key)
            return nil
        }
        if object.value == old { return old }
        let change = store.put(object.value, in: kind.stored, at: key)
        publish(change)
        if !isHeld { remove(kind.stored, key, lastState: change.object) }
        if kind.served == .customResourceDefinitions { finishDeletion(of: key.name) }
        runControllers()
        return change.object
    }

    /// How long a pod may take to end, in seconds; 0 for everything else, and where nobody waits for it.
    private func gracePeriod(_ object: APIObject, _ kind: ResourceKind, _ options: DeleteOptions?) -> Int64 {
        guard configuration.deletesPodsGracefully, kind.stored == .pods,
            object.value.value(at: "spec", "nodeName")?.string?.isEmpty == false,
            !["Succeeded", "Failed"].contains(object.value.value(at: "status", "phase")?.string ?? "")
        else { return 0 }
        let own = object.value.value(at: "spec", "terminationGracePeriodSeconds")?.integer ?? 30
        let wanted = min(max(options?.gracePeriod ?? own, 0), 86_400)
        // A deletion under way can be shortened, and not made longer.
        guard object.isDeleting, let running = object.metadata["deletionGracePeriodSeconds"]?.integer else {
            return wanted
        }
        return options?.gracePeriod == nil ? running : min(running, wanted)
    }

    private func mark(_ object: inout APIObject, _ kind: ResourceKind, _ now: Date, grace: Int64) {
        if object.isDeleting {
            guard kind.stored == .pods, let running = object.metadata["deletionGracePeriodSeconds"]?.integer,
                grace < running, let end = object.metadata["deletionTimestamp"]?.string.flatMap(Timestamps.parse)
            else { return }
            let sooner = end.addingTimeInterval(Double(grace - running))
            object.setMetadata("deletionTimestamp", .string(Timestamps.seconds(sooner)))
            object.setMetadata("deletionGracePeriodSeconds", .integer(grace))
            return
        }
        object.setMetadata(
            "deletionTimestamp",
            .string(Timestamps.seconds(now.addingTimeInterval(Double(grace))))
        )
        if kind.served == .namespaces {
            object.value.set(path: ["status", "phase"], "Terminating")
        } else if kind.served == .customResourceDefinitions {
            object.value = CustomResourceDefinition.terminating(object.value, at: Timestamps.seconds(now))
        } else {
            object.setMetadata("deletionGracePeriodSeconds", .integer(grace))
            if kind.countsGeneration { object.setMetadata("generation", .integer(object.generation &+ 1)) }
        }
    }

    func deleteCollection(_ request: ResourceRequest) throws(APIFailure) -> APIResponse {
        guard request.kind.verbs.contains("deletecollection") else {
            throw .methodNotAllowed(request.kind.served.description)
        }
        let options = try DeleteOptions(request)
        // The parameters of a list are read, though nothing is paged here.
        _ = try listOptions(request)
        let filter = try filter(request)
        let state = store.snapshot(request.resource)
        var deleted: [StoredObject] = []
        for key in state.keys where filter.matchesNamespace(key.namespace) {
            guard let object = state.objects[key], filter.matches(object) else { continue }
            if !options.isDryRun { delete(request.kind, key, options, now: request.now) }
            deleted.append(object)
        }
        let renderer = ObjectRenderer(kind: request.kind, representation: .object)
        let metadata: [String: JSONValue] = ["resourceVersion": .string(String(store.revision))]
        return Self.json(200, body: renderer.list(deleted, metadata: metadata, now: request.now))
    }
}
