/// What a client may take of the server: whoever reaches the port may be anyone in the cluster.
struct ServerLimits: Sendable {
    /// Connections that wait for a request at the same time; who waits longest makes room for another.
    var connections = 64
    /// Connections that are answered at the same time; who is answered longest makes room for another.
    var answers = 192
    /// Bytes of all headers of a request.
    var headerBytes = 16 << 10
    /// Headers of a request.
    var headers = 100
    /// The longest body of a request, in bytes, that is waited for and thrown away; a longer one ends the connection.
    var bodyBytes = 64 << 10
    /// How long a connection may be open before the first request is there, and between requests.
    ///
    /// Shorter than the intervals of most scrapers, so that a connection is never closed just when it is used again.
    var idle = Duration.seconds(20)
    /// How long a connection is used; a client that sends or reads slowly cannot keep it longer.
    var lifetime = Duration.seconds(100)
    /// How long a response that is under way then may take.
    var grace = Duration.seconds(10)
}
