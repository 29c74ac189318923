import Dispatch

/// A task executor with a thread of its own, for the few things that must go on when every other thread is busy.
///
/// Swift's shared pool has as many threads as the machine has processors: that many tasks which compute for long, or
/// block, hold up every other one, and every `Task.sleep`. Jobs here run one after another on a serial queue, which gets
/// a thread besides that pool; timers are the queue's own.
final class DedicatedThread: TaskExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label, qos: .userInteractive) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Suspends for `duration`.
    ///
    /// Throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws {
        let isOver = OneShotSignal()
        let nanoseconds = Int(clamping: max(0, duration.wholeNanoseconds))
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { isOver.fire() }
        try await isOver.wait()
    }
}
