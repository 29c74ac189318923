import KubernetesRuntime
import Logging
import Testing

/// Chaos 29: queues that never run empty.
@Suite struct BusyQueueTests {
    /// A key of one tenant.
    private struct Key: Hashable {
        var tenant: String
        var number: Int
    }

    /// What was done when, in virtual time.
    private struct Work {
        /// When a key was wanted first, and not done since.
        var wanted: [Key: Duration] = [:]
        /// How long each key had to wait at worst.
        var longest: [Key: Duration] = [:]
        var counts: [Key: Int] = [:]
        var running: Set<Key> = []
        var overlaps = 0
        var last = Duration.zero
    }

    /// A controller whose every piece of work takes the same time.
    private struct Scene {
        static let workers = 4

        let simulation: Simulation
        let queue: WorkQueue<Key>
        let controller: Controller<Key>
        let work = Shared(Work())
        let metrics = MetricsTally()

        init(_ simulation: Simulation, each time: Duration) {
            let work = work
            let queue = WorkQueue<Key>(
                name: "busy",
                configuration: WorkQueueConfiguration(fairness: { $0.tenant }),
                clock: simulation.clock,
                metricsFactory: metrics
            )
            self.simulation = simulation
            self.queue = queue
            controller = Controller(
                queue: queue,
                settings: ControllerSettings(workers: Self.workers),
                caches: [],
                clock: simulation.clock,
                logger: Logger(label: "busy") { _ in SwiftLogNoOpLogHandler() },
                metricsFactory: metrics,
                reconcile: { key in
                    work.change { work in
                        if !work.running.insert(key).inserted { work.overlaps += 1 }
                        let wanted = work.wanted.removeValue(forKey: key) ?? simulation.now
                        work.longest[key] = max(work.longest[key] ?? .zero, simulation.now - wanted)
                    }
                    try await simulation.sleep(for: time)
                    work.change { work in
                        work.running.remove(key)
                        work.counts[key, default: 0] += 1
                        work.last = simulation.now
                    }
                    return .done
                }
            )
        }

        func add(_ key: Key, priority: WorkPriority = .normal) {
            work.change { if $0.wanted[key] == nil { $0.wanted[key] = simulation.now } }
            queue.add(key, priority: priority)
        }

        /// Runs the controller beside `body`.
        func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await controller.run() }
                try await body()
                try await checkMetrics()
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
        }

        /// I9: when nothing is left to do, what was measured agrees with itself and with what was done.
        private func checkMetrics() async throws {
            let end = simulation.now + .seconds(60)
            while !(queue.depth == 0 && queue.processingCount == 0 && MetricsAudit.isQuiet(metrics)) {
                guard simulation.now < end else {
                    Issue.record("I9: no rest")
                    return
                }
                try await simulation.sleep(for: .seconds(1))
            }
            let audit = MetricsAudit(ofWork: metrics, name: "busy")
            #expect(audit.complaints.isEmpty, "I9: \(audit.complaints)")
            let done = work.value.counts.values.reduce(0, +)
            let succeeded = metrics.sum("controller_runtime_reconcile_total", ["result": "success"])
            #expect(succeeded == Double(done), "I9: \(done) pieces of work, \(succeeded ?? -1) measured")
            #expect(metrics.sum("workqueue_adds_total") == Double(queue.totals.adds), "I9: keys")
        }

        /// How long the keys of a tenant had to wait at worst.
        func longestWait(of tenant: String) -> Duration {
            work.value.longest.filter { $0.key.tenant == tenant }.map(\.value).max() ?? .zero
        }
    }

    @Test("chaos 29: a hot key and a tenant with 10,000 keys hold nobody up", arguments: Chaos.seeds)
    func hotKey(_ seed: UInt64) async throws {
        Chaos.announce("chaos 29 (hot key)", seed)
        try await Simulation.run(seed: seed) { simulation in
            let scene = Scene(simulation, each: .milliseconds(1))
            let count = 10_000
            try await scene.run {
                for number in 0..<count { scene.add(Key(tenant: "large", number: number)) }
                // One key changes every millisecond, and another tenant has something to do now and then.
                for step in 0..<5000 {
                    scene.add(Key(tenant: "hot", number: 0))
                    if step.isMultiple(of: 50) { scene.add(Key(tenant: "small", number: step)) }
                    try await simulation.sleep(for: .milliseconds(1))
                }
            }
            let work = scene.work.value
            #expect(work.overlaps == 0, "one key is never worked on twice at a time")
            let large = work.counts.filter { $0.key.tenant == "large" }
            #expect(large.count == count && large.values.allSatisfy { $0 == 1 })
            // The hot key takes one of four workers at most; the others do the 10,000 in 3.3 s.
            #expect(scene.longestWait(of: "large") <= .seconds(3.6))
            #expect(scene.longestWait(of: "small") <= .milliseconds(5))
            #expect(scene.longestWait(of: "hot") <= .milliseconds(5))
            #expect(work.counts[Key(tenant: "hot", number: 0)] ?? 0 >= 1500, "the hot key is not starved either")
            #expect(scene.queue.depth == 0)
        }
    }

    @Test("chaos 29: an initial list waits for what changes, and no longer than its age allows", arguments: Chaos.seeds)
    func initialList(_ seed: UInt64) async throws {
        Chaos.announce("chaos 29 (initial list)", seed)
        try await Simulation.run(seed: seed) { simulation in
            // Changes take nineteen of twenty turns: the list alone would need 50 s of what is left.
            let scale = Chaos.runsSlowScenarios ? 10 : 1
            let scene = Scene(simulation, each: .milliseconds(10) / scale)
            let count = 1000 * scale
            try await scene.run {
                for number in 0..<count { scene.add(Key(tenant: "listed", number: number), priority: .low) }
                let pause = Duration.milliseconds(10) / (Double(scale * Scene.workers) * 0.95)
                var number = 0
                while simulation.now < .seconds(40) {
                    number += 1
                    scene.add(Key(tenant: "changed", number: number))
                    if simulation.now < .seconds(29) {
                        #expect(scene.queue.depth <= count + 3 * Scene.workers, "changes pile up")
                    }
                    try await simulation.sleep(for: pause)
                }
            }
            let listed = scene.work.value.counts.filter { $0.key.tenant == "listed" }
            #expect(listed.count == count)
            let wait = scene.longestWait(of: "listed")
            #expect(wait <= .seconds(30) + .seconds(4), "the last of the list waited \(wait)")
            #expect(wait >= .seconds(29), "changes must have had their way before")
        }
    }
}
