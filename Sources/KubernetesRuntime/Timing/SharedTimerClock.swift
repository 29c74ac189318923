import Dispatch
import Synchronization

/// The system's continuous clock, whose sleepers share a timer.
///
/// A sleeper of `ContinuousClock` sets a timer of the system's that stays until its time, also when the task was cancelled
/// long before, and then wakes the process for nothing. A program with a time limit on each request and each piece of work
/// is woken twice for each of them. Here cancelled sleepers leave nothing behind.
///
/// Copies share the timer.
public struct SharedTimerClock: Clock {
    /// The instants of `ContinuousClock`.
    public typealias Instant = ContinuousClock.Instant

    private let timer = SharedTimer()

    /// Creates a clock with a timer of its own.
    public init() {}

    /// The present.
    public var now: Instant { ContinuousClock.now }
    /// As that of `ContinuousClock`.
    public var minimumResolution: Duration { ContinuousClock().minimumResolution }

    /// Suspends until `deadline`.
    ///
    /// - Parameters:
    ///   - deadline: the moment to sleep until.
    ///   - tolerance: not used.
    /// - Throws: `CancellationError` when the task is cancelled first.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await timer.sleep(until: deadline)
    }
}

/// One queue that wakes sleepers.
private final class SharedTimer: Sendable {
    private typealias Continuation = CheckedContinuation<Bool, Never>

    private let origin = ContinuousClock.now
    private let queue = DispatchQueue(label: "shared-timer")
    private let table = Mutex(SleeperTable<Continuation>())

    func sleep(until deadline: ContinuousClock.Instant) async throws {
        let id = table.withLock { $0.makeID() }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, call) = table.withLock { table -> (Bool?, Duration?) in
                    if deadline <= .now { return (true, nil) }
                    if Task.isCancelled { return (false, nil) }
                    return (nil, table.insert(continuation, id: id, until: origin.duration(to: deadline)))
                }
                if let answer { continuation.resume(returning: answer) }
                if let call { arrange(call) }
            }
        } onCancel: {
            table.withLock { $0.remove(id) }?.resume(returning: false)
        }
        guard isDue else { throw CancellationError() }
        try Task.checkCancellation()
    }

    private func arrange(_ call: Duration) {
        let delay = max(.zero, call - origin.duration(to: .now))
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(clamping: delay.wholeNanoseconds))) { self.look() }
    }

    private func look() {
        let (due, next) = table.withLock { $0.look(at: origin.duration(to: .now)) }
        for continuation in due { continuation.resume(returning: true) }
        if let next { arrange(next) }
    }
}
