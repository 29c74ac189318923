import TrustModel

/// One image of a report: what was asked, and what is held of it.
struct VerifiedImage: Sendable {
    /// What was asked.
    var target: VerificationTarget
    /// What is held.
    var judgement: ImageJudgement

    /// How an image counts, for the summary, the colours and the exit status.
    enum Standing: Sendable, Hashable {
        case trusted
        /// Left unverified by its policy, in writing.
        case skipped
        /// A service could not be asked.
        case unavailable
        /// Not trusted, for a cause.
        case rejected
    }

    /// How it counts.
    var standing: Standing {
        if judgement.verdict == .trusted { return .trusted }
        if judgement.isSkipped { return .skipped }
        return judgement.verdict == .unknown && judgement.reason.isOutage ? .unavailable : .rejected
    }

    /// The signer that is trusted.
    ///
    /// Anybody can write any name into a certificate, so nobody else is named.
    var signer: String? {
        guard judgement.verdict == .trusted else { return nil }
        let deciding = judgement.findings.first {
            $0.verdict == judgement.verdict && $0.reason == judgement.reason && $0.signer != nil
        }
        return deciding?.signer
    }

    /// Checks that failed and that the policy only logs, each once.
    var warnings: [String] {
        var seen: Set<String> = []
        return judgement.findings.flatMap(\.warnings).filter { seen.insert($0).inserted }
    }
}
