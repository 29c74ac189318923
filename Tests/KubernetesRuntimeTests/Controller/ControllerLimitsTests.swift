import KubernetesRuntime
import Logging
import ServiceLifecycle
import Synchronization
import TestTiming
import Testing

/// What a controller does at its limits, and what it says about it.
@Suite("Controller limits", .timeLimit(.minutes(5)))
struct ControllerLimitsTests {
    private struct Trouble: Error {}

    private let clock = ManualClock()
    private let ledger = MetricsLedger()
    private let logs = LogLedger()

    private func makeQueue() -> WorkQueue<String> { WorkQueue(name: "things", clock: clock, metricsFactory: ledger) }

    private func makeController(
        _ queue: WorkQueue<String>,
        settings: ControllerSettings = ControllerSettings(),
        seed: UInt64 = 1,
        reconcile: @escaping Controller<String>.Reconcile
    ) -> Controller<String> {
        Controller(
            queue: queue,
            settings: settings,
            clock: clock,
            seed: seed,
            logger: logs.logger(),
            metricsFactory: ledger,
            reconcile: reconcile
        )
    }

    @Test("every metric is there at 0 from the start, under the name and with the labels that dashboards know")
    func metricNames() {
        _ = makeController(makeQueue(), settings: ControllerSettings(workers: 3)) { _ in .done }
        let own = ledger.counters.filter { $0.key.hasPrefix("controller_") }
        #expect(
            own == [
                #"controller_runtime_reconcile_total{controller="things",result="success"}"#: 0,
                #"controller_runtime_reconcile_total{controller="things",result="requeue"}"#: 0,
                #"controller_runtime_reconcile_total{controller="things",result="requeue_after"}"#: 0,
                #"controller_runtime_reconcile_total{controller="things",result="error"}"#: 0,
                #"controller_runtime_reconcile_errors_total{controller="things"}"#: 0,
                #"controller_runtime_terminal_reconcile_errors_total{controller="things"}"#: 0,
                #"controller_runtime_reconcile_panics_total{controller="things"}"#: 0,
                #"controller_runtime_reconcile_timeouts_total{controller="things"}"#: 0,
                #"controller_stale_cache_skips_total{controller="things"}"#: 0,
            ]
        )
        let gauges = ledger.gauges.filter { $0.key.hasPrefix("controller_") }
        #expect(
            gauges == [
                #"controller_runtime_max_concurrent_reconciles{controller="things"}"#: 3,
                #"controller_runtime_active_workers{controller="things"}"#: 0,
            ]
        )
        let timers = ledger.timers.keys.filter { $0.hasPrefix("controller_") }
        #expect(timers == [#"controller_runtime_reconcile_time_seconds{controller="things"}"#])
    }

    @Test("each way to end is counted as controller-runtime counts it")
    func metricValues() async throws {
        let queue = makeQueue()
        let slowBegan = Latch()
        let controller = makeController(
            queue,
            settings: ControllerSettings(reconcileTimeout: .seconds(10))
        ) { key in
            switch key {
            case "throws": throw Trouble()
            case "terminal": throw TerminalReconcileError(Trouble())
            case "requeue": return .requeue(after: .seconds(3600))
            case "retry": return .retry
            case "slow":
                slowBegan.open()
                try await Latch().waitOrCancel()
                return .done
            default: return .done
            }
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            for key in ["done", "throws", "terminal", "requeue", "retry", "slow"] { queue.add(key) }
            await slowBegan.wait()
            await clock.waitForSleepers { $0.contains(.seconds(10)) }
            #expect(ledger.gauges[#"controller_runtime_active_workers{controller="things"}"#] == 1)
            clock.advance(to: .seconds(10))
            while queue.processingCount > 0 || queue.retries(of: "slow") == 0, !Task.isCancelled { await Task.yield() }
            group.cancelAll()
            try? await group.waitForAll()
        }
        func count(_ name: String, _ result: String? = nil) -> Double? {
            let label = result.map { ",result=\"\($0)\"" } ?? ""
            return ledger.counters["controller_runtime_\(name)_total{controller=\"things\"\(label)}"]
        }
        // What was delayed by milliseconds came again when the clock moved on by seconds.
        #expect(count("reconcile", "success") == 1 && count("reconcile", "requeue_after") == 1)
        #expect((count("reconcile", "requeue") ?? 0) >= 1)
        #expect(count("terminal_reconcile_errors") == 1)
        #expect(count("reconcile_timeouts") == 1)
        let errors = count("reconcile", "error") ?? 0
        #expect(errors >= 3 && count("reconcile_errors") == errors)
        #expect(ledger.gauges[#"controller_runtime_active_workers{controller="things"}"#] == 0)
        let slow = logs.lines.first { $0.metadata["key"] == "slow" }
        let sentence = "controller things worked on slow for 10.0 seconds without an end and cancelled it"
        #expect(slow?.metadata["cause"] == sentence)
    }

    @Test("a terminal error does not start the retries over")
    func terminalKeepsRetries() async throws {
        let queue = makeQueue()
        let attempts = Mutex(0)
        let controller = makeController(queue) { _ in
            let attempt = attempts.withLock { count in
                count += 1
                return count
            }
            if attempt == 1 { throw Trouble() }
            throw TerminalReconcileError(Trouble())
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            queue.add("a")
            await clock.waitForSleepers { $0.contains(.milliseconds(5)) }
            clock.advance(to: .milliseconds(5))
            while attempts.withLock({ $0 }) < 2 || queue.processingCount > 0, !Task.isCancelled { await Task.yield() }
            #expect(queue.retries(of: "a") == 1 && queue.delayedCount == 0)
            group.cancelAll()
        }
    }

    @Test("each attempt has an id of its own, which its failures and its own lines carry")
    func reconcileID() async throws {
        let queue = makeQueue()
        let logger = logs.logger(.reconcile)
        let controller = makeController(queue) { key in
            logger.info("looking", metadata: ["key": "\(key)"])
            throw TerminalReconcileError(Trouble())
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            queue.add("a")
            queue.add("b")
            while logs.lines.count < 4, !Task.isCancelled { await Task.yield() }
            group.cancelAll()
        }
        func ids(_ key: String) -> Set<String?> {
            Set(logs.lines.filter { $0.metadata["key"] == key }.map { $0.metadata["reconcile.id"] })
        }
        #expect(ids("a").count == 1 && ids("b").count == 1)
        #expect(ids("a") != ids("b") && !ids("a").contains(nil))
        #expect(ReconcileContext.id == nil)
    }

    @Test("work that does not end within 20 s of a graceful shut-down is cancelled, and the controller ends in peace")
    func shutdownBound() async throws {
        let queue = makeQueue()
        let begun = Latch()
        let cancelled = Latch()
        let controller = makeController(queue) { _ in
            begun.open()
            do {
                try await Latch().waitOrCancel()
            } catch {
                cancelled.open()
                throw error
            }
            return .done
        }
        let group = ServiceGroup(services: [controller], logger: logs.logger())
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            queue.add("stuck")
            await begun.wait()
            await group.triggerGracefulShutdown()
            await clock.waitForSleepers { $0.contains(.seconds(20)) }
            #expect(!cancelled.isOpen)
            clock.advance(to: .milliseconds(19_999))
            #expect(!cancelled.isOpen)
            clock.advance(to: .seconds(20))
            await cancelled.wait()
            try await tasks.waitForAll()
        }
        let warning = logs.lines.first { $0.message.hasPrefix("work under way is cancelled") }
        #expect(warning?.metadata["keys"] == "1" && warning?.metadata["limit"] == "20.0 seconds")
    }

    @Test("the keys that are there at the start come in an order that differs from start to start")
    func startOrder() async throws {
        func firstKey(seed: UInt64) async throws -> String? {
            let queue = makeQueue()
            for key in 0..<30 { queue.add(String(key), priority: .low) }
            let first = Mutex<String?>(nil)
            let controller = makeController(queue, seed: seed) { key in
                first.withLock { $0 = $0 ?? key }
                queue.shutDown()
                return .done
            }
            try await controller.run()
            return first.withLock { $0 }
        }
        var keys: Set<String?> = []
        for seed in 0..<10 { keys.insert(try await firstKey(seed: UInt64(seed))) }
        #expect(keys.count > 3 && !keys.contains(nil))
    }
}
