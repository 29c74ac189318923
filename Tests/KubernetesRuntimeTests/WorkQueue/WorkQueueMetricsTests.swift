import KubernetesRuntime
import TestTiming
import Testing

@Suite("Work queue metrics", .timeLimit(.minutes(5)))
struct WorkQueueMetricsTests {
    private let ledger = MetricsLedger()
    private let clock = ManualClock()
    private let labels = #"{name="things",controller="things"}"#

    private func makeQueue() -> WorkQueue<String> {
        WorkQueue(name: "things", clock: clock, metricsFactory: ledger)
    }

    private func depth(_ priority: Int) -> String {
        #"workqueue_depth{name="things",controller="things",priority="\#(priority)"}"#
    }

    @Test("every metric is there at 0 from the start, under the name and with the labels that dashboards know")
    func names() {
        _ = makeQueue()
        #expect(ledger.counters == ["workqueue_adds_total\(labels)": 0, "workqueue_retries_total\(labels)": 0])
        #expect(
            ledger.gauges == [
                depth(0): 0,
                "workqueue_unfinished_work_seconds\(labels)": 0,
                "workqueue_longest_running_processor_seconds\(labels)": 0,
            ]
        )
        #expect(
            ledger.timers == [
                "workqueue_queue_duration_seconds\(labels)": [], "workqueue_work_duration_seconds\(labels)": [],
            ]
        )
    }

    @Test("adds, retries, depth by priority, waiting and working times are what happened")
    func values() async {
        let queue = makeQueue()
        queue.add("a")
        queue.add("a")
        queue.add("b", priority: .low)
        queue.add("c", after: .seconds(60))
        #expect(ledger.gauges[depth(0)] == 1 && ledger.gauges[depth(-100)] == 1)
        clock.advance(to: .seconds(2))
        let first = await queue.next()
        #expect(first == "a" && ledger.gauges[depth(0)] == 0)
        // Added while it is being worked on, it is needed again, and counts.
        queue.add("a")
        #expect(ledger.gauges[depth(0)] == 1)
        queue.addRateLimited("a")
        clock.advance(to: .seconds(5))
        queue.done("a")
        queue.shutDown(draining: true)
        while let key = await queue.next() { queue.done(key) }
        #expect(ledger.gauges[depth(0)] == 0 && ledger.gauges[depth(-100)] == 0)
        #expect(ledger.counters["workqueue_adds_total\(labels)"] == 3)
        #expect(ledger.counters["workqueue_retries_total\(labels)"] == 1)
        let waited = ledger.timers["workqueue_queue_duration_seconds\(labels)"]
        #expect(waited == [2_000_000_000, 3_000_000_000, 5_000_000_000])
        #expect(ledger.timers["workqueue_work_duration_seconds\(labels)"] == [3_000_000_000, 0, 0])
    }

    @Test("work under way is shown each 500 ms, and no timer runs once there is none")
    func workUnderWay() async throws {
        let queue = makeQueue()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            queue.add("a")
            _ = await queue.next()
            await clock.waitForSleepers { $0 == [.milliseconds(500)] }
            clock.advance(to: .milliseconds(200))
            queue.add("b")
            _ = await queue.next()
            clock.advance(to: .milliseconds(500))
            await clock.waitForSleepers { $0 == [.seconds(1)] }
            #expect(ledger.gauges["workqueue_unfinished_work_seconds\(labels)"] == 0.8)
            #expect(ledger.gauges["workqueue_longest_running_processor_seconds\(labels)"] == 0.5)
            queue.done("a")
            queue.done("b")
            queue.add("late", after: .seconds(3600))
            clock.advance(to: .seconds(1))
            await clock.waitForSleepers { $0 == [.milliseconds(3_600_500)] }
            #expect(ledger.gauges["workqueue_unfinished_work_seconds\(labels)"] == 0)
            #expect(ledger.gauges["workqueue_longest_running_processor_seconds\(labels)"] == 0)
            queue.shutDown()
            try await group.waitForAll()
        }
    }

    @Test("I9: adds less gets are the depth, after any number of random operations")
    func consistent() async {
        let seed = testSeed("Work queue metrics")
        var random = SplitMix64(seed: seed)
        let queue = makeQueue()
        var working: [String] = []
        for _ in 0..<3000 {
            let key = String(Int.random(in: 0..<10, using: &random))
            let priority = Bool.random(using: &random) ? WorkPriority.low : .normal
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: queue.add(key, priority: priority)
            case 2: queue.add(key, after: .milliseconds(Int.random(in: 0...50, using: &random)), priority: priority)
            case 3 where !working.isEmpty:
                let finished = working.removeFirst()
                if Bool.random(using: &random) { queue.addRateLimited(finished) }
                queue.done(finished)
            case 4 where queue.hasReadyKey:
                if let key = await queue.next() { working.append(key) }
            default: clock.advance(by: .milliseconds(Int.random(in: 0...20_000, using: &random)))
            }
            let gets = ledger.timers["workqueue_queue_duration_seconds\(labels)"]?.count ?? 0
            let adds = ledger.counters["workqueue_adds_total\(labels)"] ?? 0
            let depth = (ledger.gauges[depth(0)] ?? 0) + (ledger.gauges[depth(-100)] ?? 0)
            #expect(adds - Double(gets) == depth, "TEST_SEED=\(seed)")
            #expect(depth == Double(queue.depth), "TEST_SEED=\(seed)")
        }
    }
}

extension WorkQueue<String> {
    /// Whether a key would be handed out at once; the keys in this test are few.
    fileprivate var hasReadyKey: Bool { depth > processingCount }
}
