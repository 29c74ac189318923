/// One HTTP request to another machine.
///
/// Redirects are never followed: a 3xx answer is an answer like any other.
public struct OutboundRequest: Sendable {
    /// The methods in use.
    public enum Method: String, Sendable, Hashable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// The HTTP method.
    public var method: Method
    /// Where the request goes.
    public var url: OutboundURL
    /// Header fields.
    ///
    /// `host`, `content-length` and `transfer-encoding` are set by the client.
    public var headers: HeaderFields
    /// The body; `nil` for none.
    public var body: [UInt8]?
    /// How long the exchange may take: to the end of the body with ``HTTPExchange/send(_:limit:)``, to the head of the
    /// answer with ``HTTPExchange/stream(_:_:)``.
    ///
    /// `nil`: ``OutboundTimeouts/overall``.
    public var timeout: Duration?
    /// How long the server may stay silent between two parts of the answer.
    ///
    /// `nil`: ``OutboundTimeouts/idle``.
    public var idleTimeout: Duration?

    /// The address to connect to, where it was resolved and looked at before; `nil` to resolve the host on connecting.
    ///
    /// For `http` only, and without a proxy; the `Host` field still names the host.
    public var address: IPAddress?

    /// Whether the request may still be sent; `nil` when nobody has to be asked.
    ///
    /// Asked when a connection is there, right before each part of the request (its head, its body) is handed to the kernel,
    /// and on the thread of the connection: the answer must come at once. If it is no, the exchange fails with `withheld`
    /// and the connection is closed. For HTTP/1.1 only.
    public var isPermitted: (@Sendable () -> Bool)?

    /// Creates a request.
    public init(
        _ method: Method,
        _ url: OutboundURL,
        headers: HeaderFields = [:],
        body: [UInt8]? = nil,
        timeout: Duration? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}
