/// A complete answer.
public struct OutboundResponse: Sendable {
    /// The HTTP status code.
    public var status: Int
    /// Header fields.
    public var headers: HeaderFields
    /// The body as sent: a content encoding is not undone, because it was not asked for.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// An answer whose body is read as it arrives.
///
/// Valid only inside the closure that received it.
public struct OutboundResponseStream: Sendable {
    /// The HTTP status code.
    public let status: Int
    /// Header fields.
    public let headers: HeaderFields
    /// The body; read it once.
    public let body: OutboundBody

    /// Creates an answer; for implementations of ``HTTPExchange``.
    public init(status: Int, headers: HeaderFields, body: OutboundBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
