import ServiceLifecycle

/// Runs `operation`, and cancels it when a graceful shut-down begins.
///
/// For what a reconcile function waits for before it writes: whoever shuts down gives up leadership the sooner.
///
/// `cancelWhenGracefulShutdown` without its unstructured tasks: what a shut-down sets off happens on the executor that the
/// caller prefers, and is complete when this returns.
///
/// - Returns: the result of `operation`, which has ended when this returns.
/// - Throws: what `operation` throws, `CancellationError` when that is how it ends.
public func untilGracefulShutdown<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let begins = OneShotSignal()
    return try await withGracefulShutdownHandler {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try? await begins.wait()
                return nil
            }
            // The signal's task ends first only when it fired or the caller was cancelled; the operation's end decides.
            var result: Result?
            while result == nil, let next = try await group.next() {
                result = next
                group.cancelAll()
            }
            guard let result else { throw CancellationError() }
            return result
        }
    } onGracefulShutdown: {
        begins.fire()
    }
}
