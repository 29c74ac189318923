extension ElapsedClock {
    /// Runs `operation` and gives up on it at `deadline`.
    ///
    /// - Returns: the operation's result, or `nil` when the deadline came first; the operation is then cancelled and
    ///   has ended when this returns.
    /// - Throws: what the operation throws; `CancellationError` when the calling task is cancelled.
    func run<Result: Sendable>(
        until deadline: Duration,
        _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await sleep(until: deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { return nil }
            return first
        }
    }

    /// Suspends until `deadline` or until `signal` wakes, whichever comes first; `nil` waits for the signal alone.
    func wait(until deadline: Duration?, or signal: WakeSignal) async {
        guard let deadline else { return await signal.wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.addTask { try? await sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
