internal import Synchronization

/// A clock on which sleeping takes no time: it moves the clock instead, and is written down.
public final class SkippingClock: Clock, Sendable {
    /// A time since the clock was made.
    public typealias Instant = ManualClock.Instant

    private let state = Mutex((now: Instant(offset: .zero), sleeps: [Duration]()))

    /// Creates a clock that stands at zero.
    public init() {}

    /// The present.
    public var now: Instant { state.withLock { $0.now } }
    /// One nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }
    /// How long each sleep so far was, in order.
    public var sleeps: [Duration] { state.withLock { $0.sleeps } }

    /// Moves the clock to `deadline` at once.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.sleeps.append(state.now.duration(to: deadline))
            state.now = max(state.now, deadline)
        }
    }

    /// Moves time on.
    public func advance(by duration: Duration) {
        state.withLock { $0.now = $0.now.advanced(by: duration) }
    }
}
