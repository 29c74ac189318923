/// Runs `operation` to its end even when the calling task is cancelled.
///
/// For the few things that must be said on the way out, such as giving back a lease. The caller waits for the end, so
/// nothing outlives it; the operation must limit its own time. It runs on the executor that the caller prefers.
///
/// - Returns: the operation's result.
func uncancelled<Result: Sendable>(_ operation: @escaping @Sendable () async -> Result) async -> Result {
    let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
    return await Task(executorPreference: executor) { await operation() }.value
}
