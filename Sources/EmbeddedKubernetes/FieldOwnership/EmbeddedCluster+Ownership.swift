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

    /// The object with its managed fields brought up to date.
    ///
    /// Ownership is tracked for custom resources only.
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
        guard let schema = request.kind.custom?.schema else {
            result.setMetadata("managedFields", nil)
            return result.value
        }
        var fields = ManagedFields(result.metadata["managedFields"])
        let comparison = FieldComparison.compare(old, object, .root(schema))
        if let applied {
            let writer = writer(request, options, operation: "Apply")
            let conflicts = fields.conflicts(writer, comparison)
            guard conflicts.isEmpty || applied.force else { throw ManagedFields.failure(conflicts) }
            fields.apply(writer, stated: applied.stated, comparison)
        } else {
            fields.update(writer(request, options, operation: "Update"), comparison)
        }
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
        let schema = request.kind.custom?.schema
        let stated = stated(configuration, request)
        var merged = ApplyMerge.merge(configuration, into: old, schema: schema)
        if let schema {
            let writer = writer(request, options, operation: "Apply")
            let fields = ManagedFields(old.value(at: "metadata", "managedFields"))
            let kept = stated.union(fields.fields(except: writer)).withContainers
            let dropped = fields.fields(of: writer).withContainers.subtracting(kept)
            merged = ApplyMerge.remove(dropped, from: merged, schema: schema)
        }
        return (merged, AppliedConfiguration(stated: stated, force: options.force))
    }

    /// The fields a configuration states, as far as the path lets it set them.
    func stated(_ configuration: JSONValue, _ request: ResourceRequest) -> FieldSet {
        guard let schema = request.kind.custom?.schema else { return FieldSet() }
        var own = configuration
        if request.subresource == "status" {
            own = ["status": configuration["status"] ?? [:]]
        } else if request.kind.hasStatus {
            own.set("status", nil)
        }
        return FieldComparison.stated(own, .root(schema))
    }
}
