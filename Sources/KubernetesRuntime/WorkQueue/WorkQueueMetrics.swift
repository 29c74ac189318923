import Metrics
import Synchronization

/// The metrics of one work queue, under the names client-go uses, so that existing dashboards work.
///
/// All of them exist from the start, at 0.
final class WorkQueueMetrics: Sendable {
    private struct Depth {
        var gauge: Gauge
        var value: Int
    }

    private let name: String
    private let factory: any MetricsFactory
    private let depths = Mutex<[WorkPriority: Depth]>([:])
    private let adds: Counter
    private let retries: Counter
    private let queueDuration: Timer
    private let workDuration: Timer
    private let unfinishedWork: Gauge
    private let longestRunning: Gauge

    init(name: String, factory: any MetricsFactory) {
        self.name = name
        self.factory = factory
        let dimensions = [("name", name), ("controller", name)]
        func gauge(_ label: String) -> Gauge {
            let gauge = Gauge(label: label, dimensions: dimensions, factory: factory)
            gauge.record(0)
            return gauge
        }
        func counter(_ label: String) -> Counter {
            let counter = Counter(label: label, dimensions: dimensions, factory: factory)
            counter.increment(by: 0)
            return counter
        }
        adds = counter("workqueue_adds_total")
        retries = counter("workqueue_retries_total")
        queueDuration = Timer(label: "workqueue_queue_duration_seconds", dimensions: dimensions, factory: factory)
        workDuration = Timer(label: "workqueue_work_duration_seconds", dimensions: dimensions, factory: factory)
        unfinishedWork = gauge("workqueue_unfinished_work_seconds")
        longestRunning = gauge("workqueue_longest_running_processor_seconds")
        record(depths: [.normal: 0])
    }

    /// Counts what happened between two totals of one queue.
    func record<Key>(from old: WorkQueueState<Key>.Totals, to new: WorkQueueState<Key>.Totals) {
        if new.adds != old.adds { adds.increment(by: new.adds &- old.adds) }
        if new.retries != old.retries { retries.increment(by: new.retries &- old.retries) }
    }

    /// Shows how many keys need work.
    ///
    /// A priority that is not among `current` has none.
    func record(depths current: [WorkPriority: Int]) {
        depths.withLock { depths in
            for (priority, known) in depths {
                let value = current[priority] ?? 0
                guard value != known.value else { continue }
                known.gauge.record(value)
                depths[priority]?.value = value
            }
            for (priority, value) in current where depths[priority] == nil {
                let dimensions = [("name", name), ("controller", name), ("priority", priority.description)]
                let gauge = Gauge(label: "workqueue_depth", dimensions: dimensions, factory: factory)
                gauge.record(value)
                depths[priority] = Depth(gauge: gauge, value: value)
            }
        }
    }

    func handedOut(after waited: Duration) { queueDuration.recordNanoseconds(waited.wholeNanoseconds) }
    func worked(for duration: Duration) { workDuration.recordNanoseconds(duration.wholeNanoseconds) }

    func record(unfinishedWork work: (total: Duration, longest: Duration)) {
        unfinishedWork.record(work.total.seconds)
        longestRunning.record(work.longest.seconds)
    }
}
