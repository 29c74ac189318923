import Metrics

/// The metrics of one work queue, under the names client-go uses, so that existing dashboards work.
struct WorkQueueMetrics: Sendable {
    private let depth: Gauge
    private let adds: Counter
    private let retries: Counter
    private let queueDuration: Timer
    private let workDuration: Timer

    init(name: String, factory: any MetricsFactory) {
        let dimensions = [("name", name), ("controller", name)]
        depth = Gauge(label: "workqueue_depth", dimensions: dimensions, factory: factory)
        adds = Counter(label: "workqueue_adds_total", dimensions: dimensions, factory: factory)
        retries = Counter(label: "workqueue_retries_total", dimensions: dimensions, factory: factory)
        queueDuration = Timer(
            label: "workqueue_queue_duration_seconds",
            dimensions: dimensions,
            factory: factory
        )
        workDuration = Timer(
            label: "workqueue_work_duration_seconds",
            dimensions: dimensions,
            factory: factory
        )
        depth.record(0)
        adds.increment(by: 0)
        retries.increment(by: 0)
    }

    func added() { adds.increment() }
    func retried() { retries.increment() }
    func record(depth value: Int) { depth.record(value) }
    func handedOut(after waited: Duration) { queueDuration.recordNanoseconds(waited.wholeNanoseconds) }
    func worked(for duration: Duration) { workDuration.recordNanoseconds(duration.wholeNanoseconds) }
}
