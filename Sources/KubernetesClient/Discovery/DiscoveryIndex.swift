internal import KubernetesAPI

/// A group and a version that a server serves.
struct GroupVersion: Sendable, Hashable {
    var group: String
    var version: String

    /// The path of its list of resources.
    var path: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }
}

/// What a discovery document says about one group version.
enum GroupVersionReport: Sendable, Hashable {
    /// These are its resources.
    case resources([DiscoveredResource])
    /// It is there, but what serves it could not be asked just now.
    case stale
}

/// What a server serves, put together from its discovery documents.
///
/// An aggregated API whose server is away does not take its kinds with it: what was known of it stays.
struct DiscoveryIndex: Sendable {
    private var parts: [String: [GroupVersion: [DiscoveredResource]]] = [:]

    /// Takes over what a document says: the group versions that are in it, and none besides.
    ///
    /// - Parameters:
    ///   - root: the document, `/api` or `/apis`.
    ///   - reports: what it says, by group version.
    mutating func update(_ root: String, _ reports: [GroupVersion: GroupVersionReport]) {
        let known = parts[root] ?? [:]
        var updated: [GroupVersion: [DiscoveredResource]] = [:]
        for (groupVersion, report) in reports {
            switch report {
            case .resources(let resources): updated[groupVersion] = resources
            case .stale: updated[groupVersion] = known[groupVersion] ?? []
            }
        }
        parts[root] = updated
    }

    /// The resource whose objects are of a kind.
    func resource(of kind: GroupVersionKind) -> DiscoveredResource? {
        resources(GroupVersion(group: kind.group, version: kind.version)).first { $0.type.kind == kind.kind }
    }

    /// Everything that is served, by group, version and name.
    var all: [DiscoveredResource] {
        parts.values.flatMap(\.values).joined().sorted {
            ($0.type.group, $0.type.version, $0.type.plural) < ($1.type.group, $1.type.version, $1.type.plural)
        }
    }

    private func resources(_ groupVersion: GroupVersion) -> [DiscoveredResource] {
        parts[groupVersion.group.isEmpty ? "/api" : "/apis"]?[groupVersion] ?? []
    }
}
