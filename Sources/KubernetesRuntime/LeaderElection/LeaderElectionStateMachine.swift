public import FoundationEssentials

/// The rules of leader election over a Lease, as a value: no clock, no tasks, no I/O.
///
/// The owner performs the action it is given and reports the outcome, which yields the next action. Times (`now`) are
/// durations on the owner's monotonic clock; the wall clock only fills in the times that people read. A record's times
/// are never compared with any clock: a lease lives as long as its record keeps *changing* within its duration, as seen
/// here. That makes the election immune to clocks that are set wrongly, and to clocks whose rates differ by less than
/// `leaseDuration / renewDeadline`.
///
/// Deviations from client-go, all towards fewer writers: the time to step down counts from when a renewal was *sent*;
/// a leader that reads another holder's name steps down at once; a release looks at the record it is about to replace,
/// not at one it remembers.
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

    private enum Write: Sendable {
        /// A renewal that relies on the version remembered.
        case fast(LeaseRecord)
        case slow(LeaseRecord)
        case release
    }

    /// The settings in force.
    public let configuration: LeaderElectionConfiguration
    /// Until when writes are allowed; `nil` when this candidate does not lead.
    public private(set) var leadsUntil: Duration?
    /// The record as last seen or written.
    public private(set) var observed: LeaseObservation?
    /// How often a renewal had to read the Lease first.
    public private(set) var slowPathCount = 0

    private var observedAt: Duration = .zero
    private var roundStartedAt: Duration = .zero
    private var writing: Write?
    private var isReleasing = false
    private var releaseAttempts = 0
    /// Whether the Lease may bear this candidate's name: a claim was sent, and no answer or later read says otherwise.
    private var mayHold = false
    private var generator: SplitMix64

    /// Creates a candidate that has seen nothing yet.
    public init(configuration: LeaderElectionConfiguration, seed: UInt64) {
        self.configuration = configuration
        generator = SplitMix64(seed: seed)
    }

    /// Whether this candidate may act at `now`.
    public func leads(at now: Duration) -> Bool { leadsUntil.map { now < $0 } ?? false }

    /// Begins an attempt to get or keep the lease.
    public mutating func start(at now: Duration, wallClock: Date) -> Action {
        if leadsUntil != nil, !leads(at: now) {
            return stepDown("the lease could not be renewed within \(configuration.renewDeadline)")
        }
        roundStartedAt = now
        guard leadsUntil != nil, let observed else { return .read }
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
        case .readFailed: return endRound(at: now)
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
        writing = nil
        isReleasing = true
        return mayHold ? .read : .released
    }

    // MARK: - Getting and keeping

    private mutating func decide(_ found: LeaseObservation?, at now: Duration, wallClock: Date) -> Action {
        guard let found else {
            observed = nil
            let record = claim(over: nil, wallClock: wallClock)
            writing = .slow(record)
            mayHold = true
            return .create(record)
        }
        if found.record != observed?.record { observedAt = now }
        observed = found
        let holder = found.record.holderIdentity
        if holder != configuration.identity {
            mayHold = false
            if leadsUntil != nil { return stepDown("the lease is held by \(printable(holder))") }
            let lifetime = Duration.seconds(max(found.record.leaseDurationSeconds, 0))
            let expiry = observedAt + lifetime
            if !holder.isEmpty, expiry > now { return wait(for: expiry, at: now) }
        }
        let record = claim(over: found.record, wallClock: wallClock)
        writing = .slow(record)
        mayHold = true
        return .update(record, resourceVersion: found.resourceVersion)
    }

    private mutating func written(_ version: String, at now: Duration) -> Action {
        switch writing {
        case .fast(let record), .slow(let record):
            observed = LeaseObservation(record: record, resourceVersion: version)
            observedAt = now
            leadsUntil = roundStartedAt + configuration.renewDeadline
        case .release, nil:
            break
        }
        writing = nil
        guard leads(at: now) else {
            return stepDown("the renewal took longer than \(configuration.renewDeadline)")
        }
        return .wait(configuration.retryPeriod)
    }

    private mutating func writeFailed(at now: Duration) -> Action {
        defer { writing = nil }
        if case .fast = writing, leads(at: now) {
            slowPathCount &+= 1
            roundStartedAt = now
            return .read
        }
        return endRound(at: now)
    }

    private mutating func endRound(at now: Duration) -> Action {
        writing = nil
        guard let leadsUntil else {
            return .wait(configuration.retryPeriod.jittered(by: configuration.acquireJitter, using: &generator))
        }
        guard now < leadsUntil else {
            return stepDown("the lease could not be renewed within \(configuration.renewDeadline)")
        }
        // Closer and closer tries towards the end: the last one must not fall on the deadline.
        let remaining = leadsUntil - now
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
        writing = nil
        return .stepDown(reason: reason)
    }

    private func claim(over record: LeaseRecord?, wallClock: Date) -> LeaseRecord {
        let isOurs = record?.holderIdentity == configuration.identity
        let transitions = record.map { isOurs ? $0.leaseTransitions : $0.leaseTransitions &+ 1 } ?? 0
        return LeaseRecord(
            holderIdentity: configuration.identity,
            leaseDurationSeconds: Int(clamping: configuration.leaseDuration.components.seconds),
            acquireTime: isOurs ? record?.acquireTime ?? wallClock : wallClock,
            renewTime: wallClock,
            leaseTransitions: max(transitions, 0)
        )
    }

    private func printable(_ holder: String) -> String {
        holder.isEmpty ? "nobody" : "\"\(holder.prefix(128))\""
    }

    // MARK: - Giving back

    private mutating func handleRelease(_ outcome: Outcome, wallClock: Date) -> Action {
        if case .writeFailed = outcome, releaseAttempts < Self.maximumReleaseAttempts {
            // A renewal that was still on its way may have been faster.
            return .read
        }
        guard case .read(let found?) = outcome, found.record.holderIdentity == configuration.identity else {
            return .released
        }
        releaseAttempts += 1
        writing = .release
        var record = found.record
        record.holderIdentity = ""
        record.leaseDurationSeconds = 1
        record.acquireTime = wallClock
        record.renewTime = wallClock
        return .update(record, resourceVersion: found.resourceVersion)
    }
}
