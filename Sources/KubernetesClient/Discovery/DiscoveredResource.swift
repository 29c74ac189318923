public import KubernetesAPI

/// A resource that a server serves.
public struct DiscoveredResource: Sendable, Hashable {
    /// Where its objects are found.
    public var type: ResourceType
    /// What can be done with them, such as `get`, `list`, `watch` and `create`.
    public var verbs: Set<String>
    /// The names of its subresources, such as `status`.
    public var subresources: Set<String>
    /// Other names that people write, such as `po`.
    public var shortNames: [String]

    /// Creates a resource.
    public init(
        _ type: ResourceType,
        verbs: Set<String> = [],
        subresources: Set<String> = [],
        shortNames: [String] = []
    ) {
        self.type = type
        self.verbs = verbs
        self.subresources = subresources
        self.shortNames = shortNames
    }
}
