/// A resource's identity apart from its version: `imagechecks.example.dev`, `pods`.
struct GroupResource: Sendable, Hashable, Comparable, CustomStringConvertible {
    var group: String
    var resource: String

    init(_ group: String, _ resource: String) {
        self.group = group
        self.resource = resource
    }

    var description: String { group.isEmpty ? resource : "\(resource).\(group)" }

    static func < (left: GroupResource, right: GroupResource) -> Bool {
        (left.group, left.resource) < (right.group, right.resource)
    }

    static let pods = GroupResource("", "pods")
    static let namespaces = GroupResource("", "namespaces")
    static let events = GroupResource("", "events")
    static let secrets = GroupResource("", "secrets")
    static let serviceAccounts = GroupResource("", "serviceaccounts")
    static let nodes = GroupResource("", "nodes")
    static let roles = GroupResource("rbac.authorization.k8s.io", "roles")
    static let clusterRoles = GroupResource("rbac.authorization.k8s.io", "clusterroles")
    static let roleBindings = GroupResource("rbac.authorization.k8s.io", "rolebindings")
    static let clusterRoleBindings = GroupResource("rbac.authorization.k8s.io", "clusterrolebindings")
    static let configMaps = GroupResource("", "configmaps")
    static let jobs = GroupResource("batch", "jobs")
    static let leases = GroupResource("coordination.k8s.io", "leases")
    static let customResourceDefinitions = GroupResource("apiextensions.k8s.io", "customresourcedefinitions")
}
