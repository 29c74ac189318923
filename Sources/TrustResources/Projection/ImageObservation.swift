public import FoundationEssentials
public import TrustModel

/// One look at an image: what was found, who runs it, and when.
public struct ImageObservation: Sendable, Hashable {
    /// What the policies hold of the image.
    public var judgement: ImageJudgement
    /// The repository, or the reference as written where that cannot be read.
    public var repository: String
    /// Who runs the image; `nil` when nobody does, as for a gate.
    public var workloads: ImageVerificationStatus.Workloads?
    /// The generation of the object that was looked at.
    public var generation: Int64?
    /// How long a verdict outlives an outage: the shortest of the policies that speak.
    public var maxStaleness: Duration
    /// When the verdict was last confirmed by asking, where this process knows better than the status.
    public var lastConfirmed: Date?
    /// Whether a policy that speaks was changed since the verdict in the status: then no outage keeps that verdict
    /// alive.
    public var policiesChanged: Bool
    /// The person's request that this look meets; `nil` where there is none.
    public var request: VerificationRequest?
    /// The tags that lead elsewhere than to what runs by them; `nil` when that could not be found out.
    public var movedTags: [MovedTag]?
    /// When the judgement was made: not after ``now``.
    public var judgedAt: Date
    /// The present.
    public var now: Date

    /// Creates an observation of a judgement made `now`.
    public init(judgement: ImageJudgement, repository: String, maxStaleness: Duration, now: Date) {
        self.judgement = judgement
        self.repository = repository
        self.maxStaleness = maxStaleness
        self.now = now
        self.judgedAt = now
        self.policiesChanged = false
    }
}
