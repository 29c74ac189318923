internal import JSONModel

/// Which kinds are served: the built-in ones, and those that CustomResourceDefinitions add.
struct KindRegistry: Sendable {
    private(set) var builtins = BuiltinKinds.all
    /// Kinds by the name of the CustomResourceDefinition that declares them.
    private(set) var custom: [String: [ResourceKind]] = [:]
    /// Grows with every change, so that documents derived from the registry can be cached.
    private(set) var revision = 0

    /// All kinds, built-in first, then custom ones by group and version.
    var all: [ResourceKind] { builtins + customKinds }

    var customKinds: [ResourceKind] {
        custom.values.flatMap { $0 }.sorted {
            ($0.served.group, $0.version, $0.served.resource) < ($1.served.group, $1.version, $1.served.resource)
        }
    }

    func find(group: String, version: String, plural: String) -> ResourceKind? {
        let wanted = GroupResource(group, plural)
        if let kinds = custom["\(plural).\(group)"] { return kinds.first { $0.version == version } }
        return builtins.first { $0.served == wanted && $0.version == version }
    }

    /// The kind under any version, for owner references and garbage collection.
    func find(stored: GroupResource) -> ResourceKind? {
        if let kinds = custom[stored.description] { return kinds.first { $0.custom?.isStorage == true } ?? kinds.first }
        return builtins.first { $0.served == stored }
    }

    func find(apiVersion: String, kind: String) -> ResourceKind? {
        all.first { $0.isSameKind(apiVersion: apiVersion, kind: kind) }
    }

    func serves(group: String, version: String) -> Bool {
        all.contains { $0.served.group == group && $0.version == version }
    }

    mutating func register(_ kinds: [ResourceKind], as name: String) {
        custom[name] = kinds
        revision += 1
    }

    mutating func unregister(_ name: String) {
        guard custom.removeValue(forKey: name) != nil else { return }
        revision += 1
    }
}
