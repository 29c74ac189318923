/// How a reflector asks.
public struct ReflectorConfiguration: Sendable, Hashable {
    /// Whether it tries a watch-list before a LIST.
    ///
    /// Default `true`.
    public var usesWatchList: Bool
    /// Objects per page of a LIST.
    ///
    /// Default 500.
    public var pageSize: Int
    /// The range from which the lifetime of each watch is drawn, in seconds.
    ///
    /// Default 300 to 600.
    public var watchTimeoutSeconds: ClosedRange<Int>
    /// A watch that ends sooner than this without an event counts as a failure.
    ///
    /// Default 1 s.
    public var shortWatch: Duration
    /// Delays after failures.
    public var backoff: Backoff
    /// The longest `Retry-After` that is honoured.
    ///
    /// Default 5 min.
    public var longestRetryAfter: Duration
    /// How long a watch may be silent before it is taken for dead and opened again from the last version.
    ///
    /// API servers send a bookmark about once a minute. Default 90 s.
    public var watchIdleLimit: Duration
    /// How many watches in a row may stay silent, on a server that has sent bookmarks, before the copy is compared with
    /// a list.
    ///
    /// Something on the way may hold answers back, and a server whose store was restored from a backup has nothing to
    /// say about versions that it has not reached yet. Default 3.
    public var silentWatches: Int
    /// How many changes a handler may be behind before the watch is not read further.
    ///
    /// Above it the server may end the watch, which costs a synchronisation; without a bound it would cost memory
    /// without one. Default 100,000.
    public var longestBacklog: Int

    /// Creates the defaults, which are client-go's.
    public init(usesWatchList: Bool = true, pageSize: Int = 500) {
        self.usesWatchList = usesWatchList
        self.pageSize = pageSize
        watchTimeoutSeconds = 300...600
        shortWatch = .seconds(1)
        backoff = Backoff()
        longestRetryAfter = .seconds(300)
        watchIdleLimit = .seconds(90)
        silentWatches = 3
        longestBacklog = 100_000
    }
}
