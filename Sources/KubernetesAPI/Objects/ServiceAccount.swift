/// A ServiceAccount (`core/v1`), the part that says what its pods are given.
public struct ServiceAccount: KubernetesObject, Hashable {
    /// `serviceaccounts` in the core group.
    public static let resource = ResourceType(
        group: "",
        version: "v1",
        plural: "serviceaccounts",
        kind: "ServiceAccount",
        isNamespaced: true
    )

    /// Metadata.
    public var metadata: ObjectMeta
    /// Secrets with registry credentials, for the pods that run as it.
    public var imagePullSecrets: [Pod.LocalReference]?

    /// Creates a service account.
    public init(metadata: ObjectMeta, imagePullSecrets: [Pod.LocalReference]? = nil) {
        self.metadata = metadata
        self.imagePullSecrets = imagePullSecrets
    }
}
