internal import JSONModel

/// What an update of a pod may change of its spec (`ValidatePodUpdate` in `pkg/apis/core/validation`).
enum PodUpdateValidation {
    private static let rule =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

    /// The mistakes of an update of the pod itself; a write of its status leaves the spec as it is.
    static func errors(_ pod: JSONValue, old: JSONValue) -> [FieldError] {
        let before = plain(old["spec"] ?? [:])
        let after = plain(pod["spec"] ?? [:])
        guard after != before else { return [] }
        let counted = ["containers", "initContainers"].filter { after[$0]?.array?.count != before[$0]?.array?.count }
        guard counted.isEmpty else {
            return counted.map { .forbidden("spec.\($0)", "pod updates may not add or remove containers") }
        }
        let errors = deadline(after, before) + gates(after, before) + tolerations(after, before)
        guard errors.isEmpty, restored(after, from: before) != before else { return errors }
        return [.forbidden("spec", rule)]
    }

    /// Without what Go leaves out when it writes: `null` and empty lists.
    private static func plain(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(members.filter { !$0.value.isNull && $0.value != [] }.mapValues(plain))
        case .array(let elements): .array(elements.map(plain))
        default: value
        }
    }

    /// A deadline can be set, and made shorter.
    private static func deadline(_ spec: JSONValue, _ old: JSONValue) -> [FieldError] {
        let field = "spec.activeDeadlineSeconds"
        guard let before = old["activeDeadlineSeconds"]?.integer else { return [] }
        guard let after = spec["activeDeadlineSeconds"]?.integer else {
            return [.invalid(field, .null, "must not update from a positive integer to nil value")]
        }
        return after > before ? [.invalid(field, .integer(after), "must be less than or equal to previous value")] : []
    }

    /// A gate can be taken away, never put up.
    private static func gates(_ spec: JSONValue, _ old: JSONValue) -> [FieldError] {
        let before = (old["schedulingGates"]?.array ?? []).compactMap { $0["name"]?.string }
        return (spec["schedulingGates"]?.array ?? []).enumerated().compactMap { index, gate -> FieldError? in
            guard let name = gate["name"]?.string, !before.contains(name) else { return nil }
            return .forbidden(
                "spec.schedulingGates[\(index)].name",
                "only deletion is allowed, but found new scheduling gate '\(name)'"
            )
        }
    }

    /// Tolerations can be added; of those that are there, only the time changes.
    private static func tolerations(_ spec: JSONValue, _ old: JSONValue) -> [FieldError] {
        func untimed(_ spec: JSONValue) -> [JSONValue] {
            (spec["tolerations"]?.array ?? []).map { toleration in
                var toleration = toleration
                toleration.set("tolerationSeconds", nil)
                return toleration
            }
        }
        let after = untimed(spec)
        guard untimed(old).contains(where: { !after.contains($0) }) else { return [] }
        return [.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")]
    }

    /// The new spec with what an update may change put back.
    private static func restored(_ spec: JSONValue, from old: JSONValue) -> JSONValue {
        var result = spec
        var free = ["activeDeadlineSeconds", "tolerations", "schedulingGates"]
        // Where a pod may run can be narrowed until it is let go.
        if old["schedulingGates"] != nil { free += ["nodeSelector", "affinity"] }
        for field in free { result.set(field, old[field]) }
        let grace = old["terminationGracePeriodSeconds"]
        if grace?.integer ?? 0 < 0, spec["terminationGracePeriodSeconds"]?.integer == 1 {
            result.set("terminationGracePeriodSeconds", grace)
        }
        for list in ["containers", "initContainers"] {
            guard let after = spec[list]?.array, let before = old[list]?.array else { continue }
            let containers = zip(after, before).map { new, old -> JSONValue in
                var container = new
                container.set("image", old["image"])
                return container
            }
            result.set(list, .array(containers))
        }
        return result
    }
}
