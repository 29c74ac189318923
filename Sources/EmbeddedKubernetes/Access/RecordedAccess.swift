/// A kind of request that somebody made, as authorization saw it.
public struct RecordedAccess: Sendable, Hashable {
    /// The user: `jane`, `system:serviceaccount:shop:checker`.
    public var user: String
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`.
    public var verb: String
    /// The API group; empty for the core.
    public var group: String
    /// The resource, with its subresource if there is one: `pods`, `pods/status`.
    public var resource: String
    /// The namespace; empty for the whole cluster.
    public var namespace: String
    /// The object's name; empty for a collection and for what is created.
    public var name: String
    /// Whether a role allowed it.
    public var isAllowed: Bool

    init(_ attributes: RequestAttributes, isAllowed: Bool) {
        user = attributes.user.name
        verb = attributes.verb
        group = attributes.group
        resource = attributes.combinedResource
        namespace = attributes.namespace
        name = attributes.name
        self.isAllowed = isAllowed
    }
}
