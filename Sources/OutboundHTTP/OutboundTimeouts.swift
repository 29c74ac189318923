/// How long the parts of an exchange may take.
public struct OutboundTimeouts: Sendable, Hashable {
    /// From the wish for a connection to its TLS handshake, through the proxy if there is one; also how long a request
    /// waits for a free connection of a busy pool.
    ///
    /// Default 10 s.
    public var connect: Duration
    /// The longest silence between two parts of an answer, after its head.
    ///
    /// Default 30 s.
    public var idle: Duration
    /// The whole exchange, to the last byte of the body; for a stream, to the head.
    ///
    /// Default 60 s.
    public var overall: Duration

    /// Creates time limits.
    public init(connect: Duration = .seconds(10), idle: Duration = .seconds(30), overall: Duration = .seconds(60)) {
        self.connect = connect
        self.idle = idle
        self.overall = overall
    }
}
