internal import JSONModel

/// What the finalizers and owners of an object must be (apimachinery `ValidateObjectMeta`).
enum MetadataRules {
    static func errors(in object: APIObject, kind: ResourceKind) -> [FieldError] {
        finalizers(object.finalizers, kind) + owners(object.metadata["ownerReferences"])
    }

    private static let standardFinalizers: Set<String> = ["kubernetes", "orphan", "foregroundDeletion"]

    /// Whether the kind is validated with core's `ValidateFinalizerName`; others merely warn.
    private static func insists(_ kind: ResourceKind) -> Bool {
        guard kind.custom == nil, kind.stored != .events else { return false }
        return ["", "apps", "batch", "networking.k8s.io", GroupResource.roles.group].contains(kind.served.group)
    }

    private static func finalizers(_ finalizers: [String], _ kind: ResourceKind) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, finalizer) in finalizers.enumerated() {
            if !NameRules.isQualifiedName(finalizer) {
                errors.append(.invalid("metadata.finalizers", .string(finalizer), NameRules.qualifiedRule))
            } else if insists(kind), !finalizer.contains("/"), !standardFinalizers.contains(finalizer) {
                errors.append(
                    .invalid(
                        "metadata.finalizers[\(index)]",
                        .string(finalizer),
                        "name is neither a standard finalizer name nor is it fully qualified"
                    )
                )
            }
        }
        if finalizers.contains("orphan"), finalizers.contains("foregroundDeletion") {
            errors.append(
                .invalid(
                    "metadata.finalizers",
                    .array(finalizers.map(JSONValue.string)),
                    "finalizer orphan and foregroundDeletion cannot be both set"
                )
            )
        }
        return errors
    }

    private static func owners(_ references: JSONValue?) -> [FieldError] {
        let field = "metadata.ownerReferences"
        let owners = references?.array ?? []
        var errors = owners.flatMap { owner($0, field) }
        let controllers = owners.filter { $0["controller"]?.bool == true }
        if controllers.count > 1 {
            let names = controllers.prefix(2).map { "\($0["kind"]?.string ?? "")/\($0["name"]?.string ?? "")" }
            errors.append(
                .invalid(
                    field,
                    .array(owners),
                    "Only one reference can have Controller set to true. Found \"true\" in references for "
                        + names.joined(separator: " and ")
                )
            )
        }
        return errors
    }

    private static func owner(_ owner: JSONValue, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let version = owner["apiVersion"]?.string ?? ""
        if version.isEmpty || version.split(separator: "/", omittingEmptySubsequences: false).count > 2 {
            errors.append(.invalid("\(field).apiVersion", .string(version), "version must not be empty"))
        }
        for member in ["kind", "name", "uid"] where owner[member]?.string?.isEmpty ?? true {
            errors.append(.invalid("\(field).\(member)", "", "must not be empty"))
        }
        if version == "v1", owner["kind"]?.string == "Event" {
            errors.append(.invalid(field, owner, "/v1, Kind=Event is disallowed from being an owner"))
        }
        return errors
    }
}
