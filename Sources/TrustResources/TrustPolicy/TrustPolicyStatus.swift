public import KubernetesAPI
import TrustModel

/// What the operator found about a policy.
///
/// Cluster policies have the same status.
public struct TrustPolicyStatus: Sendable, Hashable, Codable {
    /// The generation of the policy that this status speaks of.
    public var observedGeneration: Int64?
    /// Ready, Reconciling, Stalled, TrustStoreExpiring and TrustLapsing.
    public var conditions: [Condition]?
    /// The running images that the policy speaks for, by verdict.
    public var images: ImageCounts?
    /// The trust stores, the first to expire first, 128 at most.
    public var trustStores: [TrustStoreStatus]?
    /// The trust anchors that may vouch for signers, the first to expire first, 256 at most.
    public var anchors: [AnchorStatus]?
    /// When the first certificate of the trust stores expires.
    public var expires: KubernetesTime?
    /// The ``VerificationRequest/token`` of the last request that was passed on to the policy's images.
    public var lastHandledVerifyRequest: String?

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

    /// A trust anchor, and what it is still needed for.
    public struct AnchorStatus: Sendable, Hashable, Codable {
        /// The authority in the policy.
        public var authority: String
        /// The SHA-256 of the certificate, in lower-case hex.
        public var sha256: String
        /// The certificate's subject.
        public var subject: String
        /// When it expires.
        public var notAfter: KubernetesTime
        /// The running images that it vouches for: each digest counts once for each namespace it runs in.
        public var images: Int
        /// The type of the trust store that holds it, `tsa` for who vouches for times; `nil` in what earlier versions wrote.
        public var type: String?

        /// Whether it vouches for times and not for signers.
        public var isOfTimestamps: Bool { type == TrustStore.Kind.tsa.rawValue }

        /// Creates an entry.
        public init(
            authority: String,
            sha256: String,
            subject: String,
            notAfter: KubernetesTime,
            images: Int = 0,
            type: String? = nil
        ) {
            self.authority = authority
            self.sha256 = sha256
            self.subject = subject
            self.notAfter = notAfter
            self.images = images
            self.type = type
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
