public import KubernetesAPI

/// What is held of one image in one namespace: made by the operator for what runs, or applied by a person as a gate.
public struct ImageVerification: KubernetesObject, Hashable {
    /// `imageverifications` in `vigil.dev/v1alpha1`.
    public static let resource = TrustAPI.imageVerifications

    /// `vigil.dev/v1alpha1`.
    public let apiVersion: String
    /// `ImageVerification`.
    public let kind: String
    /// Metadata.
    public var metadata: ObjectMeta
    /// Which image is asked about.
    public var spec: ImageVerificationSpec
    /// What is held of it.
    public var status: ImageVerificationStatus?

    /// Creates a verification.
    public init(metadata: ObjectMeta, spec: ImageVerificationSpec, status: ImageVerificationStatus? = nil) {
        self.apiVersion = Self.resource.apiVersion
        self.kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Whether the operator made it and may delete it; everything else belongs to a person.
    public var isManaged: Bool { metadata.labels[TrustAPI.managedByLabel] == TrustAPI.managedByValue }

    /// Whether it stands for an image that pods run, not for one that a person asks about: the operator made it, or
    /// found pods that run the image of its name, whoever made it.
    public var isOfRunningImage: Bool { isManaged || (status?.workloads?.pods ?? 0) > 0 }

    private enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, spec, status }

    /// Reads a verification.
    ///
    /// Group and kind are the caller's to have checked.
    ///
    /// - Throws: `DecodingError` when a member has the wrong type or the specification is missing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            metadata: try container.decode(ObjectMeta.self, forKey: .metadata),
            spec: try container.decode(ImageVerificationSpec.self, forKey: .spec),
            status: try container.decodeIfPresent(ImageVerificationStatus.self, forKey: .status)
        )
    }
}
