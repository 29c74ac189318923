/// Runs `body` and gives it up after `limit`.
///
/// - Throws: what `body` throws, or `timeoutError` when the time is over; `body` is cancelled then.
func withTimeLimit<Value: Sendable>(
    _ limit: Duration,
    otherwise timeoutError: @autoclosure @escaping @Sendable () -> DemoError,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw timeoutError() }
        return value
    }
}
