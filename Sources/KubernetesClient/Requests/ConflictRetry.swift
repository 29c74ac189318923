internal import KubernetesAPI

/// How often a change is tried again that lost against another's.
public struct ConflictRetry: Sendable, Hashable {
    /// How many attempts there are, the first included.
    public var attempts: Int
    /// The wait after the first conflict.
    public var delay: Duration
    /// How much longer each further wait is.
    public var factor: Double
    /// The part of a wait that is added by chance.
    public var jitter: Double

    /// Creates a policy.
    public init(attempts: Int, delay: Duration, factor: Double, jitter: Double) {
        self.attempts = max(1, attempts)
        self.delay = delay
        self.factor = factor
        self.jitter = jitter
    }

    /// Where others change the object now and then: 5 attempts, 10 ms apart (client-go `retry.DefaultRetry`).
    public static let standard = ConflictRetry(attempts: 5, delay: .milliseconds(10), factor: 1, jitter: 0.1)
    /// Where controllers contend for it: 4 attempts, 10, 50 and 250 ms apart (client-go `retry.DefaultBackoff`).
    public static let contended = ConflictRetry(attempts: 4, delay: .milliseconds(10), factor: 5, jitter: 0.1)
}

extension ResourceClient {
    /// Reads an object, changes it and writes it; and does so again when somebody else wrote it meanwhile.
    ///
    /// - Parameters:
    ///   - name: the object's name.
    ///   - namespace: its namespace; `nil` for cluster-scoped types.
    ///   - subresource: what is written, such as `status`; `nil` for the object itself.
    ///   - retry: how often a conflict is answered by another attempt.
    ///   - change: changes what was read, and says whether there is anything to write. It may run several times.
    /// - Returns: the object as stored.
    /// - Throws: ``APIError``, with code `conflict` when every attempt lost; `TransportError`, after which the change may
    ///   have been written; whatever `change` throws.
    public func update(
        _ name: String,
        namespace: String? = nil,
        subresource: String? = nil,
        retry: ConflictRetry = .standard,
        _ change: (inout Object) throws -> Bool
    ) async throws -> Object {
        try await client.retryingConflicts(retry) {
            var object = try await get(name, namespace: namespace)
            guard try change(&object) else { return object }
            return try await replace(object, subresource: subresource)
        }
    }
}

extension APIClient {
    /// Runs `attempt`, and runs it again when it lost against another writer, as often as `retry` says.
    ///
    /// - Returns: what the attempt that was the last returned.
    /// - Throws: what the last attempt threw; `CancellationError` while it waits.
    func retryingConflicts<Result>(_ retry: ConflictRetry, _ attempt: () async throws -> Result) async throws -> Result
    {
        var delay = retry.delay
        for _ in 1..<retry.attempts {
            do {
                return try await attempt()
            } catch let error as APIError where error.code == .conflict {
                try await pause(delay, jitter: retry.jitter)
                delay = delay * retry.factor
            }
        }
        return try await attempt()
    }
}
