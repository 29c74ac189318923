public import KubernetesAPI

/// One object, whether or not it exists.
public struct NamedObject: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What it is.
    public let resource: ResourceType
    /// Its namespace; `nil` for cluster-scoped objects.
    public let namespace: String?
    /// Its name.
    public let name: String

    /// Names an object.
    public init(_ resource: ResourceType, namespace: String?, name: String) {
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }

    /// `configmaps shop/trust`.
    public var description: String { "\(resource) \(namespace.map { "\($0)/" } ?? "")\(name)" }

    /// By resource, namespace and name.
    public static func < (left: NamedObject, right: NamedObject) -> Bool { left.description < right.description }
}
