import CloudServices
import FoundationEssentials
import TrustResources

/// What was read from vaults, when it is to be read again, and what counts while that fails.
///
/// A value: it decides, and neither asks nor tells the time.
struct VaultMemory: Sendable {
    /// How long a reading is taken for the state of the vault.
    static let refresh: TimeInterval = 300
    /// How long the last good reading counts while the vault cannot be read: a weekend and a day.
    static let retention: TimeInterval = 72 * 3600
    /// The first pause after a failure; each further one is twice as long, up to ``refresh``.
    static let firstPause: TimeInterval = 30
    /// The longest pause that a vault may ask for.
    static let longestPause: TimeInterval = 3600
    /// The most certificates that are remembered.
    static let capacity = 256

    /// What one reading brought.
    enum Outcome: Sendable {
        /// The certificates as PEM text, and the reading that they are of.
        case read([UInt8], warnings: [String], reading: KeyVaultReading? = nil)
        /// The state of the vault is known, and nothing is in it.
        case absent(CertificateLookup)
        /// The state of the vault is not known.
        case failed(String, retryAfter: Duration?)
    }

    private struct Reading {
        let bytes: [UInt8]
        let warnings: [String]
        let reading: KeyVaultReading?
        let date: Date
    }

    private struct Entry {
        var last: Reading?
        var lookup: CertificateLookup
        var failures = 0
        /// When it is read again.
        var due: Date
        /// When it was last wanted.
        var wanted: Date
    }

    private var entries: [KeyVaultSource: Entry] = [:]

    /// How many certificates are remembered.
    var count: Int { entries.count }

    /// What is known, unless it is time to read again; it is also after a clock was put back, which would make what is known
    /// count for longer.
    mutating func known(_ source: KeyVaultSource, now: Date) -> CertificateLookup? {
        guard let entry = entries[source], entry.due > now, entry.due <= now.addingTimeInterval(Self.longestPause)
        else { return nil }
        entries[source]?.wanted = now
        return entry.lookup
    }

    /// The last good reading, as long as it counts.
    func reading(_ source: KeyVaultSource, now: Date) -> KeyVaultReading? {
        guard let last = entries[source]?.last, last.date.addingTimeInterval(Self.retention) > now else { return nil }
        return last.reading
    }

    /// Takes in what a reading brought.
    ///
    /// - Returns: what counts now.
    mutating func take(_ outcome: Outcome, of source: KeyVaultSource, now: Date) -> CertificateLookup {
        let previous = entries[source]
        var entry = Entry(last: nil, lookup: .unavailable(""), due: now.addingTimeInterval(Self.refresh), wanted: now)
        switch outcome {
        case .read(let bytes, let warnings, let reading):
            entry.last = Reading(bytes: bytes, warnings: warnings, reading: reading, date: now)
            entry.lookup = .found(bytes, CertificateRemarks(warnings: warnings))
        case .absent(let lookup):
            entry.lookup = lookup
        case .failed(let cause, let retryAfter):
            entry.failures = (previous?.failures ?? 0) + 1
            entry.last = previous?.last
            entry.due = now.addingTimeInterval(Self.pause(failures: entry.failures, retryAfter))
            entry.lookup = Self.lookup(entry.last, cause, now: now)
        }
        entries[source] = entry
        makeRoom(for: source)
        return entry.lookup
    }

    private static func lookup(_ last: Reading?, _ cause: String, now: Date) -> CertificateLookup {
        guard let last else { return .unavailable("cannot be read: \(cause)") }
        let until = last.date.addingTimeInterval(retention)
        guard until > now else {
            return .unavailable("could not be read for \(Int(retention / 3600)) hours and no longer counts: \(cause)")
        }
        let outage = CertificateOutage(readAt: last.date, until: until, cause: cause)
        return .found(last.bytes, CertificateRemarks(warnings: last.warnings, outage: outage))
    }

    private static func pause(failures: Int, _ retryAfter: Duration?) -> TimeInterval {
        var pause = firstPause
        for _ in 1..<max(1, min(failures, 16)) where pause < refresh { pause *= 2 }
        let asked = retryAfter.map { Double($0.components.seconds) } ?? 0
        return max(min(pause, refresh), min(asked, longestPause))
    }

    /// Forgets what nobody wanted for the longest time.
    private mutating func makeRoom(for source: KeyVaultSource) {
        while entries.count > Self.capacity {
            let others = entries.filter { $0.key != source }
            guard let oldest = others.min(by: { $0.value.wanted < $1.value.wanted }) else { return }
            entries[oldest.key] = nil
        }
    }
}
