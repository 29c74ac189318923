import Foundation
import HeapModule
import KubernetesRuntime
import Synchronization

/// A world in which time passes only when nobody has anything left to do, and in which chance decides who goes first.
///
/// Everything in it is ordinary code on ordinary tasks; only the executor is ours. Each ``Lane`` stands for a process:
/// what is ready in the lanes runs one piece at a time, the next one drawn by a seed, so that a run explores one of the
/// many orders in which threads could have done it. When all is idle the clock jumps to the next moment somebody waits
/// for. An hour of quiet costs nothing, a slow machine changes nothing, and a lane can be stopped between two
/// instructions as SIGSTOP stops a process.
final class Simulation: Sendable {
    /// The world came to rest, or to no end.
    struct Stuck: Error, CustomStringConvertible {
        let description: String
    }

    private struct Sleeper: Comparable {
        var due: Duration
        var id: UInt64
        static func < (left: Sleeper, right: Sleeper) -> Bool { (left.due, left.id) < (right.due, right.id) }
    }

    private struct Ready {
        var job: UnownedJob
        var lane: Lane
    }

    private struct State {
        var now = Duration.zero
        var ready: [Int: [Ready]] = [:]
        var stopped: Set<Int> = []
        /// The lane of the piece that runs.
        var running: Lane?
        var laneCount = 0
        var nextID: UInt64 = 0
        var sleepers = Heap<Sleeper>()
        var waiting: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var random: SplitMix64
    }

    /// The most pieces of work at one moment: more is a loop without end.
    private static let mostAtOneMoment = 3_000_000
    /// When the world counts as having no end.
    private static let horizon = Duration.seconds(12 * 3600)
    /// How long, in real time, work outside the lanes may take before the world counts as stuck.
    private static let foreignPatience: TimeInterval = 20

    private let state: Mutex<State>
    private let arrived = NSCondition()

    init(seed: UInt64) { state = Mutex(State(random: SplitMix64(seed: seed))) }

    /// The time since the beginning.
    var now: Duration { state.withLock { $0.now } }

    /// The clock of the world itself.
    var clock: SimulatedClock { SimulatedClock(self) }

    /// A new lane.
    func lane() -> Lane {
        state.withLock { state in
            state.laneCount += 1
            return Lane(self, id: state.laneCount)
        }
    }

    /// Something drawn by chance.
    func draw<Value>(_ pick: (inout SplitMix64) -> Value) -> Value { state.withLock { pick(&$0.random) } }

    // MARK: - Running

    /// Runs `script` and the world around it until the script ends.
    ///
    /// - Throws: what the script throws; ``Stuck`` when nothing can happen any more before it ends.
    static func run(
        seed: UInt64,
        _ script: @escaping @Sendable (Simulation) async throws -> Void
    ) async throws {
        try await Chaos.takeTurn { try await runNow(seed: seed, script) }
    }

    private static func runNow(
        seed: UInt64,
        _ script: @escaping @Sendable (Simulation) async throws -> Void
    ) async throws {
        let simulation = Simulation(seed: seed)
        let outcome = Shared<Result<Void, any Error>?>(nil)
        let lane = simulation.lane()
        let main = Task(executorPreference: lane) {
            let result: Result<Void, any Error>
            do { result = .success(try await script(simulation)) } catch { result = .failure(error) }
            outcome.value = result
        }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // A thread of its own: the pool of the tests is not to be held up by a world.
            Thread.detachNewThread {
                let isOver = { outcome.value != nil }
                do {
                    try UnassignedWork.given(to: simulation) { try simulation.drive(until: isOver) }
                    continuation.resume()
                } catch {
                    try? UnassignedWork.given(to: simulation) {
                        main.cancel()
                        try simulation.drive(until: isOver)
                    }
                    continuation.resume(throwing: error)
                }
            }
        }
        try outcome.value?.get()
    }

    private func drive(until isOver: () -> Bool) throws {
        while true {
            try runReady()
            if isOver() { return }
            guard now < Self.horizon else { throw Stuck(description: "the script did not end within \(Self.horizon)") }
            if advance() { continue }
            guard waitForForeignWork() else {
                throw Stuck(description: "nothing can happen any more at \(now): everyone waits for someone else")
            }
        }
    }

    private func runReady() throws {
        var count = 0
        while let next = takeReady() {
            next.job.runSynchronously(on: next.lane.asUnownedTaskExecutor())
            state.withLock { $0.running = nil }
            count += 1
            if count > Self.mostAtOneMoment { throw Stuck(description: "work without end at \(now)") }
        }
    }

    private func takeReady() -> Ready? {
        state.withLock { state in
            let lanes = state.ready.keys.filter { !state.stopped.contains($0) }.sorted()
            guard let lane = lanes.randomElement(using: &state.random), var jobs = state.ready[lane] else { return nil }
            jobs.swapAt(Int.random(in: jobs.indices, using: &state.random), jobs.count - 1)
            let next = jobs.removeLast()
            state.ready[lane] = jobs.isEmpty ? nil : jobs
            state.running = next.lane
            return next
        }
    }

    /// Jumps to the next moment that somebody waits for; `false` when nobody waits for any.
    private func advance() -> Bool {
        let due = state.withLock { state -> [CheckedContinuation<Bool, Never>]? in
            while let first = state.sleepers.min, state.waiting[first.id] == nil { state.sleepers.removeMin() }
            guard let moment = state.sleepers.min?.due else { return nil }
            state.now = max(state.now, moment)
            var due: [CheckedContinuation<Bool, Never>] = []
            while let first = state.sleepers.min, first.due <= state.now {
                state.sleepers.removeMin()
                if let continuation = state.waiting.removeValue(forKey: first.id) { due.append(continuation) }
            }
            return due
        }
        guard let due else { return false }
        for continuation in due { continuation.resume(returning: true) }
        return true
    }

    private func waitForForeignWork() -> Bool {
        arrived.lock()
        defer { arrived.unlock() }
        let end = Date(timeIntervalSinceNow: Self.foreignPatience)
        while state.withLock({ $0.ready.keys.allSatisfy($0.stopped.contains) }) {
            guard arrived.wait(until: end) else { return false }
        }
        return true
    }

    // MARK: - For lanes and clocks

    /// Takes work that asks for no executor: it belongs to the process that began it.
    func adopt(_ job: UnownedJob) {
        let running = state.withLock(\.running)
        enqueue(job, on: running ?? lane())
    }

    fileprivate func enqueue(_ job: UnownedJob, on lane: Lane) {
        state.withLock { $0.ready[lane.id, default: []].append(Ready(job: job, lane: lane)) }
        arrived.lock()
        arrived.signal()
        arrived.unlock()
    }

    fileprivate func setStopped(_ isStopped: Bool, lane: Int) {
        state.withLock { state in
            if isStopped { state.stopped.insert(lane) } else { state.stopped.remove(lane) }
        }
    }

    /// Suspends until `due`, a time since the beginning.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(until due: Duration) async throws {
        let id = state.withLock { state -> UInt64 in
            state.nextID += 1
            return state.nextID
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let answer = state.withLock { state -> Bool? in
                    if due <= state.now { return true }
                    if Task.isCancelled { return false }
                    state.waiting[id] = continuation
                    state.sleepers.insert(Sleeper(due: due, id: id))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: false)
        }
        guard isDue else { throw CancellationError() }
    }

    /// Suspends for `duration`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws { try await sleep(until: now + duration) }
}

/// One process of a ``Simulation``: what its tasks do, one piece at a time.
final class Lane: TaskExecutor {
    let id: Int
    private let simulation: Simulation

    fileprivate init(_ simulation: Simulation, id: Int) {
        self.simulation = simulation
        self.id = id
    }

    func enqueue(_ job: consuming ExecutorJob) { simulation.enqueue(UnownedJob(job), on: self) }

    /// Stops it between two instructions, as SIGSTOP does.
    func stop() { simulation.setStopped(true, lane: id) }

    /// Lets it go on, as SIGCONT does.
    func proceed() { simulation.setStopped(false, lane: id) }
}

/// A clock of a ``Simulation``, which may go wrong: it has a rate of its own, and starts where it likes.
struct SimulatedClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let simulation: Simulation
    /// How many of its seconds pass in one of the world's.
    let rate: Double
    private let start: Duration

    init(_ simulation: Simulation, rate: Double = 1, start: Duration = .zero) {
        self.simulation = simulation
        self.rate = rate
        self.start = start
    }

    var now: Instant { Instant(offset: start + (rate == 1 ? simulation.now : simulation.now * rate)) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let own = deadline.offset - start
        // A microsecond more, so that the rounding never wakes anyone early, to no end.
        try await simulation.sleep(until: rate == 1 ? own : own / rate + .microseconds(1))
    }
}
