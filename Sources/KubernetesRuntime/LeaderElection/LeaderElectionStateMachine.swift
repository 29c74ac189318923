public import FoundationEssentials

/// The rules of leader election over a Lease, as a value: no clock, no tasks, no I/O.
///
/// The owner performs the action it is given and reports the outcome, which yields the next action. Times (`now`) are
/// durations on the owner's monotonic clock; the wall clock only fills in the times that people read. A record's times
/// are never compared with any clock: a lease lives as long as its record keeps *changing* within its duration, as seen
/// here. That makes the election immune to clocks that are set wrongly, and to clocks whose rates differ by less than
/// `leaseDuration / renewDeadline`.
///
/// A leader that cannot renew passes two limits, both counted from when its last renewal that succeeded was *sent*:
/// after `renewDeadline` it may not write (``leadsUntil``), and a little later, one retry period at most and before the
/// lease can be taken, it gives up (``givesUpAt``). A renewal that succeeds in between proves that nobody else held the
/// lease, and opens the way for writes again.
///
/// Deviations from client-go (`tools/leaderelection`), all towards fewer writers: the limits count from when a renewal
/// was sent, not from when its answer came; a leader that reads another holder's name steps down at once; a release
/// looks at the record it is about to replace, not at one it remembers; a Lease that was deleted or blanked by hand is
/// left alone for as long as its last holder may still act; a duration in another's record that is shorter than one's
/// own does not count; and each renewal changes the record even when the wall clock stands still.
public struct LeaderElectionStateMachine: Sendable {
    /// What the owner shall do.
    public enum Action: Sendable, Hashable {
        /// Read the Lease; report `read` or `readFailed`.
        case read
        /// Create the Lease; report `written` or `writeFailed`.
        case create(LeaseRecord)
        /// Replace the Lease if it is still at this version; report `written` or `writeFailed`.
        case update(LeaseRecord, resourceVersion: String)
        /// Wait; report `waited`.
        case wait(Duration)
        /// Leadership is lost: stop acting. There is no next action.
        case stepDown(reason: String)
        /// The lease is released, or was not ours. There is no next action.
        case released
    }

    /// What came of an action.
    public enum Outcome: Sendable, Hashable {
        /// The Lease as it is; `nil` when there is none.
        case read(LeaseObservation?)
        /// It could not be read.
        case readFailed
        /// The Lease was written and has this version.
        case written(resourceVersion: String)
        /// It was not written, or whether it was is unknown.
        case writeFailed
        /// The wait is over.
        case waited
    }

    private static let maximumReleaseAttempts = 3
    /// How long a server that could not be read is left alone while the lease is given back.
    private static let releasePause = Duration.milliseconds(300)
    /// What a release leaves in `leaseDurationSeconds`: the API demands a positive number.
    private static let releasedDurationSeconds = 1

    private enum Write: Sendable {
        /// A renewal that relies on the version remembered.
        case fast(LeaseRecord)
        case slow(LeaseRecord)
        case release
    }

    /// The settings in force.
    public let configuration: LeaderElectionConfiguration
    /// Until when writes are allowed; `nil` when this candidate does not hold the lease.
    public private(set) var leadsUntil: Duration?
    /// The record's `leaseTransitions` while this candidate holds the lease: the number of its term of office.
    public private(set) var term: Int?
    /// The record as last seen or written.
    public private(set) var observed: LeaseObservation?
    /// How often a renewal had to read the Lease first.
    public private(set) var slowPathCount = 0

    private var observedAt: Duration = .zero
    /// Whether the Lease was not there when it was last read.
    private var isGone = false
    private var roundStartedAt: Duration = .zero
    private var writing: Write?
    /// Whether a request about the Lease failed since it was last renewed.
    private var hasFailed = false
    private var isReleasing = false
    private var releaseAttempts = 0
    /// Whether the Lease may bear this candidate's name: a claim was sent, and no answer or later read says otherwise.
    private var mayHold = false
    /// The time of acquisition in the latest claim.
    private var acquiredAt: Date?
    private var generator: SplitMix64

    /// Creates a candidate that has seen nothing yet.
    public init(configuration: LeaderElectionConfiguration, seed: UInt64) {
        self.configuration = configuration
        generator = SplitMix64(seed: seed)
    }

    /// Whether this candidate may act at `now`.
    public func leads(at now: Duration) -> Bool { leadsUntil.map { now < $0 } ?? false }

    /// When this candidate gives up the lease that it cannot renew; `nil` when it does not hold it.
    public var givesUpAt: Duration? {
        let spare = (configuration.leaseDuration - configuration.renewDeadline) / 2
        return leadsUntil.map { $0 + min(configuration.retryPeriod, spare) }
    }

    /// How long a request that is sent at `now` may take: half the renew deadline, and less after a failure, so that
    /// several tries are left before ``givesUpAt``.
    public func requestTimeout(at now: Duration) -> Duration {
        let usual = max(.seconds(1), configuration.renewDeadline / 2)
        guard let end = givesUpAt, now < end else { return usual }
        let remaining = end - now
        return min(usual, remaining, hasFailed ? max(remaining / 2, .seconds(1)) : remaining)
    }

    /// Begins an attempt to get or keep the lease.
    public mutating func start(at now: Duration, wallClock: Date) -> Action {
        if let end = givesUpAt, now >= end { return stepDown(notRenewed) }
        roundStartedAt = now
        writing = nil
        guard leadsUntil != nil, !isGone, let observed else { return .read }
        let record = claim(over: observed.record, wallClock: wallClock)
        writing = .fast(record)
        return .update(record, resourceVersion: observed.resourceVersion)
    }

    /// Takes the outcome of the last action and gives the next one.
    public mutating func handle(_ outcome: Outcome, at now: Duration, wallClock: Date) -> Action {
        if isReleasing { return handleRelease(outcome, wallClock: wallClock) }
        switch outcome {
        case .waited: return start(at: now, wallClock: wallClock)
        case .read(let found): return decide(found, at: now, wallClock: wallClock)
        case .readFailed:
            hasFailed = true
            return endRound(at: now)
        case .written(let version): return written(version, at: now)
        case .writeFailed: return writeFailed(at: now)
        }
    }

    /// Begins to give the lease back.
    ///
    /// Writes are not allowed from here on.
    public mutating func release() -> Action {
        // A claim whose answer was not awaited may have been granted all the same.
        let mayHold = self.mayHold || leadsUntil != nil
        leadsUntil = nil
        term = nil
        writing = nil
        isReleasing = true
        return mayHold ? .read : .released
    }

    // MARK: - Getting and keeping

    private mutating func decide(_ found: LeaseObservation?, at now: Duration, wallClock: Date) -> Action {
        writing = nil
        if let end = givesUpAt, now >= end { return stepDown(notRenewed) }
        guard let found else { return decideWithoutLease(at: now, wallClock: wallClock) }
        if isGone || found.record != observed?.record { observedAt = now }
        isGone = false
        observed = found
        if !isOurs(found.record) {
            mayHold = false
            let holder = printable(found.record.holderIdentity)
            let isNamesake = found.record.holderIdentity == configuration.identity
            if leadsUntil != nil {
                return stepDown("the lease is held by \(isNamesake ? "another process named " : "")\(holder)")
            }
            let expiry = observedAt + lifetime(of: found.record)
            if expiry > now { return wait(for: expiry, at: now) }
        }
        let record = claim(over: found.record, wallClock: wallClock)
        writing = .slow(record)
        mayHold = true
        return .update(record, resourceVersion: found.resourceVersion)
    }

    /// There is no Lease: makes it, but not while a holder may still act, whoever that was.
    ///
    /// Since the record was last seen others may have held the Lease. Who never saw one takes this for the beginning.
    private mutating func decideWithoutLease(at now: Duration, wallClock: Date) -> Action {
        if !isGone { observedAt = now }
        isGone = true
        if leadsUntil == nil, let last = observed?.record {
            let expiry = observedAt + max(lifetime(of: last), configuration.leaseDuration)
            if expiry > now { return wait(for: expiry, at: now) }
        }
        let record = claim(over: observed?.record, wallClock: wallClock)
        writing = .slow(record)
        mayHold = true
        return .create(record)
    }

    /// How long the holder that `record` names may act after the record was seen to change.
    private func lifetime(of record: LeaseRecord) -> Duration {
        let seconds = max(record.leaseDurationSeconds, 0)
        guard record.holderIdentity.isEmpty else { return max(.seconds(seconds), configuration.leaseDuration) }
        // A holder's name that was taken out by hand still leaves the holder's duration.
        return seconds <= Self.releasedDurationSeconds ? .zero : .seconds(seconds)
    }

    private mutating func written(_ version: String, at now: Duration) -> Action {
        switch writing {
        case .fast(let record), .slow(let record): renewed(record, version, at: now)
        case .release, nil: endRound(at: now)
        }
    }

    private mutating func renewed(_ record: LeaseRecord, _ version: String, at now: Duration) -> Action {
        writing = nil
        observed = LeaseObservation(record: record, resourceVersion: version)
        observedAt = now
        isGone = false
        hasFailed = false
        let end = roundStartedAt + configuration.renewDeadline
        // An answer that came too late to begin with: the next round looks again.
        guard leadsUntil != nil || now < end else { return .wait(.zero) }
        leadsUntil = end
        term = record.leaseTransitions
        if let limit = givesUpAt, now >= limit { return stepDown(notRenewed) }
        // The pace counts from the sending, so that slow answers do not make renewals rarer.
        return .wait(max(.zero, roundStartedAt + configuration.retryPeriod - now))
    }

    private mutating func writeFailed(at now: Duration) -> Action {
        defer { writing = nil }
        hasFailed = true
        if case .fast = writing, let end = givesUpAt, now < end {
            slowPathCount &+= 1
            roundStartedAt = now
            return .read
        }
        return endRound(at: now)
    }

    private mutating func endRound(at now: Duration) -> Action {
        writing = nil
        guard let end = givesUpAt else {
            return .wait(configuration.retryPeriod.jittered(by: configuration.acquireJitter, using: &generator))
        }
        guard now < end else { return stepDown(notRenewed) }
        // Closer and closer tries towards the end: the last one must not fall on the deadline.
        let remaining = end - now
        return .wait(min(configuration.retryPeriod, max(remaining / 2, min(remaining, .milliseconds(250)))))
    }

    /// Waits for the next look at another's lease: no longer than until it runs out, so that a crash costs little more
    /// than the lease itself.
    private mutating func wait(for expiry: Duration, at now: Duration) -> Action {
        let usual = configuration.retryPeriod.jittered(by: configuration.acquireJitter, using: &generator)
        let spread = generator.duration(in: .zero..<(configuration.retryPeriod * 0.1))
        return .wait(min(usual, expiry - now + spread))
    }

    private mutating func stepDown(_ reason: String) -> Action {
        leadsUntil = nil
        term = nil
        writing = nil
        return .stepDown(reason: reason)
    }

    private var notRenewed: String { "the lease could not be renewed within \(configuration.renewDeadline)" }

    /// Whether a record comes from this candidate.
    ///
    /// Its name alone does not tell: another process may have been given the same, or have had it before. The time at
    /// which the lease was acquired stays as it is for as long as one candidate renews it.
    private func isOurs(_ record: LeaseRecord) -> Bool {
        guard record.holderIdentity == configuration.identity, let acquiredAt else { return false }
        // A Lease says it in microseconds.
        return record.acquireTime.map { abs($0.timeIntervalSince(acquiredAt)) < 2e-6 } ?? true
    }

    private mutating func claim(over record: LeaseRecord?, wallClock: Date) -> LeaseRecord {
        let ours = record.flatMap { isOurs($0) ? $0 : nil }
        let transitions = record.map { ours == nil ? $0.leaseTransitions &+ 1 : $0.leaseTransitions } ?? 0
        // A claim that may still be granted is repeated, so that it is known for one's own when it was.
        let acquireTime = ours?.acquireTime ?? (mayHold ? acquiredAt : nil) ?? wallClock
        acquiredAt = acquireTime
        return LeaseRecord(
            holderIdentity: configuration.identity,
            leaseDurationSeconds: configuration.leaseDurationSeconds,
            acquireTime: acquireTime,
            renewTime: Self.renewTime(wallClock, after: record?.renewTime),
            // The API's field has 32 bits.
            leaseTransitions: min(max(transitions, 0), Int(Int32.max))
        )
    }

    /// `wallClock`, moved on where it would not differ from `last` in a microsecond.
    ///
    /// A server treats the update of an object with its own content as none, and others would see no sign of life.
    private static func renewTime(_ wallClock: Date, after last: Date?) -> Date {
        guard let last, abs(wallClock.timeIntervalSince(last)) < 2e-6 else { return wallClock }
        return last.addingTimeInterval(2e-6)
    }

    private func printable(_ holder: String) -> String {
        holder.isEmpty ? "nobody" : "\"\(holder.prefix(128))\""
    }

    // MARK: - Giving back

    private mutating func handleRelease(_ outcome: Outcome, wallClock: Date) -> Action {
        switch outcome {
        case .writeFailed where releaseAttempts < Self.maximumReleaseAttempts:
            // A renewal that was still on its way may have been faster.
            return .read
        case .readFailed where releaseAttempts < Self.maximumReleaseAttempts:
            // The next leader would have to wait for the whole of the lease.
            releaseAttempts += 1
            return .wait(Self.releasePause)
        case .waited: return .read
        default: break
        }
        guard case .read(let found?) = outcome, isOurs(found.record) else {
            return .released
        }
        releaseAttempts += 1
        writing = .release
        var record = found.record
        record.holderIdentity = ""
        record.leaseDurationSeconds = Self.releasedDurationSeconds
        record.acquireTime = wallClock
        record.renewTime = wallClock
        return .update(record, resourceVersion: found.resourceVersion)
    }
}
