import Synchronization

/// Keeps the requests of one or more clients below a rate (`--kube-api-qps`, `--kube-api-burst`).
///
/// Off unless a client is given one: API servers share themselves out fairly (API Priority and Fairness), and know better
/// than a client what they can bear. Streams are never held up.
public final class RequestThrottle: Sendable {
    private let bucket: Mutex<TokenBucket>
    private let clock: any Clock<Duration>
    private let stopwatch: Stopwatch

    /// Creates a throttle.
    ///
    /// - Parameters:
    ///   - requestsPerSecond: in the long run; more than 0.
    ///   - burst: how many requests may leave at once after a pause; at least 1.
    ///   - clock: measures the waits.
    public init(requestsPerSecond: Double, burst: Int, clock: any Clock<Duration> = ContinuousClock()) {
        self.clock = clock
        stopwatch = Stopwatch(clock)
        bucket = Mutex(TokenBucket(perSecond: requestsPerSecond, burst: burst, now: .zero))
    }

    /// Waits for its turn.
    ///
    /// - Returns: how long that took.
    /// - Throws: `CancellationError` when the task is cancelled; its turn is another's then.
    func wait() async throws -> Duration {
        let delay = bucket.withLock { $0.take(at: stopwatch.elapsed) }
        guard delay > .zero else { return .zero }
        do {
            try await clock.sleep(for: delay)
        } catch {
            bucket.withLock { $0.giveBack() }
            throw error
        }
        return delay
    }
}
