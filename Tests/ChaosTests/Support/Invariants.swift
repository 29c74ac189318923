import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import MetricsTestKit
import TestTiming
import Testing

/// What must hold after every scenario of the machinery, whatever went wrong meanwhile.
struct Invariants: Sendable {
    /// What a run without faults comes to; `nil`: nothing but that all is settled.
    var golden: WidgetLedger?
    /// How long it may take after the last fault until everything is as it should be (I1).
    var settling = Duration.seconds(120)
    /// The most lists in the whole scenario (I4).
    var lists = 0
    /// How often each widget was changed by its user; the writes for each are bounded by it (I4).
    var stepsByName: [String: Int] = [:]
    /// Whether every request of the operator reached the server.
    var countsRefusals = true

    /// Checks all of them; the scenario's faults must be over.
    func check(_ world: WidgetWorld) async throws {
        try await checkConvergence(world)
        try await checkQuiet(world)
        try await checkCopies(world)
        try await checkTraffic(world)
        #expect(world.operatorEnd == nil, "the operator ended")
        #expect(world.audit.violations.isEmpty, "I5: statuses went back")
        try await checkSecrets(world)
        checkMetrics(world)
    }

    // MARK: - I1, I2

    private func checkConvergence(_ world: WidgetWorld) async throws {
        let isSettled = try await world.wait(atMost: settling, every: .seconds(5)) { world in
            let ledger = try await WidgetLedger(of: world)
            return ledger.loose.isEmpty && (golden.map { $0 == ledger } ?? true)
        }
        guard !isSettled else { return }
        let ledger = try await WidgetLedger(of: world)
        Issue.record("I1, I2: after \(settling) there is\n\(ledger)\nand not\n\(golden.map(\.description) ?? "rest")")
    }

    /// The operator's copies hold what the server holds.
    private func checkCopies(_ world: WidgetWorld) async throws {
        let widgets = try await world.auditor.resource(Widget.self).list(
            ObjectSelection(namespace: WidgetOperator.namespace)
        ).items
        let copies = world.widgetOperator.widgets.objects
        #expect(
            Set(copies.map { "\($0.key) \($0.uid) \($0.resourceVersion)" })
                == Set(widgets.map { "\($0.key) \($0.metadata.uid ?? "") \($0.metadata.resourceVersion ?? "")" }),
            "I2: the copy of the widgets is not what the server has"
        )
        let parts = world.widgetOperator.parts.objects.map(\.key.name)
        #expect(parts.sorted() == widgets.filter { $0.status?.child != nil }.map(\.metadata.name).sorted(), "I2")
    }

    // MARK: - I4

    /// When nothing happens, nothing is written and nothing is listed.
    private func checkQuiet(_ world: WidgetWorld) async throws {
        // What the server put off, with a Retry-After of half a minute at most, is done first.
        try await world.pass(.seconds(60))
        // Reminders of Events are written for some minutes after the last one.
        let start = world.clock.elapsed
        try await world.pass(.seconds(60))
        let writes = await world.cluster.recordedMutations.filter {
            $0.client == WidgetWorld.client && $0.elapsed >= start && $0.request.resource != "events.events.k8s.io"
        }
        #expect(writes.isEmpty, "I4: writes in a quiet minute")
        #expect(world.lists(since: start).isEmpty, "I4: lists in a quiet minute")
        #expect(world.reads("*", since: start).count <= 2, "I4: watches in a quiet minute")
    }

    private func checkTraffic(_ world: WidgetWorld) async throws {
        #expect(world.lists().count <= lists, "I4: lists")
        var writes: [String: Int] = [:]
        for mutation in await world.cluster.recordedMutations where mutation.client == WidgetWorld.client {
            guard mutation.isCommitted, !mutation.request.name.isEmpty else { continue }
            guard ["widgets.example.com", "configmaps"].contains(mutation.request.resource) else { continue }
            writes[mutation.request.name, default: 0] += 1
        }
        for (name, count) in writes {
            // The finalizer, the child and the status for a creation; the child and the status for a change; the child
            // and the finalizer for a deletion.
            let bound = 3 * (stepsByName[name] ?? 1) + 3
            #expect(count <= bound, "I4: \(count) writes for \(name)")
        }
    }

    // MARK: - I7

    private func checkSecrets(_ world: WidgetWorld) async throws {
        let told = world.lines(from: .trace).filter { $0.contains(Widget.secret) }
        #expect(told.isEmpty, "I7: a secret in the log")
        let events = try await world.auditor.resource(Event.self).list().items
        #expect(!events.contains { "\($0)".contains(Widget.secret) }, "I7: a secret in an Event")
    }

    // MARK: - I9

    private func checkMetrics(_ world: WidgetWorld) {
        let (queue, metrics) = (world.widgetOperator.queue, world.metrics)
        func count(_ label: String, _ dimensions: [(String, String)]) -> Int {
            Int((try? metrics.expectCounter(label, dimensions))?.totalValue ?? -1)
        }
        let named = [("name", "widgets"), ("controller", "widgets")]
        let totals = queue.totals
        #expect(totals.adds - totals.gets == queue.depth && queue.depth == 0, "I9")
        #expect(count("workqueue_adds_total", named) == totals.adds, "I9")
        #expect(count("workqueue_retries_total", named) == totals.retries, "I9")
        let waits = (try? metrics.expectTimer("workqueue_queue_duration_seconds", named))?.values.count
        #expect(waits == totals.gets, "I9")
        let controller = [("controller", "widgets")]
        let results = ["success", "requeue", "requeue_after", "error"].map {
            count("controller_runtime_reconcile_total", controller + [("result", $0)])
        }
        let times = (try? metrics.expectTimer("controller_runtime_reconcile_time_seconds", controller))?.values.count
        #expect(results.reduce(0, +) == times, "I9")
        #expect(count("controller_runtime_reconcile_errors_total", controller) == results[3], "I9")
        for (name, resource, status) in [
            (world.widgetOperator.widgets.name, "widgets.example.com", world.widgetOperator.widgets.status),
            (world.widgetOperator.parts.name, "configmaps", world.widgetOperator.parts.status),
        ] {
            let watches = world.plan.requests(FaultMatch([.watch], resource, client: WidgetWorld.client)).count
            #expect(count("reflector_watches_total", [("name", name)]) == status.watches, "I9")
            #expect(count("reflector_lists_total", [("name", name)]) == status.lists, "I9")
            if countsRefusals { #expect(status.watches == watches, "I9") }
        }
    }
}
