/// Runs `body` once a watch has begun, and ends the watch after it.
///
/// - Parameters:
///   - what: what is watched, in words.
///   - isWatching: fulfilled by `follow` when nothing is missed any more.
///   - follow: reads the watch, as long as it lasts.
///   - body: needs what the watch sees.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws; ``DemoError`` when the watch ends before it.
func withWatch<Value: Sendable>(
    on what: String,
    _ isWatching: Promise<Void>,
    _ follow: @escaping @Sendable () async throws -> Void,
    body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { tasks in
        tasks.addTask {
            try await follow()
            throw DemoError(.clusterUnsuitable, "The watch on \(what) ended while it was needed.")
        }
        tasks.addTask {
            try await isWatching.value()
            return try await body()
        }
        defer { tasks.cancelAll() }
        while let value = try await tasks.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}
