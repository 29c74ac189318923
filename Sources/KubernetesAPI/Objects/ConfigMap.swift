public import FoundationEssentials

/// A ConfigMap (`core/v1`).
public struct ConfigMap: KubernetesObject, Hashable {
    /// `configmaps` in the core group.
    public static let resource = ResourceType(
        group: "",
        version: "v1",
        plural: "configmaps",
        kind: "ConfigMap",
        isNamespaced: true
    )

    /// Metadata.
    public var metadata: ObjectMeta
    /// Text by key.
    public var data: [String: String]?
    /// Bytes by key.
    public var binaryData: [String: Data]?

    /// Creates a ConfigMap.
    public init(metadata: ObjectMeta, data: [String: String]? = nil, binaryData: [String: Data]? = nil) {
        self.metadata = metadata
        self.data = data
        self.binaryData = binaryData
    }
}

/// A Secret (`core/v1`).
///
/// Never logged: it has no description.
public struct Secret: KubernetesObject {
    /// `secrets` in the core group.
    public static let resource = ResourceType(
        group: "",
        version: "v1",
        plural: "secrets",
        kind: "Secret",
        isNamespaced: true
    )

    /// Metadata.
    public var metadata: ObjectMeta
    /// Bytes by key.
    public var data: [String: Data]?
    /// Text by key, in manifests only: the server never returns it.
    public var stringData: [String: String]?
    /// Such as `Opaque`.
    public var type: String?

    /// Creates a Secret.
    public init(metadata: ObjectMeta, type: String? = nil, data: [String: Data]? = nil) {
        self.metadata = metadata
        self.type = type
        self.data = data
    }
}
