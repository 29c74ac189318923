public import KubernetesAPI

/// Lets reads through, and writes only while the gate is open.
///
/// Put in front of the transport that controllers write with, it makes "two writers" impossible up to requests that
/// were already on their way when the lease ran out.
public struct LeadershipGatedTransport: APITransport {
    private let base: any APITransport
    private let gate: LeadershipGate

    /// Creates a gated transport.
    public init(_ base: any APITransport, gate: LeadershipGate) {
        self.base = base
        self.gate = gate
    }

    /// The server's host and port.
    public var host: String { base.host }

    /// Sends a request; a write with a closed gate throws ``LeaderElectionError`` and is not sent.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        if request.method != .get { try gate.requireWrites() }
        return try await base.send(request)
    }

    /// Opens a stream; streams are reads.
    public func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        if request.method != .get { try gate.requireWrites() }
        return try await base.stream(request, body)
    }
}
