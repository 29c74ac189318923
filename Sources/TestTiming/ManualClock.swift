internal import Synchronization

/// A clock that moves only when a test moves it, and that lets a test wait until someone sleeps.
public final class ManualClock: Clock, Sendable {
    /// A time since the clock was made.
    public struct Instant: InstantProtocol {
        /// The time since the clock was made.
        public var offset: Duration
        /// The instant after a duration.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// The time from here to another instant.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Whether one is before the other.
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        var id: UInt64
        var deadline: Duration
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct Observer {
        var deadlines: @Sendable ([Duration]) -> Bool
        var latch: Latch
    }

    private struct State {
        var now: Duration = .zero
        var nextID: UInt64 = 0
        var sleepers: [Sleeper] = []
        var observers: [Observer] = []

        mutating func satisfiedObservers() -> [Observer] {
            let deadlines = sleepers.map(\.deadline)
            let satisfied = observers.filter { $0.deadlines(deadlines) }
            observers.removeAll { $0.deadlines(deadlines) }
            return satisfied
        }
    }

    private let state = Mutex(State())

    /// Creates a clock that stands at zero.
    public init() {}

    /// The present.
    public var now: Instant { Instant(offset: state.withLock { $0.now }) }
    /// One nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }
    /// The time since the clock was made.
    public var elapsed: Duration { state.withLock { $0.now } }

    /// Suspends until someone moves the clock to `deadline`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state -> UInt64 in
            state.nextID += 1
            return state.nextID
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let (answer, observers) = state.withLock { state -> (Bool?, [Observer]) in
                    if deadline.offset <= state.now { return (true, []) }
                    if Task.isCancelled { return (false, []) }
                    state.sleepers.append(
                        Sleeper(id: id, deadline: deadline.offset, continuation: continuation)
                    )
                    return (nil, state.satisfiedObservers())
                }
                if let answer { continuation.resume(returning: answer) }
                for observer in observers { observer.latch.open() }
            }
        } onCancel: {
            let (sleeper, observers) = state.withLock { state -> (Sleeper?, [Observer]) in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else { return (nil, []) }
                return (state.sleepers.remove(at: index), state.satisfiedObservers())
            }
            sleeper?.continuation.resume(returning: false)
            for observer in observers { observer.latch.open() }
        }
        guard isDue else { throw CancellationError() }
    }

    /// Moves time on and wakes whoever slept until then.
    public func advance(by duration: Duration) { advance(to: elapsed + duration) }

    /// Moves time on to `deadline` and wakes whoever slept until then.
    public func advance(to deadline: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            state.now = max(state.now, deadline)
            let now = state.now
            let due = state.sleepers.filter { $0.deadline <= now }.sorted {
                ($0.deadline, $0.id) < ($1.deadline, $1.id)
            }
            state.sleepers.removeAll { $0.deadline <= now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }

    /// Moves time on to `deadline` and wakes nobody, as if nothing of the process ran.
    public func jump(to deadline: Duration) { state.withLock { $0.now = max($0.now, deadline) } }

    /// Moves time on to the earliest moment that someone sleeps for.
    ///
    /// - Returns: whether anyone sleeps.
    public func advanceToEarliest() -> Bool {
        guard let earliest = state.withLock({ $0.sleepers.map(\.deadline).min() }) else { return false }
        advance(to: earliest)
        return true
    }

    /// Suspends until the deadlines of those who sleep satisfy `condition`, or the task is cancelled.
    public func waitForSleepers(_ condition: @escaping @Sendable ([Duration]) -> Bool) async {
        let latch = Latch()
        let observers = state.withLock { state in
            state.observers.append(Observer(deadlines: condition, latch: latch))
            return state.satisfiedObservers()
        }
        for observer in observers { observer.latch.open() }
        await latch.wait()
    }

    /// Suspends until someone sleeps, at most `within` from here, and returns the earliest deadline.
    public func nextDeadline(within limit: Duration = .seconds(1_000_000)) async -> Duration {
        let latest = elapsed + limit
        while !Task.isCancelled {
            await waitForSleepers { $0.contains { $0 <= latest } }
            // A sleeper may have been cancelled since.
            let earliest = state.withLock { $0.sleepers.map(\.deadline).min() }
            if let earliest, earliest <= latest { return earliest }
        }
        return elapsed
    }
}
