internal import JSONModel

/// One resource as served under one group and version.
struct ResourceKind: Sendable {
    /// A path below an object: `status`, `scale`, `finalize`.
    struct Subresource: Sendable, Hashable {
        var name: String
        var group: String
        var version: String
        var kind: String
        var verbs: [String]
    }

    /// Group and plural under which requests arrive.
    var served: GroupResource
    var version: String
    var kind: String
    var listKind: String
    var singular: String
    var isNamespaced: Bool
    var shortNames: [String] = []
    var categories: [String] = []
    var verbs: [String] = ResourceKind.allVerbs
    var subresources: [Subresource] = []
    /// What a CustomResourceDefinition says about it; `nil` for built-in kinds.
    var custom: CustomKind?

    static let allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    static let subresourceVerbs = ["get", "patch", "update"]

    /// Where the objects are kept: both event APIs share one store.
    var stored: GroupResource { served == GroupResource("events.k8s.io", "events") ? .events : served }

    var groupVersion: String { served.group.isEmpty ? version : "\(served.group)/\(version)" }

    var hasStatus: Bool { subresources.contains { $0.name == "status" } }

    /// The metadata key of generation is kept for custom kinds and those built-in kinds whose strategies count it.
    var countsGeneration: Bool {
        custom != nil || served.group == "apps" || served.group == "batch" || served == .pods
            || served.group == "networking.k8s.io" || served.group == "policy" || served == .customResourceDefinitions
            || served.group == "flowcontrol.apiserver.k8s.io" || served.group == "admissionregistration.k8s.io"
    }

    /// Whether a PUT of what is not there makes it (`AllowCreateOnUpdate` of the kind's strategy).
    var isCreatedByUpdates: Bool { custom == nil && Self.createdByUpdates.contains(stored) }

    /// Whether an update may leave out which version it replaces (`AllowUnconditionalUpdate` of the kind's strategy).
    var allowsUnconditionalUpdates: Bool {
        custom == nil && served.group != "admissionregistration.k8s.io" && !Self.conditional.contains(served)
    }

    private static let runtimeClasses = GroupResource("node.k8s.io", "runtimeclasses")
    private static let createdByUpdates: Set<GroupResource> = [
        .leases, .events, .roles, .clusterRoles, .roleBindings, .clusterRoleBindings, runtimeClasses,
        GroupResource("", "endpoints"), GroupResource("", "limitranges"), GroupResource("", "services"),
    ]
    private static let conditional: Set<GroupResource> = [
        .leases, .customResourceDefinitions, runtimeClasses, GroupResource("policy", "poddisruptionbudgets"),
        GroupResource("storage.k8s.io", "csidrivers"),
    ]

    func isSameKind(apiVersion: String, kind: String) -> Bool { apiVersion == groupVersion && kind == self.kind }
}

/// What a CustomResourceDefinition adds to a kind.
struct CustomKind: Sendable {
    struct PrinterColumn: Sendable {
        var name: String
        var type: String
        var format: String
        var description: String
        var priority: Int64
        var path: JSONPath
    }

    var schema: StructuralSchema
    var columns: [PrinterColumn]
    /// The selectable fields by their selector name (`spec.image`).
    var selectableFields: [String: JSONPath]
    var scale: ScalePaths?
    var isStorage: Bool
    /// Sent as a `Warning` header on each use.
    var deprecationWarning: String?
}

/// Where a custom kind keeps what `scale` shows.
struct ScalePaths: Sendable, Hashable {
    var specReplicas: String
    var statusReplicas: String
    var selector: String?
}
