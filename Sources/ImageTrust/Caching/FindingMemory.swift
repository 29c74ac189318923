import FoundationEssentials
import OCIModel
import Synchronization
import TrustModel

/// Findings that vouch for a manifest, kept until they would lapse: the same signatures under the same policy at a later
/// moment lead to the same finding, so that looking again costs one listing and no verification.
///
/// Only good findings without warnings are kept. What the registry lists is part of the key: a signature that is
/// withdrawn, added or replaced is looked at anew, as is everything when a policy or its anchors change.
public final class FindingMemory: Sendable {
    /// What a finding depends on besides the moment.
    struct Key: Hashable {
        let policy: PolicyName
        let revision: String
        let authority: String
        let repository: RepositoryName
        let subject: Digest
        /// What whoever lists the subject says of it: a signature must say the same.
        let mediaType: MediaType
        let size: Int64
        /// The digests of the candidates, in the order in which the registry lists them.
        let candidates: [Digest]
        /// On whose behalf the registry was asked.
        var principal = RegistryPrincipal.shared
    }

    private struct Entry {
        let finding: Finding
        let madeAt: Date
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private let capacity: Int

    /// Creates an empty memory.
    ///
    /// - Parameter capacity: the most findings kept; when full, the oldest quarter is forgotten.
    public init(capacity: Int = 20_000) { self.capacity = max(1, capacity) }

    /// The finding for `key`, if one is known that holds at `now`.
    func finding(_ key: Key, at now: Date) -> Finding? {
        entries.withLock { entries in
            // Before the moment at which it was made it may not have held: the clock was set back.
            guard let entry = entries[key], now >= entry.madeAt else { return nil }
            // What revocation services said is believed for a while only.
            if let end = [entry.finding.validUntil, entry.finding.evidenceUntil].compactMap(\.self).min(), now >= end {
                entries[key] = nil
                return nil
            }
            return entry.finding
        }
    }

    /// Keeps a finding made at `now`, if it is one that can be kept.
    func remember(_ finding: Finding, _ key: Key, madeAt now: Date) {
        guard finding.verdict == .trusted, finding.warnings.isEmpty, !key.candidates.isEmpty else { return }
        entries.withLock { entries in
            if entries[key] == nil, entries.count >= capacity {
                let byAge = entries.sorted { $0.value.madeAt < $1.value.madeAt }
                for (key, _) in byAge.prefix(max(1, capacity / 4)) { entries[key] = nil }
            }
            entries[key] = Entry(finding: finding, madeAt: now)
        }
    }
}
