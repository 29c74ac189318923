/// A Namespace (`core/v1`).
public struct Namespace: KubernetesObject, Hashable {
    /// `namespaces` in the core group.
    public static let resource = ResourceType(
        group: "",
        version: "v1",
        plural: "namespaces",
        kind: "Namespace",
        isNamespaced: false
    )

    /// Metadata; its labels are what namespace selectors look at.
    public var metadata: ObjectMeta

    /// Creates a namespace.
    public init(metadata: ObjectMeta) { self.metadata = metadata }
}
