internal import JSONModel

/// Strategic merge for built-in kinds: lists of objects with a known merge key merge by it; `$patch: delete`,
/// `$patch: replace`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…` and `$retainKeys` are understood.
enum StrategicMergePatch {
    /// The merge keys that occur in the kinds served here, by the list's field name.
    private static let mergeKeys: [String: String] = [
        "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "volumes": "name",
        "env": "name", "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name",
        "conditions": "type", "ownerReferences": "uid", "secrets": "name", "hostAliases": "ip",
        "topologySpreadConstraints": "topologyKey", "addresses": "type", "podIPs": "ip", "hostIPs": "ip",
        "readinessGates": "conditionType", "schedulingGates": "name", "resourceClaims": "name",
        "webhooks": "name", "images": "names",
    ]
    /// Lists of scalars that merge as sets.
    private static let sets: Set<String> = ["finalizers"]

    static func apply(_ patch: JSONValue, to target: JSONValue) -> JSONValue { merge(patch, target, parent: "") }

    private static func merge(_ patch: JSONValue, _ target: JSONValue, parent: String) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        if changes["$patch"]?.string == "replace" { return .object(changes.filter { $0.key != "$patch" }) }
        if changes["$patch"]?.string == "delete" { return [:] }
        var members = target.object ?? [:]
        if let retained = changes["$retainKeys"]?.array?.compactMap(\.string) {
            members = members.filter { retained.contains($0.key) }
        }
        for (name, change) in changes {
            if name.hasPrefix("$setElementOrder/") || name == "$retainKeys" { continue }
            if name.hasPrefix("$deleteFromPrimitiveList/") {
                let list = String(name.dropFirst("$deleteFromPrimitiveList/".count))
                let removed = change.array ?? []
                members[list] = .array((members[list]?.array ?? []).filter { !removed.contains($0) })
            } else if change.isNull {
                members.removeValue(forKey: name)
            } else if change.object != nil {
                members[name] = merge(change, members[name] ?? [:], parent: name)
            } else if let elements = change.array {
                members[name] = list(elements, into: members[name]?.array ?? [], name: name, parent: parent)
            } else {
                members[name] = change
            }
        }
        return .object(reordered(members, changes))
    }

    private static func key(_ name: String, parent: String) -> String? {
        // Container ports merge by containerPort, service ports by port.
        if name == "ports" { return parent == "spec" ? "port" : "containerPort" }
        return mergeKeys[name]
    }

    private static func list(_ changes: [JSONValue], into target: [JSONValue], name: String, parent: String)
        -> JSONValue
    {
        if sets.contains(name), changes.allSatisfy({ $0.string != nil }) {
            return .array(target + changes.filter { !target.contains($0) })
        }
        guard let key = key(name, parent: parent), changes.allSatisfy({ $0.object != nil }) else {
            return .array(changes)
        }
        var result = target
        var isReplaced = false
        for change in changes {
            if change["$patch"]?.string == "replace" {
                isReplaced = true
                continue
            }
            if isReplaced { continue }
            let wanted = change[key]
            let at = result.firstIndex { wanted != nil && $0[key] == wanted }
            if change["$patch"]?.string == "delete" {
                if let at { result.remove(at: at) }
            } else if let at {
                result[at] = merge(change, result[at], parent: name)
            } else {
                result.append(merge(change, [:], parent: name))
            }
        }
        return .array(isReplaced ? changes.filter { $0["$patch"] == nil } : result)
    }

    /// Applies `$setElementOrder/…`: listed elements in that order, others after them.
    private static func reordered(_ members: [String: JSONValue], _ changes: [String: JSONValue]) -> [String: JSONValue]
    {
        var result = members
        for (name, order) in changes where name.hasPrefix("$setElementOrder/") {
            let list = String(name.dropFirst("$setElementOrder/".count))
            guard let elements = result[list]?.array, let wanted = order.array else { continue }
            var rest = elements
            var sorted: [JSONValue] = []
            for entry in wanted {
                let found = rest.firstIndex { element in
                    guard let keys = entry.object else { return element == entry }
                    return keys.allSatisfy { element[$0.key] == $0.value }
                }
                if let found { sorted.append(rest.remove(at: found)) }
            }
            result[list] = .array(sorted + rest)
        }
        return result
    }
}
