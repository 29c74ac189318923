public import TrustModel

/// Which image is asked about, and under which policies.
public struct ImageVerificationSpec: Sendable, Hashable, Codable {
    /// The image reference.
    ///
    /// What the operator writes is pinned to a digest wherever the runtime reports one.
    public var image: String
    /// The policies that judge it; `nil` or empty: every policy that speaks for the image in this namespace.
    public var policyRefs: [PolicyReference]?

    /// Creates a specification.
    public init(image: String, policyRefs: [PolicyReference]? = nil) {
        self.image = image
        self.policyRefs = policyRefs
    }

    /// A policy by name.
    public struct PolicyReference: Sendable, Hashable, Codable {
        /// `TrustPolicy` (of the same namespace) or `ClusterTrustPolicy`; `TrustPolicy` by default.
        public var kind: String?
        /// The policy.
        public var name: String

        /// Creates a reference.
        public init(kind: String? = nil, name: String) {
            self.kind = kind
            self.name = name
        }

        /// The policy it means when it stands in `namespace`; `nil` for a kind that is none.
        public func policyName(in namespace: String?) -> PolicyName? {
            switch kind ?? PolicyName.Kind.trustPolicy.rawValue {
            case PolicyName.Kind.trustPolicy.rawValue:
                PolicyName(kind: .trustPolicy, namespace: namespace, name: name)
            case PolicyName.Kind.clusterTrustPolicy.rawValue:
                PolicyName(kind: .clusterTrustPolicy, name: name)
            default: nil
            }
        }
    }
}
