internal import JSONModel

/// The validation of built-in kinds that controllers meet in practice.
enum BuiltinValidation {
    static func errors(_ object: JSONValue, old: JSONValue?, _ kind: ResourceKind) -> [FieldError] {
        switch kind.stored {
        case .events: EventValidation.errors(object, old: old, kind)
        case .leases: lease(object)
        case .pods: pod(object, old: old)
        case .namespaces: namespace(object)
        case .customResourceDefinitions: CustomResourceDefinition.errors(object, old: old)
        case .secrets: data(object, old: old) + SecretValidation.errors(object)
        case .configMaps: data(object, old: old)
        case .roles, .clusterRoles, .roleBindings, .clusterRoleBindings: RoleValidation.errors(object, old: old, kind)
        default: []
        }
    }

    private static func lease(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        let spec = object["spec"]
        if let seconds = spec?["leaseDurationSeconds"]?.integer, seconds <= 0 {
            errors.append(.invalid("spec.leaseDurationSeconds", .integer(seconds), "must be greater than 0"))
        }
        if let count = spec?["leaseTransitions"]?.integer, count < 0 {
            errors.append(.invalid("spec.leaseTransitions", .integer(count), "must be greater than or equal to 0"))
        }
        return errors
    }

    private static func namespace(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        for finalizer in object.value(at: "spec", "finalizers")?.array ?? [] {
            let name = finalizer.string ?? ""
            if name == "kubernetes" || (name.contains("/") && NameRules.isQualifiedName(name)) { continue }
            errors.append(
                .invalid(
                    "spec.finalizers",
                    finalizer,
                    "name is neither a standard finalizer name nor is it fully qualified"
                )
            )
        }
        let isDeleting = APIObject(object).isDeleting
        let phase = object.value(at: "status", "phase") ?? .null
        if phase != (isDeleting ? "Terminating" : "Active"), !phase.isNull {
            let why =
                isDeleting
                ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
                : "may only be 'Active' if `deletionTimestamp` is empty"
            errors.append(.invalid("status.Phase", phase, why))
        }
        return errors
    }

    private static func pod(_ object: JSONValue, old: JSONValue?) -> [FieldError] {
        var errors: [FieldError] = []
        let containers = object.value(at: "spec", "containers")?.array ?? []
        if containers.isEmpty { errors.append(.required("spec.containers")) }
        for (index, container) in containers.enumerated() {
            if container["name"]?.string?.isEmpty ?? true { errors.append(.required("spec.containers[\(index)].name")) }
            if container["image"]?.string?.isEmpty ?? true {
                errors.append(.required("spec.containers[\(index)].image"))
            }
        }
        // Most updates are of the status, and leave the spec as it is.
        if let old, object["spec"] != old["spec"] {
            // A pod that was loaded as it stands lacks what every other got when it was made.
            let filled = PodDefaults.admit(PodDefaults.apply(to: old))
            errors += PodUpdateValidation.errors(object, old: filled)
        }
        return errors
    }

    /// Secrets and ConfigMaps: keys, size, immutability.
    private static func data(_ object: JSONValue, old: JSONValue?) -> [FieldError] {
        var errors: [FieldError] = []
        var total = 0
        for member in ["data", "binaryData"] {
            for (key, value) in (object[member]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                total += value.string?.utf8.count ?? 0
                let isValid =
                    (1...253).contains(key.utf8.count) && key != "." && !key.hasPrefix("..")
                    && key.utf8.allSatisfy {
                        NameRules.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                            || $0 == UInt8(ascii: ".")
                    }
                if !isValid {
                    errors.append(
                        .invalid(
                            "\(member)[\(key)]",
                            .string(key),
                            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
                                + "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
                                + "regex used for validation is '[-._a-zA-Z0-9]+')"
                        )
                    )
                }
            }
        }
        for key in (object["data"]?.object ?? [:]).keys.sorted() where object["binaryData"]?[key] != nil {
            errors.append(.invalid("data[\(key)]", .string(key), "duplicate of key present in binaryData"))
        }
        if total > 1_048_576 {
            errors.append(
                FieldError(kind: .tooLong, field: "data", message: "Too long: may not be more than 1048576 bytes")
            )
        }
        if old?["immutable"]?.bool == true {
            if object["immutable"]?.bool != true {
                errors.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
            }
            for member in ["data", "binaryData"] where object[member] != old?[member] {
                errors.append(.forbidden(member, "field is immutable when `immutable` is set"))
            }
        }
        if let type = old?["type"], object["type"] != type {
            errors.append(.invalid("type", object["type"] ?? "", "field is immutable"))
        }
        return errors
    }
}

/// Events: the looser rules of core/v1 and the strict ones of events.k8s.io/v1 (kubernetes.md §5.1).
enum EventValidation {
    static func errors(_ event: JSONValue, old: JSONValue?, _ kind: ResourceKind) -> [FieldError] {
        let isStrict = kind.served.group == "events.k8s.io"
        if let old { return isStrict ? immutable(event, old) + series(event) : [] }
        var errors = legacy(event, controllerField: isStrict ? "reportingController" : "reportingComponent")
        guard isStrict else { return errors }
        errors += series(event)
        if event["eventTime"]?.string == nil { errors.append(.required("eventTime")) }
        let type = event["type"]?.string ?? ""
        if type != "Normal", type != "Warning" { errors.append(.invalid("type", "", "has invalid value: \(type)")) }
        for field in ["firstTimestamp", "lastTimestamp"] where event[field]?.string != nil {
            errors.append(.invalid(field, "", "needs to be unset"))
        }
        if let count = event["count"]?.integer, count != 0 { errors.append(.invalid("count", "", "needs to be unset")) }
        if event["source"]?.object?.values.contains(where: { $0.string?.isEmpty == false }) == true {
            errors.append(.invalid("source", "", "needs to be unset"))
        }
        return errors
    }

    private static func legacy(_ event: JSONValue, controllerField: String) -> [FieldError] {
        var errors: [FieldError] = []
        let namespace = event.value(at: "metadata", "namespace")?.string ?? ""
        let regarding = event.value(at: "involvedObject", "namespace")?.string ?? ""
        if regarding.isEmpty {
            if namespace != "default", namespace != "kube-system" {
                errors.append(
                    .invalid("involvedObject.namespace", .string(regarding), "does not match event.namespace")
                )
            }
        } else if regarding != namespace {
            errors.append(.invalid("involvedObject.namespace", .string(regarding), "does not match event.namespace"))
        }
        guard event["eventTime"]?.string != nil else { return errors }
        let controller = event["reportingComponent"]?.string ?? ""
        if controller.isEmpty {
            errors.append(.required(controllerField))
        } else if !NameRules.isQualifiedName(controller) {
            errors.append(.invalid(controllerField, .string(controller), NameRules.qualifiedRule))
        }
        for field in ["reportingInstance", "action", "reason"] {
            let text = event[field]?.string ?? ""
            if text.isEmpty { errors.append(.required(field)) }
            if text.utf8.count > 128 { errors.append(.invalid(field, "", "can have at most 128 characters")) }
        }
        if (event["message"]?.string ?? "").utf8.count > 1024 {
            errors.append(.invalid("message", "", "can have at most 1024 characters"))
        }
        return errors
    }

    private static func series(_ event: JSONValue) -> [FieldError] {
        guard let series = event["series"], !series.isNull else { return [] }
        var errors: [FieldError] = []
        if series["count"]?.integer ?? 0 < 2 { errors.append(.invalid("series.count", "", "should be at least 2")) }
        if series["lastObservedTime"]?.string == nil { errors.append(.required("series.lastObservedTime")) }
        return errors
    }

    private static let fixed = [
        "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type",
        "eventTime",
        "action", "related", "reportingComponent", "reportingInstance",
    ]

    private static func immutable(_ event: JSONValue, _ old: JSONValue) -> [FieldError] {
        fixed.compactMap { field in
            event[field] == old[field] ? nil : .invalid(field, event[field] ?? .null, "field is immutable")
        }
    }
}
