/// How long a key that failed waits: `base` · 2ⁿ after n earlier failures, at most `maximum`.
public struct RetryDelay: Sendable, Hashable {
    /// The delay after the first failure.
    public var base: Duration
    /// The longest delay.
    public var maximum: Duration

    /// Creates a rule.
    ///
    /// The defaults are client-go's: 5 ms doubling to 1000 s.
    public init(base: Duration = .milliseconds(5), maximum: Duration = .seconds(1000)) {
        self.base = base
        self.maximum = maximum
    }

    /// The delay after `count` earlier failures.
    public func delay(afterFailures count: Int) -> Duration {
        guard count >= 0 else { return base }
        // Past 2^40 every sensible base is beyond the maximum, and the product cannot overflow.
        return min(base * (1 << min(count, 40)), maximum)
    }
}
