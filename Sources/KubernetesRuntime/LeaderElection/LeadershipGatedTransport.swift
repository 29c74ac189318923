public import KubernetesAPI

/// Lets reads through, and writes only while the gate is open.
///
/// Put in front of the transport that controllers write with, it makes "two writers" impossible: no write leaves after
/// the renew deadline, and one that is under way then is abandoned. What the network still delivers of it has the rest of
/// the lease to arrive in; for what comes later yet, make writes that fail on an object that moved on (preconditions
/// on uid or resource version, names that are taken).
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

    /// Sends a request; a write while the gate is closed is not sent, and one under way when it closes is cancelled.
    ///
    /// - Throws: ``LeaderElectionError`` for a write without leadership; what the transport throws.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        guard request.method != .get else { return try await base.send(request) }
        let base = self.base
        return try await gate.whileOpen { try await base.send(request) }
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
