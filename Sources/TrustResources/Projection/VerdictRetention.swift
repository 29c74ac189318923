import FoundationEssentials
import KubernetesAPI
import OCIModel
import TrustModel

/// Whether an earlier verdict outlives the present moment.
struct VerdictRetention {
    /// What to report.
    enum Outcome {
        /// Everybody who had to be asked has answered.
        case judged
        /// Nobody could be asked, and there is nothing to fall back on.
        case unanswered(lastJudged: KubernetesTime?)
        /// Nobody could be asked; the verdict confirmed at `since` still counts.
        case kept(ImageVerificationStatus, since: KubernetesTime)
        /// Nobody could be asked for too long.
        case stale(ImageVerificationStatus, since: KubernetesTime)

        /// When the reported verdict was last confirmed.
        var lastJudged: KubernetesTime? {
            switch self {
            case .judged: nil
            case .unanswered(let lastJudged): lastJudged
            case .kept(_, let since), .stale(_, let since): since
            }
        }
    }

    let observation: ImageObservation
    let previous: ImageVerificationStatus?

    var outcome: Outcome {
        let judgement = observation.judgement
        guard judgement.verdict == .unknown, judgement.reason.isOutage else { return .judged }
        guard let previous, let since = lastConfirmed(previous) else { return .unanswered(lastJudged: nil) }
        guard !observation.policiesChanged, isAnswer(previous), isAboutTheSame(previous) else {
            return .unanswered(lastJudged: since)
        }
        if previous.verdict == .trusted, let end = previous.validUntil, end.date <= observation.now {
            return .unanswered(lastJudged: since)
        }
        let age = observation.now.timeIntervalSince(since.date)
        if age >= observation.maxStaleness.seconds || previous.reason == .verdictStale {
            return .stale(previous, since: since)
        }
        return .kept(previous, since: since)
    }

    /// The later of what the status and this process know, never in the future.
    private func lastConfirmed(_ previous: ImageVerificationStatus) -> KubernetesTime? {
        let known = [previous.lastJudged?.date, observation.lastConfirmed].compactMap(\.self).max()
        return known.map { KubernetesTime(min($0, observation.now)) }
    }

    /// Whether the status tells an answer somebody gave.
    private func isAnswer(_ previous: ImageVerificationStatus) -> Bool {
        guard previous.verdict != nil, let reason = previous.reason else { return false }
        return !reason.isOutage && reason != .pending && reason != .noPolicy && reason != .policyInvalid
    }

    /// Whether the earlier verdict is about the same digest, and every policy that speaks had spoken.
    private func isAboutTheSame(_ previous: ImageVerificationStatus) -> Bool {
        if let digest = observation.judgement.digest, digest.description != previous.digest { return false }
        let earlier = Set((previous.findings ?? []).map(\.policy))
        return observation.judgement.judgements.allSatisfy {
            earlier.contains($0.policy.description.cut(to: StatusLimits.policyCharacters))
        }
    }
}
