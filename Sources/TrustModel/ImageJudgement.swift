public import FoundationEssentials
public import OCIModel

/// What all policies together hold of one image.
public struct ImageJudgement: Sendable, Hashable {
    /// What is held.
    public var verdict: Verdict
    /// Why: the reason of the policy that decided.
    public var reason: Reason
    /// A sentence for people.
    public var message: String
    /// The judgement of each policy, in order of its name.
    public var judgements: [PolicyJudgement]
    /// The digest that was asked about.
    public var digest: Digest?
    /// The digest that carried the deciding evidence: the one asked about, its index, or a platform manifest of it.
    public var verifiedDigest: Digest?
    /// Which kind of manifest ``verifiedDigest`` is; `nil` where no signature decided.
    public var carrier: EvidenceCarrier?
    /// The first moment at which the verdict would lapse by itself.
    public var validUntil: Date?

    /// Combines the judgements of every policy that speaks for the image: all must be satisfied, the worst verdict wins.
    ///
    /// An empty list is `Unknown` with reason ``Reason/noPolicy``: silence is no trust.
    public init(combining judgements: [PolicyJudgement], digest: Digest?) {
        let ordered = judgements.sorted { $0.policy < $1.policy }
        self.judgements = ordered
        self.digest = digest
        // A policy that skips verification neither vouches nor objects, unless no other policy speaks.
        let speaking = ordered.filter { $0.reason != .skippedByPolicy }
        guard let worst = (speaking.isEmpty ? ordered : speaking).max(by: { $0.verdict < $1.verdict }) else {
            self.verdict = .unknown
            self.reason = .noPolicy
            self.message = "no policy speaks for this image"
            self.verifiedDigest = nil
            self.validUntil = nil
            return
        }
        self.verdict = worst.verdict
        self.reason = worst.reason
        self.message = worst.message
        let deciding = worst.findings.first { $0.verdict == worst.verdict && $0.reason == worst.reason }
        self.verifiedDigest = deciding?.subject
        self.carrier = deciding?.carrier
        let ends = worst.verdict == .trusted ? speaking.compactMap(\.validUntil) : [worst.validUntil].compactMap(\.self)
        self.validUntil = ends.min()
    }

    /// All findings, in the order of the policies.
    public var findings: [Finding] { judgements.flatMap(\.findings) }

    /// When the judgement has to be made again at the latest: it lapses by itself, or what services said is no longer
    /// believed.
    public var holdsUntil: Date? {
        ([validUntil] + findings.map(\.evidenceUntil)).compactMap(\.self).min()
    }

    /// Whether every policy left the image unverified on purpose (level `skip`).
    public var isSkipped: Bool { reason == .skippedByPolicy }
}
