internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

/// What an apply states, carried to where the object is written.
struct AppliedConfiguration: Sendable {
    var stated: FieldSet
    var force: Bool
}

extension EmbeddedCluster {
    private func writer(_ request: ResourceRequest, _ options: WriteOptions, operation: String) -> ManagedFields.Entry {
        ManagedFields.Entry(
            manager: options.fieldManager,
            operation: operation,
            apiVersion: request.kind.groupVersion,
            subresource: request.subresource,
            time: Timestamps.seconds(request.now),
            fields: FieldSet()
        )
    }

    /// How the fields of a kind are owned.
    private static func shape(_ kind: ResourceKind) -> StructuralSchema {
        kind.custom?.schema ?? BuiltinShapes.shape(kind)
    }

    /// The object in the form of the kind it was asked for under: both event APIs share one store.
    private static func shown(_ object: JSONValue, _ kind: ResourceKind) -> JSONValue {
        kind.served.group == "events.k8s.io" ? EventConversion.eventsV1(object) : object
    }

    private static func compare(
        _ old: JSONValue?,
        _ new: JSONValue,
        _ kind: ResourceKind,
        subresource: String
    ) -> FieldComparison {
        if kind.custom != nil {
            guard kind.hasStatus, subresource.isEmpty else { return .compare(old, new, .root(shape(kind))) }
            // The main path takes no status, and who writes there comes to own none, defaults included.
            var after = new
            after.set("status", old?["status"])
            return .compare(old, after, .root(shape(kind)))
        }
        let before = BuiltinShapes.completed(old.map { shown($0, kind) }, kind)
        var after = BuiltinShapes.completed(shown(new, kind), kind)
        // What the main path cannot set, its writers do not come to own.
        if kind.hasStatus, subresource.isEmpty { after.set("status", before["status"]) }
        return .compare(before, after, .root(shape(kind)))
    }

    /// The object with its managed fields brought up to date.
    ///
    /// - Throws: a 409 ``APIFailure`` when an apply takes fields from others without force.
    func owned(
        _ object: JSONValue,
        old: JSONValue?,
        _ request: ResourceRequest,
        _ options: WriteOptions,
        _ applied: AppliedConfiguration?
    ) throws(APIFailure) -> JSONValue {
        var result = APIObject(object)
        var fields = ManagedFields(result.metadata["managedFields"])
        let comparison = Self.compare(old, object, request.kind, subresource: request.subresource)
        if let applied {
            let writer = writer(request, options, operation: "Apply")
            var conflicts = fields.conflicts(writer, comparison)
            if !conflicts.isEmpty, let old, writer.manager == "kubectl" {
                let own = lastApplied(old, request)
                conflicts.removeAll { own.contains($0.path) }
            }
            guard conflicts.isEmpty || applied.force else { throw ManagedFields.failure(conflicts) }
            fields.apply(writer, stated: applied.stated, comparison)
        } else {
            fields.update(writer(request, options, operation: "Update"), comparison)
        }
        result.setMetadata("managedFields", fields.json)
        return result.value
    }

    /// The fields that `kubectl apply` stated last, by the annotation it leaves.
    ///
    /// When it goes over to applying on the server, these are its own (managedfields/internal/lastappliedmanager.go).
    private func lastApplied(_ object: JSONValue, _ request: ResourceRequest) -> Set<String> {
        let annotation = "kubectl.kubernetes.io/last-applied-configuration"
        guard let text = object.value(at: "metadata", "annotations", annotation)?.string,
            let configuration = try? JSONParser().parse(Array(text.utf8))
        else { return [] }
        return Set(stated(configuration, request).paths())
    }

    /// An object as one of the cluster's own parts writes it: the status under its name.
    func owned(_ object: JSONValue, old: JSONValue, _ kind: ResourceKind, byStatusWriter manager: String) -> JSONValue {
        var result = APIObject(object)
        var fields = ManagedFields(result.metadata["managedFields"])
        let writer = ManagedFields.Entry(
            manager: manager,
            operation: "Update",
            apiVersion: kind.groupVersion,
            subresource: "status",
            time: Timestamps.seconds(configuration.now()),
            fields: FieldSet()
        )
        fields.update(writer, Self.compare(old, object, kind, subresource: "status"))
        result.setMetadata("managedFields", fields.json)
        return result.value
    }

    /// The live object with an applied configuration merged in, and what it states.
    func merge(
        _ configuration: JSONValue,
        into old: JSONValue,
        _ request: ResourceRequest,
        _ options: WriteOptions
    ) -> (object: JSONValue, applied: AppliedConfiguration) {
        let kind = request.kind
        let schema = Self.shape(kind)
        let stated = stated(configuration, request)
        var merged = ApplyMerge.merge(Self.shown(configuration, kind), into: Self.shown(old, kind), schema: schema)
        let writer = writer(request, options, operation: "Apply")
        let fields = ManagedFields(old.value(at: "metadata", "managedFields"))
        let kept = stated.union(fields.fields(except: writer)).withContainers
        let dropped = fields.fields(of: writer).withContainers.subtracting(kept)
        merged = ApplyMerge.remove(dropped, from: merged, schema: schema)
        if kind.served.group == "events.k8s.io" { merged = EventConversion.coreV1(merged) }
        return (merged, AppliedConfiguration(stated: stated, force: options.force))
    }

    /// The fields a configuration states, as far as the path lets it set them.
    func stated(_ configuration: JSONValue, _ request: ResourceRequest) -> FieldSet {
        var own = Self.shown(configuration, request.kind)
        if request.subresource == "status" {
            own = ["status": configuration["status"] ?? [:]]
        } else if request.kind.hasStatus {
            own.set("status", nil)
        }
        return FieldComparison.stated(own, .root(Self.shape(request.kind)))
    }
}
