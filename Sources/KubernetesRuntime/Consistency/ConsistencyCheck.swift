/// Whether the caches show everything that was written for one owner.
public enum ConsistencyCheck: Sendable, Hashable {
    /// They do.
    case consistent
    /// They do not yet.
    ///
    /// Ask again after `delay`; `missing` says, for people, what they do not show.
    case stale(missing: String, delay: Duration)
    /// They do not, and it has taken so long that waiting on would do more harm; what was written is forgotten.
    case givenUp(missing: String)
}

/// How long a ``ConsistencyStore`` holds an owner back.
public struct ConsistencyLimits: Sendable, Hashable {
    /// The delay after the first check that found a cache behind; doubles with each further one.
    ///
    /// Default 50 ms.
    public var firstDelay: Duration
    /// The longest delay between checks.
    ///
    /// Default 200 ms.
    public var longestDelay: Duration
    /// How long after the last write the caches are waited for.
    ///
    /// Longer than a broken watch takes to be noticed and resumed; a server that was set back to an earlier state, where
    /// versions begin anew, must not hold an owner back for ever. Default 5 min.
    public var patience: Duration

    /// Creates limits.
    public init(
        firstDelay: Duration = .milliseconds(50),
        longestDelay: Duration = .milliseconds(200),
        patience: Duration = .seconds(300)
    ) {
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.patience = patience
    }
}
