public import EmbeddedAzure
public import OutboundHTTP

/// The stand-in for Azure as a way to send requests, without a network.
///
/// An answer with status 0 is none: the connection is refused.
public struct AzureWire: HTTPExchange {
    private let azure: EmbeddedAzure
    private let isDirect: Bool

    /// Leads to `azure`: to the machine's own link where `isDirect` says so, else to everything but that.
    public init(_ azure: EmbeddedAzure, isDirect: Bool) {
        self.azure = azure
        self.isDirect = isDirect
    }

    /// See `HTTPExchange`.
    public func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        guard isDirect == (request.url.host == "169.254.169.254") else {
            throw OutboundError(.unreachable, "\(request.url.authority) is not reached this way")
        }
        let answer = azure.answer(
            AzureRequest(
                method: request.method.rawValue,
                isEncrypted: request.url.scheme == .https,
                host: request.url.authority,
                target: request.url.target,
                headers: request.headers.dictionary,
                body: request.body ?? []
            )
        )
        guard answer.status > 0 else {
            throw OutboundError(.unreachable, "\(request.url.authority) refused the connection")
        }
        guard answer.status >= 300 || answer.body.count <= limit.maximumBytes else {
            throw OutboundError(.tooLarge, "the answer of \(request.url.authority) is too large")
        }
        return OutboundResponse(
            status: answer.status,
            headers: HeaderFields(answer.headers.map { ($0.key, $0.value) }),
            body: answer.body
        )
    }

    /// Streams nothing.
    public func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        throw OutboundError(.invalidRequest, "nothing is streamed here")
    }
}
