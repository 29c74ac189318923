import FoundationEssentials
import KubernetesAPI
import Synchronization

/// When each verification was last judged and confirmed, and under which policies.
final class JudgementSchedule: Sendable {
    private struct Entry {
        var judged: Date?
        var confirmed: Date?
        var revisions: [String] = []
    }

    private let entries = Mutex<[ObjectKey: Entry]>([:])

    /// How old a shared judgement may be for `key` at `now`, so that a pod that comes or goes asks no registry again.
    ///
    /// Before the interval has nearly passed nothing needs to be asked; after it, a judgement that another namespace has
    /// had made within half an interval is still good enough, so that an image is verified once an interval however many
    /// namespaces run it.
    func maximumAge(_ key: ObjectKey, interval: Duration, now: Date) -> Duration {
        guard let last = entries.withLock({ $0[key]?.judged }) else { return interval / 2 }
        let age = Duration.seconds(now.timeIntervalSince(last))
        return age < interval * 0.8 ? interval : interval / 2
    }

    /// Records that `key` was looked at.
    func record(_ key: ObjectKey, at date: Date) { entries.withLock { $0[key, default: Entry()].judged = date } }

    /// Records that whoever had to be asked about `key` has answered, and the policies that were applied.
    func confirm(_ key: ObjectKey, under revisions: [String], at date: Date) {
        entries.withLock { entries in
            entries[key, default: Entry()].confirmed = date
            entries[key, default: Entry()].revisions = revisions
        }
    }

    /// When everybody who had to be asked last answered; `nil` when this process has not seen it.
    func lastConfirmed(_ key: ObjectKey) -> Date? { entries.withLock { $0[key]?.confirmed } }

    /// Whether other policies apply than when `key` was last confirmed; `false` when this process has not seen that.
    func policiesChanged(_ key: ObjectKey, _ revisions: [String]) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[key], entry.confirmed != nil else { return false }
            return entry.revisions != revisions
        }
    }

    func forget(_ key: ObjectKey) { entries.withLock { $0[key] = nil } }
}
