public import FoundationEssentials
public import TrustModel

/// A judgement, and when whoever had to be asked for it was asked.
public struct DatedJudgement: Sendable, Hashable {
    /// What the policies hold of the image.
    public let judgement: ImageJudgement
    /// When it was made.
    public let madeAt: Date

    /// Dates `judgement`.
    public init(judgement: ImageJudgement, madeAt: Date) {
        self.judgement = judgement
        self.madeAt = madeAt
    }
}

/// How old a remembered judgement may be, to be taken for one made now.
public struct JudgementAge: Sendable, Hashable {
    /// Any judgement: as old as this at most.
    public var any: Duration
    /// One that finds the image trusted: as old as this at most.
    ///
    /// What ends trust is known without asking the registry again: a policy or an anchor that changes makes another
    /// key, and an end that is in the evidence itself is the judgement's `validUntil`. Only a signature that is taken
    /// away has to be asked for, and bytes that were verified do not become false by that. What is missing or bad may
    /// be mended in the registry at any moment, and is therefore asked for sooner.
    public var trusted: Duration

    /// No judgement that was begun before this moment; `nil` for no such limit.
    public var notBefore: Date?

    /// Allows judgements of these ages; the longer of the two holds for trusted ones.
    public init(any: Duration, trusted: Duration = .zero, notBefore: Date? = nil) {
        self.any = any
        self.trusted = trusted
        self.notBefore = notBefore
    }

    /// Whether `judgement` was begun late enough.
    func isLateEnough(_ judgement: DatedJudgement) -> Bool { notBefore.map { judgement.madeAt >= $0 } ?? true }

    /// Whether `known` may still be taken at `now`.
    func allows(_ known: DatedJudgement, at now: Date) -> Bool {
        guard isLateEnough(known) else { return false }
        if let end = known.judgement.holdsUntil, now >= end { return false }
        let limit = known.judgement.verdict == .trusted ? max(any, trusted) : any
        let age = now.timeIntervalSince(known.madeAt)
        // A negative age means that the clock was set back, and says nothing.
        return age >= 0 && age < limit / .seconds(1)
    }
}
