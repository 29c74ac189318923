/// Who stands for election, and at what pace.
public struct LeaderElectionConfiguration: Sendable, Hashable {
    /// This candidate's name, unique per process start.
    public let identity: String
    /// How long others wait for a silent leader.
    public let leaseDuration: Duration
    /// How long a leader that cannot renew goes on writing, counted from the moment it *sent* its last renewal that
    /// succeeded.
    public let renewDeadline: Duration
    /// The pace of renewals, and of attempts to become leader.
    public let retryPeriod: Duration
    /// How much chance adds to the pace of attempts to become leader, as a share of `retryPeriod`.
    public let acquireJitter: Double

    /// Checks and creates a configuration.
    ///
    /// The durations default to client-go's. The jitter is smaller (0.4 rather than 1.2), so that a standby follows a
    /// leader that gave up its lease within 2.8 s.
    ///
    /// - Parameters:
    ///   - identity: this candidate's name; two processes with the same name both lead.
    ///   - leaseDuration: how long others wait for a silent leader, from 1 s to a day; whole seconds are written to the
    ///     Lease, rounded up.
    ///   - renewDeadline: how long a leader that cannot renew goes on writing. What is left of the lease after it is
    ///     the time that requests under way have to arrive, and the process to end.
    ///   - retryPeriod: the pace of renewals, and of attempts to become leader.
    ///   - acquireJitter: how much chance adds to attempts to become leader, from 0 to 1.2 retry periods.
    /// - Throws: ``LeaderElectionError`` with code `invalidConfiguration` unless the identity is not empty, every
    ///   duration is positive, and `leaseDuration > renewDeadline > retryPeriod · 1.2`.
    public init(
        identity: String,
        leaseDuration: Duration = .seconds(15),
        renewDeadline: Duration = .seconds(10),
        retryPeriod: Duration = .seconds(2),
        acquireJitter: Double = 0.4
    ) throws(LeaderElectionError) {
        func refuse(_ cause: String) -> LeaderElectionError { LeaderElectionError(.invalidConfiguration, cause) }
        guard !identity.isEmpty else { throw refuse("the identity of a candidate for leadership must not be empty") }
        guard retryPeriod > .zero else { throw refuse("the retry period (\(retryPeriod)) must be positive") }
        guard (Self.shortestLease...Self.longestLease).contains(leaseDuration) else {
            throw refuse("the lease duration (\(leaseDuration)) must be from 1 second to 24 hours")
        }
        guard renewDeadline > retryPeriod * 1.2 else {
            throw refuse("the renew deadline (\(renewDeadline)) must exceed 1.2 retry periods (\(retryPeriod) each)")
        }
        guard leaseDuration > renewDeadline else {
            throw refuse("the lease duration (\(leaseDuration)) must exceed the renew deadline (\(renewDeadline))")
        }
        guard (0...1.2).contains(acquireJitter) else { throw refuse("the jitter must be between 0 and 1.2") }
        self.identity = identity
        self.leaseDuration = leaseDuration
        self.renewDeadline = renewDeadline
        self.retryPeriod = retryPeriod
        self.acquireJitter = acquireJitter
    }

    /// What stands in the Lease: rounded up, so that nobody waits for less than ``leaseDuration``.
    var leaseDurationSeconds: Int {
        let (seconds, attoseconds) = leaseDuration.components
        return Int(clamping: attoseconds > 0 ? seconds + 1 : seconds)
    }

    private static let shortestLease = Duration.seconds(1)
    private static let longestLease = Duration.seconds(24 * 3600)
}

/// Leadership could not be sought, or was lost.
public struct LeaderElectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it was.
    public enum Code: String, Sendable, Hashable {
        /// The configuration contradicts itself.
        case invalidConfiguration
        /// The lease was lost. Whatever the leader did must stop; the process should end.
        case leadershipLost
        /// A write was attempted by a process that does not lead.
        case notLeading
    }

    /// What kind of trouble it was.
    public let code: Code
    /// A sentence that says what happened.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
