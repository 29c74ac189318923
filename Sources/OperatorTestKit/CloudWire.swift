public import EmbeddedClouds
public import OutboundHTTP

/// A stand-in for a cloud as a way to send requests, without a network.
///
/// An answer with status 0 is none: the connection is refused.
public struct CloudWire: HTTPExchange {
    private let cloud: any EmbeddedCloud
    private let isDirect: Bool
    /// The addresses of metadata services and of the agent of EKS.
    private static let linkHosts: Set = ["169.254.169.254", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23"]

    /// Leads to `cloud`: to the machine's own link where `isDirect` says so, else to everything but that.
    public init(_ cloud: any EmbeddedCloud, isDirect: Bool) {
        self.cloud = cloud
        self.isDirect = isDirect
    }

    /// See `HTTPExchange`.
    public func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        guard isDirect == Self.linkHosts.contains(request.url.host) else {
            throw OutboundError(.unreachable, "\(request.url.authority) is not reached this way")
        }
        let answer = cloud.answer(
            CloudRequest(
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
