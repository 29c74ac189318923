/// The metrics that clients and controllers of Kubernetes have in common, under the names, labels and buckets of
/// client-go, component-base and controller-runtime, so that existing dashboards and rules work.
public enum KubernetesMetrics {
    /// All of them.
    public static let all = requests + queues + controllers + caches + elections + events

    /// Requests to the API server: component-base, `metrics/prometheus/restclient`.
    public static let requests = [
        MetricFamily(
            "rest_client_requests_total",
            .counter,
            labels: ["code", "method", "host"],
            help: "Requests to the API server by status, method and host; the code <error> is for those not answered."
        ),
        MetricFamily(
            "rest_client_request_duration_seconds",
            .histogram([0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]),
            unit: .seconds,
            labels: ["verb", "host"],
            help: "How long requests to the API server took until their answer was there."
        ),
        MetricFamily(
            "rest_client_rate_limiter_duration_seconds",
            .histogram([0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]),
            unit: .seconds,
            labels: ["verb", "host"],
            help: "How long requests waited because of the client's own limit of requests a second, if it has one."
        ),
        MetricFamily(
            "rest_client_request_retries_total",
            .counter,
            labels: ["code", "verb", "host"],
            help: "Requests that were sent once more, by the status that this ended in; <error> for no answer."
        ),
        MetricFamily(
            "rest_client_request_size_bytes",
            .histogram(bodySizes),
            unit: .bytes,
            labels: ["verb", "host"],
            help: "How large the bodies of requests to the API server were."
        ),
        MetricFamily(
            "rest_client_response_size_bytes",
            .histogram(bodySizes),
            unit: .bytes,
            labels: ["verb", "host"],
            help: "How large the bodies of answers of the API server were."
        ),
    ]

    /// Work queues: controller-runtime, `pkg/internal/metrics/workqueue.go`.
    public static let queues = [
        MetricFamily(
            "workqueue_depth",
            .gauge,
            labels: queueLabels + ["priority"],
            help: "Keys that wait for a worker, by priority."
        ),
        MetricFamily(
            "workqueue_adds_total",
            .counter,
            labels: queueLabels,
            help: "Keys that were added to the queue."
        ),
        MetricFamily(
            "workqueue_retries_total",
            .counter,
            labels: queueLabels,
            help: "Keys that were added again because work on them failed."
        ),
        MetricFamily(
            "workqueue_queue_duration_seconds",
            .histogram(workTimes),
            unit: .seconds,
            labels: queueLabels,
            help: "How long keys waited for a worker."
        ),
        MetricFamily(
            "workqueue_work_duration_seconds",
            .histogram(workTimes),
            unit: .seconds,
            labels: queueLabels,
            help: "How long workers took for a key."
        ),
        MetricFamily(
            "workqueue_unfinished_work_seconds",
            .gauge,
            unit: .seconds,
            labels: queueLabels,
            help: "How long the work under way has been going on, all workers together."
        ),
        MetricFamily(
            "workqueue_longest_running_processor_seconds",
            .gauge,
            unit: .seconds,
            labels: queueLabels,
            help: "How long the worker that has been at it longest has been working."
        ),
    ]

    /// Controllers: controller-runtime, `pkg/internal/controller/metrics`.
    public static let controllers = [
        MetricFamily(
            "controller_runtime_reconcile_total",
            .counter,
            labels: ["controller", "result"],
            help: "Reconciles by how they ended."
        ),
        MetricFamily(
            "controller_runtime_reconcile_errors_total",
            .counter,
            labels: ["controller"],
            help: "Reconciles that failed."
        ),
        MetricFamily(
            "controller_runtime_terminal_reconcile_errors_total",
            .counter,
            labels: ["controller"],
            help: "Reconciles that failed and are not repeated before something changes."
        ),
        MetricFamily(
            "controller_runtime_reconcile_timeouts_total",
            .counter,
            labels: ["controller"],
            help: "Reconciles that were cancelled because they took too long."
        ),
        MetricFamily(
            "controller_runtime_reconcile_panics_total",
            .counter,
            labels: ["controller"],
            help: "Always 0, since a trap ends the process; here because dashboards ask for it."
        ),
        MetricFamily(
            "controller_runtime_reconcile_time_seconds",
            .histogram(reconcileTimes),
            unit: .seconds,
            labels: ["controller"],
            help: "How long reconciles took."
        ),
        MetricFamily(
            "controller_runtime_active_workers",
            .gauge,
            labels: ["controller"],
            help: "Workers that are at work."
        ),
        MetricFamily(
            "controller_runtime_max_concurrent_reconciles",
            .gauge,
            labels: ["controller"],
            help: "Workers that there are."
        ),
        MetricFamily(
            "controller_stale_cache_skips_total",
            .counter,
            labels: ["controller"],
            help: "Keys that rested because a cache did not show yet what had been written for them."
        ),
    ]

    /// Informers; `reflector_*` are those of client-go, `tools/cache/reflector_metrics.go`.
    public static let caches = [
        MetricFamily(
            "reflector_lists_total",
            .counter,
            labels: ["name"],
            help: "Lists that were asked for to fill a cache."
        ),
        MetricFamily(
            "reflector_watches_total",
            .counter,
            labels: ["name"],
            help: "Watches that were begun to keep a cache up to date."
        ),
        MetricFamily(
            "reflector_last_resource_version",
            .gauge,
            labels: ["name"],
            help: "The resource version that a cache has reached."
        ),
        MetricFamily(
            "informer_objects",
            .gauge,
            labels: ["name"],
            help: "Objects in a cache."
        ),
        MetricFamily(
            "informer_queue_depth",
            .gauge,
            labels: ["name"],
            help: "Changes that a cache has not told its listeners yet."
        ),
        MetricFamily(
            "informer_last_event_timestamp_seconds",
            .gauge,
            unit: .seconds,
            labels: ["name"],
            help: "When a cache last heard from the API server, in seconds since 1970."
        ),
        MetricFamily(
            "informer_unreadable_objects_total",
            .counter,
            labels: ["name"],
            help: "Objects that could not be read and are left out of a cache."
        ),
        MetricFamily(
            "informer_failures_total",
            .counter,
            labels: ["name", "cause"],
            help: "Lists and watches that ended in a failure, by cause."
        ),
    ]

    /// Leader election: client-go, `tools/leaderelection/metrics.go`.
    public static let elections = [
        MetricFamily(
            "leader_election_master_status",
            .gauge,
            labels: ["name"],
            help: "Whether this process is the leader: 1 or 0."
        ),
        MetricFamily(
            "leader_election_slowpath_total",
            .counter,
            labels: ["name"],
            help: "Renewals of the lease that had to read it first."
        ),
    ]

    /// Events that are reported to the cluster.
    public static let events = [
        MetricFamily("events_written_total", .counter, help: "Events that were written to the API server."),
        MetricFamily(
            "events_dropped_total",
            .counter,
            help: "Events that were given up, were too many about one object, or had no room in the queue."
        ),
    ]

    private static let queueLabels = ["name", "controller"]
    /// 10 ns to 1,000 s.
    private static let workTimes = HistogramBuckets.exponential(from: 10e-9, factor: 10, count: 12)
    /// 5 ms to 60 s.
    private static let reconcileTimes: HistogramBuckets = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
        1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ]
    /// 64 bytes to 16 MiB.
    private static let bodySizes: HistogramBuckets = [
        64, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
    ]
}
