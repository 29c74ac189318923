import Synchronization
import UnixSignals

/// Turns a signal that asks the demo to end into a cancellation, so that it ends its children first.
final class TerminationSignals: Sendable {
    private let isAwaited = Mutex(false)
    private let arrived = Promise<Void>()

    /// Runs `body` until it ends or SIGINT, SIGTERM or SIGHUP arrives, which cancels it.
    ///
    /// The signals stay taken over for the rest of the process: a second Ctrl-C does not cut the cleaning up short.
    ///
    /// - Throws: what `body` throws, or ``DemoError`` with the code `interrupted`.
    func interrupting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await signal in signals {
                    guard self.isAwaited.withLock({ $0 }) else {
                        throw DemoError(.interrupted, "Interrupted by \(signal).")
                    }
                    self.arrived.fulfil(())
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    /// Waits for a signal that is the wanted end, and no interruption.
    func wait() async throws {
        isAwaited.withLock { $0 = true }
        try await arrived.value()
    }
}
