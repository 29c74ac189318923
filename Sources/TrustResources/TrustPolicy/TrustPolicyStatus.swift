public import KubernetesAPI

/// What the operator found about a policy.
///
/// Cluster policies have the same status.
public struct TrustPolicyStatus: Sendable, Hashable, Codable {
    /// The generation of the policy that this status speaks of.
    public var observedGeneration: Int64?
    /// Ready, Reconciling, Stalled and TrustStoreExpiring.
    public var conditions: [Condition]?
    /// The running images that the policy speaks for, by verdict.
    public var images: ImageCounts?
    /// The trust stores, the first to expire first, 64 at most.
    public var trustStores: [TrustStoreStatus]?
    /// When the first certificate of the trust stores expires.
    public var expires: KubernetesTime?

    /// How long before the end of a certificate ``ConditionType/trustStoreExpiring`` turns true.
    public static let expiryWarning: Duration = .seconds(30 * 86_400)

    /// Creates an empty status.
    public init() {}

    /// Running images by verdict: each digest counts once for each namespace it runs in.
    public struct ImageCounts: Sendable, Hashable, Codable {
        /// All of them.
        public var total: Int
        /// Every policy is satisfied.
        public var trusted: Int
        /// There is evidence against them.
        public var untrusted: Int
        /// Somebody entitled to say so no longer supports them.
        public var unsupported: Int
        /// Nobody trusted has vouched, or nobody could be asked.
        public var unknown: Int

        /// Creates counts; ``total`` is their sum.
        public init(trusted: Int = 0, untrusted: Int = 0, unsupported: Int = 0, unknown: Int = 0) {
            self.trusted = trusted
            self.untrusted = untrusted
            self.unsupported = unsupported
            self.unknown = unknown
            self.total = trusted &+ untrusted &+ unsupported &+ unknown
        }
    }

    /// A trust store that was read.
    public struct TrustStoreStatus: Sendable, Hashable, Codable {
        /// `authority/type:name`, unique in the policy.
        public var name: String
        /// How many certificates it holds.
        public var certificates: Int
        /// When the first of them expires.
        public var notAfter: KubernetesTime

        /// Creates an entry.
        public init(name: String, certificates: Int, notAfter: KubernetesTime) {
            self.name = name
            self.certificates = certificates
            self.notAfter = notAfter
        }
    }
}
