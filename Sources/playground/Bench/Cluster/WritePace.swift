import Synchronization

/// Lets writes through one after the other, as a server does that makes each of them durable.
///
/// The stand-in keeps objects in memory, and is several times faster than any real cluster.
final class WritePace: Sendable {
    private let interval: Duration
    private let next = Mutex(ContinuousClock.now)

    /// Creates a pace of one write each `interval`.
    init(_ interval: Duration) { self.interval = interval }

    /// Waits for the turn of one more write.
    func takeTurn() async throws {
        let turn = next.withLock { next in
            next = max(next, .now) + interval
            return next
        }
        try await ContinuousClock().sleep(until: turn, tolerance: .zero)
    }
}
