/// How often and how patiently something is tried again.
///
/// A value: it decides, and never sleeps.
public struct RetryPolicy: Sendable, Hashable {
    /// How many attempts there are, the first included; at least 1.
    public var attempts: Int
    /// The pause after the first failure.
    public var initialDelay: Duration
    /// How much longer each further pause is.
    public var multiplier: Double
    /// The longest pause of its own making.
    public var maximumDelay: Duration
    /// The part of a pause that is left to chance, 0 to 1: a pause of 1 s with a jitter of 0.2 takes 0.8 s to 1 s.
    public var jitter: Double
    /// The longest `Retry-After` that is waited for; a longer one ends the attempts.
    public var maximumRetryAfter: Duration
    /// How long all attempts and pauses together may take; no attempt begins after it.
    public var budget: Duration

    /// Creates a policy.
    ///
    /// Default: 4 attempts, pauses of 250 ms, 500 ms and 1 s, a fifth of it chance, within 30 s.
    public init(
        attempts: Int = 4,
        initialDelay: Duration = .milliseconds(250),
        maximumDelay: Duration = .seconds(5),
        maximumRetryAfter: Duration = .seconds(10),
        budget: Duration = .seconds(30)
    ) {
        self.attempts = max(1, attempts)
        self.initialDelay = initialDelay
        multiplier = 2
        self.maximumDelay = maximumDelay
        jitter = 0.2
        self.maximumRetryAfter = maximumRetryAfter
        self.budget = budget
    }

    /// One attempt, no pause.
    public static let never = RetryPolicy(attempts: 1)

    /// The pause before the next attempt.
    ///
    /// - Parameters:
    ///   - failures: how many attempts failed, at least 1.
    ///   - elapsed: the time since the first attempt began.
    ///   - retryAfter: what the server asked for. It is a lower bound: the pause is never shorter.
    ///   - chance: a number from 0 up to 1.
    /// - Returns: the pause; `nil` when there is to be no further attempt.
    public func pause(
        afterFailures failures: Int,
        elapsed: Duration,
        retryAfter: Duration? = nil,
        chance: Double
    ) -> Duration? {
        guard failures < attempts else { return nil }
        var pause = initialDelay
        for _ in 1..<max(1, min(failures, 64)) where pause < maximumDelay { pause = pause * max(1, multiplier) }
        pause = min(pause, maximumDelay)
        pause = pause * (1 - min(max(jitter, 0), 1) * min(max(chance, 0), 1))
        if let retryAfter {
            guard retryAfter <= maximumRetryAfter else { return nil }
            pause = max(pause, retryAfter)
        }
        guard elapsed + pause < budget else { return nil }
        return pause
    }
}
