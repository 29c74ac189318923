import KubernetesAPI
import KubernetesRuntime

/// Runs `body` once an informer has its copy, and ends the informer after it.
///
/// A server may close a watch whenever it likes, and does when its reader falls behind: the informer goes on where it was.
///
/// - Parameters:
///   - informer: has its handlers already.
///   - body: needs what the handlers see.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws.
func withInformer<Object: KubernetesObject, Kept: Sendable, Value: Sendable>(
    _ informer: Informer<Object, Kept>,
    body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { tasks in
        tasks.addTask {
            try await informer.run()
            return nil
        }
        tasks.addTask {
            try await informer.waitUntilSynced()
            return try await body()
        }
        defer { tasks.cancelAll() }
        while let value = try await tasks.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}
