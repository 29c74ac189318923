public import FoundationEssentials
public import KubernetesAPI

/// Decides which notices become Events, which only count, and which are too many; a value without clock or I/O.
///
/// Equal notices (all but the note) form a series: the first is created, the second makes it a series of two, later
/// ones are counted here and written every 30 minutes and at the end. A series ends when nothing was added for six
/// minutes. Each object has a bucket of 25 Events per type that refills at one in five minutes, because the
/// `events.k8s.io` client rules have no limit of their own. Constants are client-go's.
public struct EventCorrelator: Sendable {
    /// What to write.
    public enum Write: Sendable, Hashable {
        /// Create this Event.
        case create(Event)
        /// Set the series of an Event; when it is gone, create it as given.
        case series(Event)
    }

    /// What becomes of a notice.
    public enum Decision: Sendable, Hashable {
        /// It is written.
        case write(Write)
        /// It is counted in its series.
        case counted
        /// There were too many about its object.
        case dropped
    }

    private struct SeriesKey: Hashable, Sendable {
        var regarding: ObjectReference
        var related: ObjectReference?
        var kind: EventNotice.Kind
        var reason: String
        var action: String
    }

    private struct Entry: Sendable {
        var event: Event
        var count = 1
        var writtenCount = 1
        var lastSeen: Duration
        var lastWritten: Duration
        var lastObserved: Date
    }

    private struct BucketKey: Hashable, Sendable {
        var regarding: ObjectReference
        var kind: EventNotice.Kind
    }

    private struct Bucket: Sendable {
        var tokens: Double
        var updated: Duration
    }

    /// How long a series may be idle, and how often that is looked at.
    public static let idleLimit = Duration.seconds(360)
    /// How often a live series is written.
    public static let refreshInterval = Duration.seconds(1800)
    private static let burst = 25.0
    private static let refill = Duration.seconds(300)
    private static let capacity = 4096

    private let reportingController: String
    private let reportingInstance: String
    private var entries: [SeriesKey: Entry] = [:]
    private var buckets: [BucketKey: Bucket] = [:]
    private var sequence: UInt64 = 0

    /// Creates a correlator for one reporting component.
    public init(reportingController: String, reportingInstance: String) {
        self.reportingController = reportingController
        self.reportingInstance = String(reportingInstance.prefix(128))
    }

    /// Whether ``tick(at:)`` has anything to look after.
    public var isEmpty: Bool { entries.isEmpty && buckets.isEmpty }

    /// Takes a notice.
    public mutating func observe(_ notice: EventNotice, at now: Duration, wallClock: Date) -> Decision {
        var regarding = notice.regarding
        regarding.resourceVersion = nil
        let key = SeriesKey(
            regarding: regarding,
            related: notice.related,
            kind: notice.kind,
            reason: notice.reason,
            action: notice.action
        )
        if var entry = entries[key], now - entry.lastSeen <= Self.idleLimit {
            entry.count &+= 1
            entry.lastSeen = now
            entry.lastObserved = wallClock
            let write = entry.count == 2 ? takeSeries(&entry, at: now) : nil
            entries[key] = entry
            return write.map { .write($0) } ?? .counted
        }
        guard takeToken(BucketKey(regarding: regarding, kind: notice.kind), at: now) else { return .dropped }
        let event = makeEvent(notice, wallClock: wallClock)
        entries[key] = Entry(event: event, lastSeen: now, lastWritten: now, lastObserved: wallClock)
        evictBeyondCapacity()
        return .write(.create(event))
    }

    /// Ends idle series and refreshes live ones; to be called every ``idleLimit``.
    public mutating func tick(at now: Duration) -> [Write] {
        var writes: [Write] = []
        for (key, var entry) in entries {
            let isIdle = now - entry.lastSeen > Self.idleLimit
            let isDue = entry.count > 1 && now - entry.lastWritten >= Self.refreshInterval
            if (isIdle && entry.count > entry.writtenCount) || (!isIdle && isDue) {
                writes.append(takeSeries(&entry, at: now))
            }
            entries[key] = isIdle ? nil : entry
        }
        buckets = buckets.filter { refilled($0.value, at: now) < Self.burst }
        return writes
    }

    // MARK: - Details

    private func takeSeries(_ entry: inout Entry, at now: Duration) -> Write {
        entry.writtenCount = entry.count
        entry.lastWritten = now
        entry.event.series = Event.Series(count: entry.count, lastObservedTime: MicroTime(entry.lastObserved))
        return .series(entry.event)
    }

    private func refilled(_ bucket: Bucket, at now: Duration) -> Double {
        min(Self.burst, bucket.tokens + (now - bucket.updated) / Self.refill)
    }

    private mutating func takeToken(_ key: BucketKey, at now: Duration) -> Bool {
        let tokens = buckets[key].map { refilled($0, at: now) } ?? Self.burst
        guard tokens >= 1 else {
            buckets[key] = Bucket(tokens: tokens, updated: now)
            return false
        }
        buckets[key] = Bucket(tokens: tokens - 1, updated: now)
        return true
    }

    /// Forgets the oldest eighth when a table is full.
    private mutating func evictBeyondCapacity() {
        if let cutoff = Self.cutoff(entries.values.lazy.map(\.lastSeen)) {
            entries = entries.filter { $0.value.lastSeen > cutoff }
        }
        if let cutoff = Self.cutoff(buckets.values.lazy.map(\.updated)) {
            buckets = buckets.filter { $0.value.updated > cutoff }
        }
    }

    /// The time up to which entries go; `nil` while the table is not full.
    private static func cutoff(_ times: some Collection<Duration>) -> Duration? {
        guard times.count > capacity else { return nil }
        return times.sorted().prefix(capacity / 8).last
    }

    private mutating func makeEvent(_ notice: EventNotice, wallClock: Date) -> Event {
        sequence &+= 1
        let micros = UInt64(max(0, min(wallClock.timeIntervalSince1970, 1e12)) * 1_000_000)
        let suffix = String(micros &* 1000 &+ sequence % 1000, radix: 16)
        let stem = (notice.regarding.name ?? "event").prefix(252 - suffix.utf8.count)
        var event = Event(
            metadata: ObjectMeta(name: "\(stem).\(suffix)", namespace: notice.regarding.namespace ?? "default")
        )
        event.eventTime = MicroTime(wallClock)
        event.reportingController = reportingController
        event.reportingInstance = reportingInstance
        event.action = String(notice.action.prefix(128))
        event.reason = String(notice.reason.prefix(128))
        event.regarding = notice.regarding
        event.related = notice.related
        event.note = Self.cut(notice.note, toBytes: 1024)
        event.type = notice.kind.rawValue
        return event
    }

    /// The longest beginning of `text` that fits, cut between characters.
    private static func cut(_ text: String, toBytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var result = ""
        var count = 3
        for character in text {
            count += character.utf8.count
            guard count <= limit else { break }
            result.append(character)
        }
        return result + "…"
    }
}
