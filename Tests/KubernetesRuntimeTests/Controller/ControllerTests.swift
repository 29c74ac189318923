import KubernetesRuntime
import Logging
import ServiceLifecycle
import Synchronization
import TestTiming
import Testing

@Suite("Controller", .timeLimit(.minutes(5)))
struct ControllerTests {
    private struct Trouble: Error {}

    private struct Cache: CacheSynchronizing {
        let latch: Latch
        var name: String { "things" }
        var hasSynced: Bool { latch.isOpen }
        func waitUntilSynced() async throws { try await latch.waitOrCancel() }
    }

    /// Runs a controller while `body` watches.
    private func withController(
        _ queue: WorkQueue<String>,
        _ clock: ManualClock,
        settings: ControllerSettings = ControllerSettings(),
        caches: [any CacheSynchronizing] = [],
        reconcile: @escaping Controller<String>.Reconcile,
        _ body: () async throws -> Void
    ) async throws {
        let controller = Controller(
            queue: queue,
            settings: settings,
            caches: caches,
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            reconcile: reconcile
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// Returns as soon as `condition` holds, or the task is cancelled.
    private static func until(_ condition: () -> Bool) async {
        while !condition(), !Task.isCancelled { await Task.yield() }
    }

    @Test("waits for its caches before the first key")
    func waitsForCaches() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        let synced = Latch()
        let worked = Latch()
        queue.add("a")
        try await withController(
            queue,
            clock,
            caches: [Cache(latch: synced)],
            reconcile: { _ in
                #expect(synced.isOpen)
                worked.open()
                return .done
            }
        ) {
            await clock.waitForSleepers { $0.contains(.seconds(120)) }
            #expect(!worked.isOpen)
            synced.open()
            await worked.wait()
        }
    }

    @Test("waits for its caches as long as it takes, and says every two minutes for which")
    func cacheReminder() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        let (ledger, synced, worked) = (LogLedger(), Latch(), Latch())
        queue.add("a")
        let controller = Controller(
            queue: queue,
            caches: [Cache(latch: synced)],
            clock: clock,
            logger: ledger.logger()
        ) { _ in
            worked.open()
            return .done
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            for minutes in [2, 4, 6] {
                await clock.waitForSleepers { $0 == [.seconds(60 * minutes)] }
                clock.advance(to: .seconds(60 * minutes))
            }
            await clock.waitForSleepers { $0 == [.seconds(480)] }
            #expect(ledger.lines.count == 3)
            #expect(
                ledger.lines.allSatisfy { $0.level == .warning && $0.metadata["cause"]?.contains("things") == true }
            )
            synced.open()
            await worked.wait()
            group.cancelAll()
        }
    }

    @Test("fails when the caches are not filled in the time that its settings allow, and names them")
    func cacheTimeout() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        let controller = Controller(
            queue: queue,
            settings: ControllerSettings(cacheSyncTimeout: .seconds(130)),
            caches: [Cache(latch: Latch())],
            clock: clock
        ) { _ in .done }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            for _ in 1...2 { clock.advance(to: await clock.nextDeadline()) }
            let error = await #expect(throws: ControllerError.self) { try await group.next() }
            #expect(error?.code == .cachesNotSynced)
            #expect(error?.message.contains("things") == true)
        }
    }

    @Test("done and requeue(after:) start the retries over; throwing and retry delay ever longer")
    func outcomes() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        let attempts = Mutex(0)
        let finished = Latch()
        queue.add("a")
        try await withController(
            queue,
            clock,
            reconcile: { _ in
                switch attempts.withLock({
                    $0 += 1; return $0
                }) {
                case 1, 2: throw Trouble()
                case 3: return .retry
                case 4: return .requeue(after: .seconds(60))
                default:
                    finished.open()
                    return .done
                }
            }
        ) {
            var waits: [Duration] = []
            let delays: [Duration] = [.milliseconds(5), .milliseconds(10), .milliseconds(20), .seconds(60)]
            for (index, wait) in delays.enumerated() {
                await Self.until {
                    attempts.withLock { $0 } == index + 1 && queue.delayedCount == 1 && queue.processingCount == 0
                }
                let ready = clock.elapsed + wait
                if wait > .seconds(1) {
                    // The metrics of work under way come first, once.
                    await clock.waitForSleepers { $0.contains(.milliseconds(500)) }
                    clock.advance(to: .milliseconds(500))
                }
                await clock.waitForSleepers { $0.contains(ready) }
                waits.append(wait)
                clock.advance(to: ready)
            }
            await finished.wait()
            #expect(waits.count == 4 && attempts.withLock { $0 } == 5)
            await Self.until { queue.processingCount == 0 }
            #expect(queue.retries(of: "a") == 0)
        }
    }

    @Test("a terminal error keeps the key out until it is added again")
    func terminal() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        let attempts = Mutex(0)
        let second = Latch()
        let other = Latch()
        try await withController(
            queue,
            clock,
            reconcile: { key in
                if key == "other" { other.open(); return .done }
                if attempts.withLock({
                    $0 += 1; return $0
                }) == 2 {
                    second.open()
                }
                throw TerminalReconcileError(Trouble())
            }
        ) {
            queue.add("a")
            queue.add("other")
            await other.wait()
            #expect(queue.delayedCount == 0)
            queue.add("a")
            await second.wait()
        }
    }

    @Test("work that takes longer than its limit is cancelled and tried again")
    func timeout() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        let cancelled = Latch()
        queue.add("a")
        try await withController(
            queue,
            clock,
            settings: ControllerSettings(reconcileTimeout: .seconds(30)),
            reconcile: { _ in
                do {
                    try await Latch().waitOrCancel()
                } catch {
                    cancelled.open()
                    throw error
                }
                return .done
            }
        ) {
            await clock.waitForSleepers { $0.contains(.seconds(30)) }
            clock.advance(to: .seconds(30))
            await cancelled.wait()
            await Self.until { queue.delayedCount == 1 }
            #expect(queue.retries(of: "a") == 1)
        }
    }

    @Test("on graceful shut-down the work under way is finished and nothing else is begun")
    func gracefulShutdown() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        let begun = Latch()
        let mayEnd = Latch()
        let worked = Mutex<[String]>([])
        queue.add("a")
        queue.add("b")
        let controller = Controller(queue: queue, clock: clock) { key in
            begun.open()
            await mayEnd.wait()
            worked.withLock { $0.append(key) }
            return .done
        }
        let group = ServiceGroup(services: [controller], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await begun.wait()
            await group.triggerGracefulShutdown()
            while !queue.isShutDown, !Task.isCancelled { await Task.yield() }
            mayEnd.open()
            try await tasks.waitForAll()
        }
        #expect(worked.withLock { $0 } == ["a"])
    }
}
