internal import FoundationEssentials
internal import JSONModel

/// What a namespace that is being deleted says about what is left in it
/// (pkg/controller/namespace/deletion/status_condition_utils.go).
struct NamespaceConditions: Sendable {
    /// How many objects are left, by resource.
    var remaining: [GroupResource: Int] = [:]
    /// On how many of them each finalizer is.
    var finalizers: [String: Int] = [:]

    var isEmpty: Bool { remaining.isEmpty }

    /// Counts one object that is still there.
    mutating func note(_ object: APIObject, of resource: GroupResource) {
        remaining[resource, default: 0] += 1
        for finalizer in object.finalizers { finalizers[finalizer, default: 0] += 1 }
    }

    /// The conditions, those that say the same as before with their times unchanged.
    func json(previous: JSONValue?, now: Date) -> JSONValue {
        let resources = remaining.sorted { $0.key < $1.key }.map { resource, count in
            "\(resource.resource).\(resource.group) has \(count) resource instances"
        }
        let holders = finalizers.sorted { $0.key < $1.key }.map { name, count in
            "\(name) in \(count) resource instances"
        }
        let all = [
            condition(
                "NamespaceDeletionDiscoveryFailure",
                nil,
                ok: "ResourcesDiscovered",
                "All resources successfully discovered"
            ),
            condition(
                "NamespaceDeletionGroupVersionParsingFailure",
                nil,
                ok: "ParsedGroupVersions",
                "All legacy kube types successfully parsed"
            ),
            condition(
                "NamespaceDeletionContentFailure",
                nil,
                ok: "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization"
            ),
            condition(
                "NamespaceContentRemaining",
                resources.isEmpty
                    ? nil
                    : ("SomeResourcesRemain", "Some resources are remaining: \(resources.joined(separator: ", "))"),
                ok: "ContentRemoved",
                "All content successfully removed"
            ),
            condition(
                "NamespaceFinalizersRemaining",
                holders.isEmpty
                    ? nil
                    : (
                        "SomeFinalizersRemain",
                        "Some content in the namespace has finalizers remaining: \(holders.joined(separator: ", "))"
                    ),
                ok: "ContentHasNoFinalizers",
                "All content-preserving finalizers finished"
            ),
        ]
        return .array(
            all.map { condition in
                let old = previous?.array?.first { $0["type"] == condition["type"] }
                let isUnchanged = old?["status"] == condition["status"] && old?["message"] == condition["message"]
                var result = condition
                let time = isUnchanged ? old?["lastTransitionTime"] : nil
                result.set("lastTransitionTime", time ?? .string(Timestamps.seconds(now)))
                return result
            }
        )
    }

    private func condition(
        _ type: String,
        _ trouble: (reason: String, message: String)?,
        ok reason: String,
        _ message: String
    ) -> JSONValue {
        [
            "type": .string(type), "status": trouble == nil ? "False" : "True",
            "reason": .string(trouble?.reason ?? reason), "message": .string(trouble?.message ?? message),
        ]
    }
}
