import UnixSignals

/// Lets SIGINT and SIGTERM cut work short in good order.
enum Interruption {
    /// Runs `body`; a signal cancels it, and the result is then ``ExitStatus/interrupted`` as soon as it has returned.
    static func run(_ body: @escaping @Sendable () async -> ExitStatus) async -> ExitStatus {
        await withTaskGroup(of: ExitStatus?.self) { group in
            group.addTask { await body() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return .interrupted }
                return nil
            }
            defer { group.cancelAll() }
            for await status in group {
                if let status { return status }
            }
            return .interrupted
        }
    }
}
