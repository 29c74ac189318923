public import KubernetesAPI

/// Whom a namespace trusts to vouch for the images that run in it.
public struct TrustPolicy: KubernetesObject, Hashable {
    /// `trustpolicies` in `vigil.dev/v1alpha1`.
    public static let resource = TrustAPI.trustPolicies

    /// `vigil.dev/v1alpha1`.
    public let apiVersion: String
    /// `TrustPolicy`.
    public let kind: String
    /// Metadata.
    public var metadata: ObjectMeta
    /// What is declared.
    public var spec: TrustPolicySpec
    /// What the operator found.
    public var status: TrustPolicyStatus?

    /// Creates a policy.
    public init(metadata: ObjectMeta, spec: TrustPolicySpec, status: TrustPolicyStatus? = nil) {
        self.apiVersion = Self.resource.apiVersion
        self.kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    private enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, spec, status }

    /// Reads a policy.
    ///
    /// Group and kind are the caller's to have checked.
    ///
    /// - Throws: `DecodingError` when a member has the wrong type or the specification is missing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            metadata: try container.decode(ObjectMeta.self, forKey: .metadata),
            spec: try container.decode(TrustPolicySpec.self, forKey: .spec),
            status: try container.decodeIfPresent(TrustPolicyStatus.self, forKey: .status)
        )
    }
}
