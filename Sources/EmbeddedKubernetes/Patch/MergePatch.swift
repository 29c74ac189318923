internal import JSONModel

/// RFC 7386: objects merge, `null` deletes, everything else replaces.
enum MergePatch {
    static func apply(_ patch: JSONValue, to target: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = target.object ?? [:]
        for (name, change) in changes {
            if change.isNull {
                members.removeValue(forKey: name)
            } else if change.object != nil {
                members[name] = apply(change, to: members[name] ?? .object([:]))
            } else {
                members[name] = change
            }
        }
        return .object(members)
    }
}
