public import FoundationEssentials
public import KubernetesAPI

/// Decides which notices become Events, which only count, and which are too many; a value without clock or I/O.
///
/// Equal notices (all but the note) form a series: the first is created, the second makes it a series of two, later
/// ones are counted here and written every 30 minutes and at the end. A series ends when nothing was added for six
/// minutes. Each object has a bucket of 25 Events per type that refills at one in five minutes, because the
/// `events.k8s.io` client rules have no limit of their own. Constants are client-go's (`tools/events`, and
/// `tools/record` for the bucket); the limits of the texts are those of the API's validation
/// (`pkg/apis/core/validation/events.go`), in bytes.
public struct EventCorrelator: Sendable {
    /// What to write.
    public enum Write: Sendable, Hashable {
        /// Create this Event.
        case create(Event)
        /// Set the series of an Event; when it is gone, create it as given.
        case series(Event)
    }

    /// What becomes of a notice.
    public struct Decision: Sendable, Hashable {
        /// What to write, in order; nothing for a notice that is only counted in its series, or dropped.
        public var writes: [Write] = []
        /// Whether the notice is left out, because there were too many about its object.
        public var isDropped = false
    }

    private struct SeriesKey: Hashable, Sendable {
        var regarding: ObjectReference
        var related: ObjectReference?
        var kind: EventNotice.Kind
        var reason: String
        var action: String

        /// The objects as such: which version of them was looked at makes no difference.
        init(_ notice: EventNotice) {
            regarding = notice.regarding
            regarding.resourceVersion = nil
            related = notice.related
            related?.resourceVersion = nil
            kind = notice.kind
            reason = notice.reason
            action = notice.action
        }
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
    /// How many series are remembered.
    static let capacity = 4096
    private static let maximumTextBytes = 128
    private static let maximumNoteBytes = 1024

    private let reportingController: String
    private let reportingInstance: String
    private var entries: [SeriesKey: Entry] = [:]
    private var buckets: [BucketKey: Bucket] = [:]
    private var sequence: UInt64 = 0
    private var generator: SplitMix64

    /// Creates a correlator for one reporting component.
    ///
    /// - Parameters:
    ///   - reportingController: the component, a qualified name such as `example.com/controller`.
    ///   - reportingInstance: which instance of it, cut to 128 bytes.
    ///   - seed: decides the names of Events whose object has a name that an Event's cannot begin with.
    public init(
        reportingController: String,
        reportingInstance: String,
        seed: UInt64 = .random(in: .min ... .max)
    ) {
        self.reportingController = reportingController
        self.reportingInstance = reportingInstance.cut(toBytes: Self.maximumTextBytes)
        generator = SplitMix64(seed: seed)
    }

    /// Whether ``tick(at:)`` has anything to look after.
    public var isEmpty: Bool { entries.isEmpty && buckets.isEmpty }

    /// Takes a notice.
    public mutating func observe(_ notice: EventNotice, at now: Duration, wallClock: Date) -> Decision {
        let key = SeriesKey(notice)
        var decision = Decision()
        if var entry = entries[key] {
            if now - entry.lastSeen <= Self.idleLimit {
                entry.count &+= 1
                entry.lastSeen = now
                entry.lastObserved = wallClock
                if entry.count == 2 { decision.writes.append(takeSeries(&entry, at: now)) }
                entries[key] = entry
                return decision
            }
            // Its series is over, although no tick has come since.
            entries[key] = nil
            if entry.count > entry.writtenCount { decision.writes.append(takeSeries(&entry, at: now)) }
        }
        guard takeToken(BucketKey(regarding: key.regarding, kind: notice.kind), at: now) else {
            decision.isDropped = true
            return decision
        }
        let event = makeEvent(notice, wallClock: wallClock)
        entries[key] = Entry(event: event, lastSeen: now, lastWritten: now, lastObserved: wallClock)
        decision.writes += evictBeyondCapacity(at: now)
        decision.writes.append(.create(event))
        return decision
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

    /// Ends every series, as before the process ends: what was only counted is written.
    public mutating func finish(at now: Duration) -> [Write] {
        defer { entries = [:] }
        return unwritten(entries.values, at: now)
    }

    // MARK: - Details

    private func takeSeries(_ entry: inout Entry, at now: Duration) -> Write {
        entry.writtenCount = entry.count
        entry.lastWritten = now
        entry.event.series = Event.Series(count: entry.count, lastObservedTime: MicroTime(entry.lastObserved))
        return .series(entry.event)
    }

    /// What ends those of `ending` that were only counted since they were last written.
    private func unwritten(_ ending: some Sequence<Entry>, at now: Duration) -> [Write] {
        ending.filter { $0.count > $0.writtenCount }.map { entry in
            var entry = entry
            return takeSeries(&entry, at: now)
        }
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
    ///
    /// - Returns: the series among them that were only counted since they were last written.
    private mutating func evictBeyondCapacity(at now: Duration) -> [Write] {
        var writes: [Write] = []
        if let cutoff = Self.cutoff(entries.values.lazy.map(\.lastSeen)) {
            writes = unwritten(entries.values.filter { $0.lastSeen <= cutoff }, at: now)
            entries = entries.filter { $0.value.lastSeen > cutoff }
        }
        if let cutoff = Self.cutoff(buckets.values.lazy.map(\.updated)) {
            buckets = buckets.filter { $0.value.updated > cutoff }
        }
        return writes
    }

    /// The time up to which entries go; `nil` while the table is not full.
    private static func cutoff(_ times: some Collection<Duration>) -> Duration? {
        guard times.count > capacity else { return nil }
        return times.sorted().prefix(capacity / 8).last
    }

    private mutating func makeEvent(_ notice: EventNotice, wallClock: Date) -> Event {
        var event = Event(
            metadata: ObjectMeta(
                name: eventName(notice.regarding.name ?? "", wallClock),
                namespace: notice.regarding.namespace ?? "default"
            )
        )
        event.eventTime = MicroTime(wallClock)
        event.reportingController = reportingController
        event.reportingInstance = reportingInstance
        event.action = notice.action.cut(toBytes: Self.maximumTextBytes)
        event.reason = notice.reason.cut(toBytes: Self.maximumTextBytes)
        event.regarding = notice.regarding
        event.related = notice.related
        event.note = notice.note.cut(toBytes: Self.maximumNoteBytes)
        event.type = notice.kind.rawValue
        return event
    }

    /// The object's name and the time in nanoseconds; a random name where that would be none (RFC 1123 subdomain).
    private mutating func eventName(_ object: String, _ wallClock: Date) -> String {
        sequence &+= 1
        let micros = UInt64(max(0, min(wallClock.timeIntervalSince1970, 1e12)) * 1_000_000)
        let name = "\(object).\(String(micros &* 1000 &+ sequence % 1000, radix: 16))"
        if name.isDNSSubdomain(maximumBytes: ObjectMeta.maximumNameBytes) { return name }
        let random = [generator.next(), generator.next()].map { part in
            let digits = String(part, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return "event-" + random.joined()
    }
}
