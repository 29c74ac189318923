/// How a controller works.
public struct ControllerSettings: Sendable, Hashable {
    /// The number of keys worked on at the same time.
    ///
    /// Default 1.
    public var workers: Int
    /// How long the caches may take to fill before the controller fails; `nil`: as long as it takes.
    ///
    /// Default `nil`: what they wait for (a definition, a permission, a server) is not brought nearer by a restart.
    public var cacheSyncTimeout: Duration?
    /// How long the work on one key may take before it is cancelled and counts as failed; `nil` for no limit.
    public var reconcileTimeout: Duration?
    /// How long work under way may go on after a graceful shut-down began; then it is cancelled.
    ///
    /// Default 20 s, so that what follows has room within the half minute that a Pod has.
    public var shutdownTimeout: Duration

    /// Creates settings.
    public init(
        workers: Int = 1,
        cacheSyncTimeout: Duration? = nil,
        reconcileTimeout: Duration? = nil,
        shutdownTimeout: Duration = .seconds(20)
    ) {
        self.workers = workers
        self.cacheSyncTimeout = cacheSyncTimeout
        self.reconcileTimeout = reconcileTimeout
        self.shutdownTimeout = shutdownTimeout
    }
}
