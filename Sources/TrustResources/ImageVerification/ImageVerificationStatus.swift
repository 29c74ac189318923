public import KubernetesAPI
public import TrustModel

/// What is held of an image, why, and since when.
///
/// It is also the operator's memory across restarts.
public struct ImageVerificationStatus: Sendable, Hashable, Codable {
    /// The generation of the object that this status speaks of.
    public var observedGeneration: Int64?
    /// What is held.
    public var verdict: Verdict?
    /// Why: a constant.
    public var reason: Reason?
    /// Why, for people.
    public var message: String?
    /// The repository, or the reference as written where that cannot be read.
    public var repository: String?
    /// The running digest.
    public var digest: String?
    /// The digest that carried the deciding evidence: the running one, its index, or a platform manifest of it.
    public var verifiedDigest: String?
    /// Which kind of manifest ``verifiedDigest`` is.
    public var verifiedManifest: EvidenceCarrier?
    /// The trusted signer, in short: the common name where there is one.
    ///
    /// `nil` unless the verdict is Trusted.
    public var signer: String?
    /// Each authority's evidence, judged; 32 at most.
    public var findings: [FindingStatus]?
    /// Who runs the image.
    public var workloads: Workloads?
    /// The first moment at which the verdict would lapse by itself.
    public var validUntil: KubernetesTime?
    /// When the verdict was last confirmed by asking.
    ///
    /// Coarse: see ``ImageVerificationStatus/needsWrite(after:heartbeat:)``.
    public var lastJudged: KubernetesTime?
    /// The ``VerificationRequest/token`` of the last request that was met.
    public var lastHandledVerifyRequest: String?
    /// The latest changes of the verdict, newest first, 10 at most.
    public var history: [VerdictChange]?
    /// Verified, Fresh, Ready, Stalled and TagMoved.
    public var conditions: [Condition]?

    /// Creates an empty status.
    public init() {}

    /// Who runs the image.
    public struct Workloads: Sendable, Hashable, Codable {
        /// How many pods of the namespace run it.
        public var pods: Int
        /// The names of some of them, in order, 10 at most.
        public var sample: [String]?
        /// The tags by which they ask for it, in order, 10 at most.
        public var tags: [String]?

        /// Creates an entry; names and tags are put in order and cut to 10.
        public init(pods: Int, names: some Sequence<String> = [], tags: some Sequence<String> = []) {
            self.pods = pods
            let sample = Array(Set(names).sorted().prefix(10))
            let some = Array(Set(tags).sorted().prefix(10))
            self.sample = sample.isEmpty ? nil : sample
            self.tags = some.isEmpty ? nil : some
        }
    }

    /// One change of the verdict.
    public struct VerdictChange: Sendable, Hashable, Codable {
        /// When it changed.
        public var time: KubernetesTime
        /// What was held before; `nil` the first time.
        public var from: Verdict?
        /// What is held since.
        public var to: Verdict
        /// Why.
        public var reason: Reason

        /// Creates an entry.
        public init(time: KubernetesTime, from: Verdict?, to: Verdict, reason: Reason) {
            self.time = time
            self.from = from
            self.to = to
            self.reason = reason
        }
    }
}
