/// Sends requests over one exchange, but those to some servers over exchanges of their own.
///
/// Which it is decides the origin of each request's URL: scheme, host and port. So trust in an authority, a client's
/// certificate and a proxy that are meant for one server go nowhere else, wherever a redirect may lead.
public struct OriginExchanges: HTTPExchange {
    private let general: any HTTPExchange
    private let own: [String: any HTTPExchange]

    /// Creates an exchange; whoever made the others shuts them down.
    ///
    /// - Parameters:
    ///   - general: sends what is for no other.
    ///   - own: the exchanges of servers that have one, by ``OutboundURL/origin``.
    public init(general: any HTTPExchange, own: [String: any HTTPExchange]) {
        self.general = general
        self.own = own
    }

    private func exchange(for request: OutboundRequest) -> any HTTPExchange { own[request.url.origin] ?? general }

    /// Sends a request over the exchange of its server; see ``HTTPExchange/send(_:limit:)``.
    public func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        try await exchange(for: request).send(request, limit: limit)
    }

    /// Sends a request over the exchange of its server; see ``HTTPExchange/stream(_:_:)``.
    public func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        try await exchange(for: request).stream(request, body)
    }
}
