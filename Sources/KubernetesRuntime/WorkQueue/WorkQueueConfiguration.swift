/// How a work queue orders and delays its keys.
public struct WorkQueueConfiguration<Key: Hashable & Sendable>: Sendable {
    /// How long keys wait that failed.
    public var retryDelay: RetryDelay
    /// After how long a key of less than normal priority counts as normal, so that a busy queue cannot starve it.
    ///
    /// Counted from the moment at which the key began to need work. Default 30 s.
    public var agingTime: Duration
    /// Names the tenant that a key belongs to, such as its namespace: tenants take turns within one priority, however
    /// many keys each has.
    ///
    /// `nil`: all keys are of one tenant. Must be pure and quick; it is called while the queue is locked.
    public var fairness: (@Sendable (Key) -> String)?
    /// How many workers there are, so that no tenant has all of them: a tenant gets another one only while it has fewer
    /// than three times as many as are free, and its first in any case.
    ///
    /// Of 16 a tenant alone gets 12, two of them get 7 each, and whoever comes next finds one free, however long the work
    /// of the others takes. `nil`: there is no such limit. Without ``fairness`` it has no effect.
    public var workers: Int?

    /// Creates a configuration.
    public init(
        retryDelay: RetryDelay = RetryDelay(),
        agingTime: Duration = .seconds(30),
        fairness: (@Sendable (Key) -> String)? = nil,
        workers: Int? = nil
    ) {
        self.retryDelay = retryDelay
        self.agingTime = agingTime
        self.fairness = fairness
        self.workers = workers
    }
}
