import EmbeddedKubernetes
import KubernetesAPI
import KubernetesRuntime
import TrustControllers

@testable import VigilCommand

/// I9: what one operator measured agrees with itself, with what it holds, and with what it asked the server.
struct MetricsAudit {
    /// What does not agree.
    private(set) var complaints: [String] = []
    private let name: String
    private let metrics: MetricsTally
    /// Whether it still works, and nothing is left to do.
    private let isLiving: Bool

    /// Looks at an operator.
    ///
    /// - Parameters:
    ///   - one: the operator; at rest if it still works.
    ///   - mutations: what the cluster recorded of its requests.
    ///   - holder: who holds the Lease; `nil` where there is none.
    init(_ one: SimulatedOperator, mutations: [RecordedMutation], holder: String?) {
        name = one.name
        metrics = one.metrics
        isLiving = one.end == nil
        checkQueues()
        checkControllers()
        for cache in one.services.view.informerStates { check(cache) }
        checkRequests(one.answers, mutations)
        if let elector = one.services.elector { checkLeadership(elector, one.end, holder: holder) }
    }

    /// Looks at queues and controllers alone, at rest.
    init(ofWork metrics: MetricsTally, name: String) {
        self.name = name
        self.metrics = metrics
        isLiving = true
        checkQueues()
        checkControllers()
    }

    /// Whether an operator has nothing to do: no key waits for work, and none is worked on.
    static func isQuiet(_ one: SimulatedOperator) -> Bool { isQuiet(one.metrics) }

    /// Whether nothing waits for work, and nothing is worked on.
    static func isQuiet(_ metrics: MetricsTally) -> Bool {
        let sums = ["workqueue_depth", "workqueue_unfinished_work_seconds", "controller_runtime_active_workers"]
        return sums.allSatisfy { (metrics.sum($0) ?? 0) == 0 }
    }

    private mutating func expect(_ isSo: Bool, _ words: @autoclosure () -> String) {
        if !isSo { complaints.append("\(name): \(words())") }
    }

    // MARK: - The work

    private mutating func checkQueues() {
        for (queue, adds) in metrics.sums("workqueue_adds_total", by: "name") {
            let gets = metrics.sum("workqueue_queue_duration_seconds", ["name": queue]) ?? 0
            let done = metrics.sum("workqueue_work_duration_seconds", ["name": queue]) ?? 0
            expect(gets <= adds && done <= gets, "\(queue): \(adds) keys in, \(gets) out, \(done) done")
            guard isLiving else { continue }
            let depth = metrics.sum("workqueue_depth", ["name": queue])
            expect(adds - gets == depth && depth == 0, "\(queue): \(adds) in, \(gets) out, depth \(depth ?? -1)")
            expect(done == gets, "\(queue): \(gets) keys handed out, \(done) given back")
            let running = metrics.sum("workqueue_longest_running_processor_seconds", ["name": queue])
            expect(running == 0, "\(queue): works since \(running ?? -1) s")
        }
    }

    private mutating func checkControllers() {
        for (controller, times) in metrics.sums("controller_runtime_reconcile_time_seconds", by: "controller") {
            let of = ["controller": controller]
            func total(_ result: String) -> Double {
                metrics.sum("controller_runtime_reconcile_total", of.merging(["result": result]) { $1 }) ?? -1
            }
            let (errors, retries) = (total("error"), total("requeue"))
            let results = total("success") + retries + total("requeue_after") + errors
            let terminal = metrics.sum("controller_runtime_terminal_reconcile_errors_total", of) ?? -1
            expect(metrics.sum("controller_runtime_reconcile_errors_total", of) == errors, "\(controller): errors")
            // What is cancelled when the process ends takes its time, and has no result.
            expect(isLiving ? results == times : results <= times, "\(controller): \(results) ends of \(times)")
            let repeated = metrics.sum("workqueue_retries_total", ["name": controller]) ?? -1
            let wanted = retries + errors - terminal
            expect(repeated == wanted, "\(controller): \(repeated) keys came back after \(wanted) failures")
            guard isLiving else { continue }
            expect(metrics.sum("controller_runtime_active_workers", of) == 0, "\(controller): workers")
            let gets = metrics.sum("workqueue_queue_duration_seconds", ["name": controller]) ?? 0
            let held = metrics.sum("controller_stale_cache_skips_total", of) ?? 0
            expect(gets == times + held, "\(controller): \(gets) keys, \(times) worked on, \(held) held back")
        }
    }

    // MARK: - The copies

    private mutating func check(_ cache: InformerState) {
        let of = ["name": cache.name]
        let status = cache.status
        expect(metrics.sum("reflector_lists_total", of) == Double(status.lists), "\(cache.name): lists")
        expect(metrics.sum("reflector_watches_total", of) == Double(status.watches), "\(cache.name): watches")
        guard isLiving else { return }
        let objects = metrics.sum("informer_objects", of) ?? -1
        expect(objects == Double(cache.count), "\(cache.name): \(objects) objects measured, \(cache.count) there")
        expect(metrics.sum("informer_queue_depth", of) == 0, "\(cache.name): changes nobody was told of")
        let version = metrics.sum("reflector_last_resource_version", of)
        expect(version == Double(status.resourceVersion), "\(cache.name): at \(version ?? -1), not \(status)")
    }

    // MARK: - The requests

    private mutating func checkRequests(_ answers: [Wire.Answer: Int], _ mutations: [RecordedMutation]) {
        var counted: [String: Double] = [:]
        for method in APIRequest.Method.allCases {
            let codes = metrics.sums("rest_client_requests_total", by: "code", where: ["method": method.rawValue])
            for (code, count) in codes where code != "<error>" && count > 0 {
                counted["\(method.rawValue) \(code)"] = count
            }
        }
        var came: [String: Double] = [:]
        for (answer, count) in answers { came["\(answer.method.rawValue) \(answer.status)"] = Double(count) }
        for key in Set(counted.keys).union(came.keys) {
            let (measured, arrived) = (counted[key] ?? 0, came[key] ?? 0)
            // An answer may come in when nobody waits for it any more, because the process ends.
            expect(isLiving ? measured == arrived : measured <= arrived, "\(key): \(measured) counted, \(arrived) came")
        }
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let served = mutations.count { $0.method == method && (200..<300).contains($0.status) }
            let measured = counted.filter { $0.key.hasPrefix("\(method) 2") }.values.reduce(0, +)
            expect(measured <= Double(served), "\(method): \(measured) answered well, \(served) served")
        }
        let events = mutations.count {
            $0.request.resource == "events.events.k8s.io" && (200..<300).contains($0.status)
        }
        let written = metrics.sum("events_written_total") ?? 0
        expect(written <= Double(events), "\(written) Events written, \(events) served")
    }

    // MARK: - The election

    private mutating func checkLeadership(_ elector: LeaderElector, _ end: SimulatedOperator.End?, holder: String?) {
        let gauge = metrics.sum("leader_election_master_status")
        switch end {
        case nil:
            expect(gauge == (elector.isLeading ? 1 : 0), "leads: \(elector.isLeading), measured \(gauge ?? -1)")
            expect(gauge == (holder == name ? 1 : 0), "\"\(holder ?? "")\" holds the Lease, measured \(gauge ?? -1)")
        case .cleanly:
            expect(gauge == 0, "it ended, and its leadership was not measured as over")
        case .failed, .killed:
            break
        }
    }
}

/// What an informer holds beside what it measured.
struct InformerState {
    var kind: ResourceType
    var name: String
    var count: Int
    var status: InformerStatus

    init<Object: KubernetesObject, Value>(_ informer: Informer<Object, Value>) {
        kind = Object.resource
        (name, count, status) = (informer.name, informer.count, informer.status)
    }
}

extension ClusterView {
    /// What each informer holds.
    var informerStates: [InformerState] {
        [InformerState(pods), InformerState(verifications), InformerState(policies)]
            + [clusterPolicies.map { InformerState($0) }, namespaces.map { InformerState($0) }].compactMap(\.self)
    }
}
