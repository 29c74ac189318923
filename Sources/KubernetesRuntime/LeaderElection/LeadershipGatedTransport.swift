public import KubernetesAPI

/// Lets reads through, and writes only while the gate is open.
///
/// Put in front of the transport that controllers write with, it makes "two writers" impossible: no write leaves after
/// the renew deadline, not even from a process that was stopped while it waited for a connection, and one that is under
/// way then is abandoned. What the network still delivers of it has the rest of
/// the lease to arrive in; for what comes later yet, make writes that fail on an object that moved on (preconditions
/// on uid or resource version, names that are taken).
public struct LeadershipGatedTransport: APITransport {
    private let base: any APITransport
    private let gate: LeadershipGate
    /// Bad gateway and gateway timeout.
    private static let meansDoubt: Set = [502, 504]

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
        return try await send(request) { true }
    }

    /// Sends a request while the gate is open in the present term and `isPermitted` says so; reads need the latter only.
    ///
    /// - Throws: as ``send(_:)``.
    public func send(
        _ request: APIRequest,
        while isPermitted: @escaping @Sendable () -> Bool
    ) async throws -> APIResponse {
        guard request.method != .get else { return try await base.send(request, while: isPermitted) }
        let (base, gate, term) = (self.base, self.gate, self.gate.term)
        return try await gate.whileOpen {
            do {
                // Asked again when the request has a connection: the process may have been stopped while it waited.
                let response = try await base.send(request) { term != nil && gate.term == term && isPermitted() }
                // Whoever stands before the server gave up waiting for it, which ends nothing there (RFC 9110, 15.6).
                if Self.meansDoubt.contains(response.status) { gate.noteDoubt() }
                return response
            } catch let error as TransportError where error.code == .withheld && gate.term != term {
                throw LeaderElectionError(.notLeading, "a write was held back: this process no longer leads")
            }
        }
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
