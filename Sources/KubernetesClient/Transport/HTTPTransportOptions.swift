/// What an ``HTTPAPITransport`` allows.
public struct HTTPTransportOptions: Sendable, Hashable {
    /// The largest answer that is collected, in bytes.
    ///
    /// Default 256 MiB: a whole list in one piece.
    public var maximumResponseBytes: Int
    /// How long a request may take that sets no limit.
    ///
    /// Default 60 s.
    public var requestTimeout: Duration
    /// How long a connection may take to be made.
    ///
    /// Default 10 s, a third of client-go's: whoever watches tries again by himself, and who leads has no 30 s.
    public var connectTimeout: Duration
    /// How long a watch may be silent.
    ///
    /// Default 5 min: whoever watches usually has a shorter limit of its own.
    public var streamIdleTimeout: Duration
    /// Connections for requests, at most.
    ///
    /// Default 32.
    public var requestConnections: Int
    /// Connections for watches, at most; each watch occupies one, and what comes beyond waits and fails.
    ///
    /// Default 4,096, which bounds nothing but mistakes: whoever watches knows how many objects it watches, and a watch
    /// that takes the place of another would leave that one's copy behind.
    public var streamConnections: Int
    /// How long a request that was sent may stay without the other end's acknowledgement, watches apart.
    ///
    /// After it the kernel gives the connection up, and what it still held is never sent, even when the process is
    /// stopped or gone. Default 5 s, the time between an election's renew deadline and the end of its lease: a write
    /// that was sent by then cannot come out of a network that heals when another process already writes.
    public var unacknowledgedLimit: Duration
    /// Whether the connections have a thread of their own, instead of those that everything in the process shares.
    ///
    /// Default `false`. A thread that is busy with a large list or with handshakes holds up every connection on it.
    public var ownsThread: Bool
    /// Which credential programs of a kubeconfig may be run.
    ///
    /// Default: any.
    public var execPlugins: ExecPluginPolicy
    /// How long a credential program may take; five times as long where it asks the person at the terminal.
    ///
    /// Default 60 s.
    public var execPluginTimeout: Duration

    /// Creates the defaults.
    public init() {
        maximumResponseBytes = 256 << 20
        requestTimeout = .seconds(60)
        connectTimeout = .seconds(10)
        streamIdleTimeout = .seconds(300)
        requestConnections = 32
        streamConnections = 4096
        unacknowledgedLimit = .seconds(5)
        ownsThread = false
        execPlugins = .allowAll
        execPluginTimeout = .seconds(60)
    }

    /// For leader election: few connections on a thread of their own, and limits that leave time for a second try.
    public static var leaderElection: HTTPTransportOptions {
        var options = HTTPTransportOptions()
        options.maximumResponseBytes = 1 << 20
        options.requestTimeout = .seconds(5)
        options.connectTimeout = .seconds(5)
        options.requestConnections = 2
        options.streamConnections = 1
        options.ownsThread = true
        return options
    }
}
