internal import Dispatch
internal import Synchronization

/// Runs a whole scenario in virtual time: on one thread, and its clock moves on when nobody has anything left to do.
///
/// Every task of the scenario (child tasks and the actors they call) runs on an executor of its own, one piece after the
/// other. When none is ready, the clock jumps to the earliest moment that someone sleeps for. Hours pass in
/// milliseconds, and the order of things is the same in each run with the same seed. What happens outside (sockets,
/// threads, unstructured tasks) is not waited for; scenarios do without.
public struct VirtualTime: Sendable {
    /// The scenario came to no end.
    public struct OutOfTime: Error, CustomStringConvertible {
        /// The virtual time that it had.
        public var limit: Duration
        /// A sentence.
        public var description: String {
            "The scenario was not over after \(limit) of virtual time; perhaps it waits for something that never comes."
        }
    }

    /// The clock of everything in the scenario.
    public let clock: ManualClock
    private let limit: Duration
    private let seed: UInt64?

    /// Creates a time of its own.
    ///
    /// - Parameters:
    ///   - clock: the clock of everything in the scenario.
    ///   - limit: the virtual time after which a scenario is given up.
    ///   - seed: takes what is ready in a random order that the seed repeats; `nil`: first come, first served.
    public init(clock: ManualClock = ManualClock(), limit: Duration = .seconds(86_400), seed: UInt64? = nil) {
        self.clock = clock
        self.limit = limit
        self.seed = seed
    }

    /// Runs a scenario to its end.
    ///
    /// - Throws: what the scenario throws; ``OutOfTime`` when it does not come to an end.
    public func run<Result: Sendable>(
        _ scenario: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let executor = OneThreadExecutor(clock: clock, seed: seed)
        let (clock, limit) = (clock, limit)
        return try await withTaskExecutorPreference(executor) {
            defer { executor.stop() }
            return try await withThrowingTaskGroup(of: Result.self) { group in
                group.addTask { try await scenario() }
                group.addTask {
                    try await clock.sleep(until: clock.now.advanced(by: limit), tolerance: nil)
                    throw OutOfTime(limit: limit)
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        }
    }
}

/// Runs jobs one after the other, and moves the clock on when there are none.
private final class OneThreadExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isRunning = false
        var isStopped = false
        var random: UInt64?

        mutating func takeJob() -> UnownedJob? {
            guard !jobs.isEmpty else { return nil }
            guard let number = random else { return jobs.removeFirst() }
            // Knuth's multiplier; the upper bits are the random ones.
            random = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return jobs.remove(at: Int(number >> 33) % jobs.count)
        }
    }

    private let clock: ManualClock
    private let queue = DispatchQueue(label: "virtual-time")
    private let state: Mutex<State>

    init(clock: ManualClock, seed: UInt64?) {
        self.clock = clock
        state = Mutex(State(random: seed))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if mustStart { queue.async { self.run() } }
    }

    /// Lets the clock stand still from now on.
    func stop() { state.withLock { $0.isStopped = true } }

    private func run() {
        while true {
            while let job = state.withLock({ $0.takeJob() }) {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
            if !state.withLock({ $0.isStopped }), clock.advanceToEarliest() { continue }
            let isOver = state.withLock { state in
                if state.jobs.isEmpty { state.isRunning = false }
                return state.jobs.isEmpty
            }
            if isOver { return }
        }
    }
}
