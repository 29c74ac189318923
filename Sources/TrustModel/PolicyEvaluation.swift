public import FoundationEssentials
public import OCIModel

/// What one policy holds of one image.
public struct PolicyJudgement: Sendable, Hashable {
    /// The policy.
    public var policy: PolicyName
    /// What it holds.
    public var verdict: Verdict
    /// Why.
    public var reason: Reason
    /// A sentence for people.
    public var message: String
    /// The findings behind it, one for each authority or decision.
    public var findings: [Finding]
    /// The first moment at which the verdict would lapse by itself.
    public var validUntil: Date?

    /// Creates a judgement.
    public init(
        policy: PolicyName,
        verdict: Verdict,
        reason: Reason,
        message: String,
        findings: [Finding],
        validUntil: Date? = nil
    ) {
        self.policy = policy
        self.verdict = verdict
        self.reason = reason
        self.message = message
        self.findings = findings
        self.validUntil = validUntil
    }
}

extension Policy {
    /// The decision in force for any of `digests`, the worst first; it settles the matter before evidence is gathered.
    public func decision(for digests: [Digest], at now: Date) -> Decision? {
        decisions
            .filter { digests.contains($0.digest) && $0.isInForce(at: now) }
            .max { $0.verdict < $1.verdict }
    }

    /// The judgement that `decision` leads to.
    public func judgement(settledBy decision: Decision) -> PolicyJudgement {
        let reason: Reason = decision.verdict == .unsupported ? .markedUnsupported : .markedUntrusted
        let message =
            "\(decision.digest.short) is marked \(decision.verdict.rawValue) by a decision in \(name): \(decision.reason)"
        let finding = Finding(
            policy: name,
            authority: "decision",
            verdict: decision.verdict,
            reason: reason,
            message: message,
            subject: decision.digest,
            expiresAt: decision.expires,
            validUntil: decision.expires
        )
        return PolicyJudgement(
            policy: name,
            verdict: decision.verdict,
            reason: reason,
            message: message,
            findings: [finding],
            validUntil: decision.expires
        )
    }

    /// Weighs `findings`, one for each authority, against the policy's requirement.
    ///
    /// Bad evidence outweighs good: an image one authority vouches for and another has evidence against is `Untrusted`,
    /// unless the requirement is met by those that vouch and the bad evidence is only a signature that does not hold,
    /// which anyone able to push could have added. An authority that the policy skips counts as met, but never as
    /// verified: if nothing but skipped authorities meets the requirement, the verdict is `Unknown`, `SkippedByPolicy`, unless
    /// another authority has evidence against the image or could not be asked.
    public func judgement(weighing findings: [Finding]) -> PolicyJudgement {
        let vouching = findings.filter { $0.verdict == .trusted || $0.reason == .skippedByPolicy }
        let needed = require.threshold(of: authorities.count)
        let condemning = findings.filter { Self.condemns($0) }
        if let worst = condemning.max(by: { $0.verdict < $1.verdict }) {
            return judgement(following: worst, findings: findings)
        }
        // Whoever could not be asked might have vouched: while that could still meet the requirement, nothing is settled.
        let outages = findings.filter(\.reason.isOutage)
        let isOpen = vouching.count + outages.count >= needed
        if vouching.count >= needed, let first = vouching.first {
            let isVerified = vouching.contains { $0.verdict == .trusted }
            if !isVerified {
                // Nobody vouches: what is known against the image is worth more than that somebody did not look.
                let bad = findings.first { $0.verdict == .untrusted }
                if let said = bad ?? outages.first { return judgement(following: said, findings: findings) }
            }
            return satisfied(by: vouching, first: first, needed: needed, findings: findings)
        }
        let failing = findings.filter { $0.verdict != .trusted && $0.reason != .skippedByPolicy }
        let worst = failing.max { left, right in
            left.verdict == right.verdict
                ? (left.reason.isOutage == isOpen ? 1 : 0) < (right.reason.isOutage == isOpen ? 1 : 0)
                : left.verdict < right.verdict
        }
        guard let worst else {
            let message = "\(name) requires \(needed) authorities to vouch and names \(authorities.count)"
            return PolicyJudgement(
                policy: name,
                verdict: .unknown,
                reason: .policyInvalid,
                message: message,
                findings: findings
            )
        }
        var judgement = judgement(following: worst, findings: findings)
        if !vouching.isEmpty {
            judgement.message =
                "\(vouching.count) of \(needed) required authorities vouch; \(worst.authority): \(worst.message)"
        }
        return judgement
    }

    private static func condemns(_ finding: Finding) -> Bool {
        finding.reason == .markedUntrusted || finding.reason == .markedUnsupported || finding.reason == .ledgerTampered
            || finding.reason == .digestMismatch
    }

    private func judgement(following finding: Finding, findings: [Finding]) -> PolicyJudgement {
        PolicyJudgement(
            policy: name,
            verdict: finding.verdict,
            reason: finding.reason,
            message: finding.message,
            findings: findings,
            validUntil: finding.validUntil
        )
    }

    private func satisfied(
        by vouching: [Finding],
        first: Finding,
        needed: Int,
        findings: [Finding]
    ) -> PolicyJudgement {
        guard let verified = vouching.first(where: { $0.verdict == .trusted }) else {
            return judgement(following: first, findings: findings)
        }
        // The verdict lapses when fewer than `needed` findings are left: the needed-th latest end counts.
        let ends = vouching.map { $0.validUntil ?? .distantFuture }.sorted(by: >)
        let lapse = needed <= ends.count ? ends[needed - 1] : .distantFuture
        let message =
            needed == 1
            ? verified.message : "\(vouching.count) of \(needed) required authorities vouch; \(verified.message)"
        return PolicyJudgement(
            policy: name,
            verdict: .trusted,
            reason: .verified,
            message: message,
            findings: findings,
            validUntil: lapse == .distantFuture ? nil : lapse
        )
    }
}
