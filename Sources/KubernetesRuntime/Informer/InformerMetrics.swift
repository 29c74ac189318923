import Metrics

/// The metrics of one informer; those that client-go's reflector has bear its names.
struct InformerMetrics: Sendable {
    private let lists: Counter
    private let watches: Counter
    private let version: Gauge
    private let objects: Gauge
    private let backlog: Gauge
    private let lastEvent: Gauge
    private let unreadable: Counter
    private let failures: [ReflectorFailure.Cause: Counter]

    init(name: String, factory: any MetricsFactory) {
        let dimensions = [("name", name)]
        lists = Counter(label: "reflector_lists_total", dimensions: dimensions, factory: factory)
        watches = Counter(label: "reflector_watches_total", dimensions: dimensions, factory: factory)
        version = Gauge(label: "reflector_last_resource_version", dimensions: dimensions, factory: factory)
        objects = Gauge(label: "informer_objects", dimensions: dimensions, factory: factory)
        backlog = Gauge(label: "informer_queue_depth", dimensions: dimensions, factory: factory)
        lastEvent = Gauge(
            label: "informer_last_event_timestamp_seconds",
            dimensions: dimensions,
            factory: factory
        )
        unreadable = Counter(label: "informer_unreadable_objects_total", dimensions: dimensions, factory: factory)
        var failures: [ReflectorFailure.Cause: Counter] = [:]
        for cause in ReflectorFailure.Cause.allCases {
            let counter = Counter(
                label: "informer_failures_total",
                dimensions: dimensions + [("cause", cause.rawValue)],
                factory: factory
            )
            counter.increment(by: 0)
            failures[cause] = counter
        }
        self.failures = failures
        lists.increment(by: 0)
        watches.increment(by: 0)
        unreadable.increment(by: 0)
    }

    func listed() { lists.increment() }
    func watched() { watches.increment() }
    /// Counts a list or a watch that did not end well.
    func failed(_ failure: ReflectorFailure) { failures[failure.cause]?.increment() }
    func foundUnreadable() { unreadable.increment() }

    /// Records how far the copy is; `now` is the wall clock, in seconds since 1970, where
    /// there is one.
    func reached(_ resourceVersion: String, objects count: Int, now: Double?) {
        if let number = Double(resourceVersion) { version.record(number) }
        objects.record(count)
        if let now { lastEvent.record(now) }
    }

    /// Records how many changes the slowest handler has not been told yet.
    func lags(by depth: Int) { backlog.record(depth) }
}
