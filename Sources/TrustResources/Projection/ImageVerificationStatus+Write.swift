import FoundationEssentials
import KubernetesAPI
import TrustModel

extension ImageVerificationStatus {
    /// How often ``lastJudged`` is renewed for its own sake: every half `maxStaleness`, at least every twelve hours, at
    /// most every five minutes.
    ///
    /// Were it rarer, a restart during an outage would find every verdict too old.
    public static func heartbeat(maxStaleness: Duration) -> Duration {
        min(max(maxStaleness / 2, .seconds(300)), .seconds(12 * 3600))
    }

    /// Whether it says the same as `other` to whoever reads it: everything but ``lastJudged`` and the wording of
    /// outages is equal.
    public func isSemanticallyEqual(to other: ImageVerificationStatus) -> Bool { essence == other.essence }

    /// Whether it must be written over `previous`: something changed, or the heartbeat is due.
    public func needsWrite(after previous: ImageVerificationStatus?, heartbeat: Duration) -> Bool {
        guard let previous, isSemanticallyEqual(to: previous) else { return true }
        guard let mine = lastJudged, let theirs = previous.lastJudged else { return lastJudged != previous.lastJudged }
        return mine.date.timeIntervalSince(theirs.date) >= heartbeat.seconds
    }

    /// The status without what varies while nothing changes: the texts of an outage name a cause that is another at
    /// every attempt.
    ///
    /// Its reason stays.
    private var essence: ImageVerificationStatus {
        var essence = self
        essence.lastJudged = nil
        let isOutage = reason.map { $0.isOutage || $0 == .verdictStale } ?? false
        if isOutage { essence.message = nil }
        essence.findings = findings?.map { finding in
            var finding = finding
            if finding.reason.isOutage { finding.message = nil }
            return finding
        }
        essence.conditions = conditions?.map { condition in
            var condition = condition
            let isFailedAttempt = condition.type == ConditionType.fresh && condition.status == .false
            if isOutage || isFailedAttempt { condition.message = "" }
            return condition
        }
        return essence
    }
}
