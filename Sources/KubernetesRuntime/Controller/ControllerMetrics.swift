import Metrics
import Synchronization

/// The metrics of one controller, under the names controller-runtime uses.
///
/// All of them exist from the start, at 0.
final class ControllerMetrics: Sendable {
    enum Result: String, CaseIterable {
        case success
        case requeue
        case requeueAfter = "requeue_after"
        case error
        case terminalError
    }

    private let totals: [Result: Counter]
    private let errors: Counter
    private let terminalErrors: Counter
    private let timeouts: Counter
    private let staleSkips: Counter
    private let time: Timer
    private let activeWorkers: Gauge
    private let active = Mutex(0)

    init(name: String, workers: Int, factory: any MetricsFactory) {
        let dimensions = [("controller", name)]
        func counter(_ label: String, _ more: [(String, String)] = []) -> Counter {
            let counter = Counter(label: label, dimensions: dimensions + more, factory: factory)
            counter.increment(by: 0)
            return counter
        }
        var totals: [Result: Counter] = [:]
        for result in Result.allCases where result != .terminalError {
            totals[result] = counter("controller_runtime_reconcile_total", [("result", result.rawValue)])
        }
        totals[.terminalError] = totals[.error]
        self.totals = totals
        errors = counter("controller_runtime_reconcile_errors_total")
        terminalErrors = counter("controller_runtime_terminal_reconcile_errors_total")
        timeouts = counter("controller_runtime_reconcile_timeouts_total")
        // A trap ends the process, so that this stays at 0; dashboards ask for it.
        _ = counter("controller_runtime_reconcile_panics_total")
        staleSkips = counter("controller_stale_cache_skips_total")
        time = Timer(
            label: "controller_runtime_reconcile_time_seconds",
            dimensions: dimensions,
            factory: factory
        )
        activeWorkers = Gauge(label: "controller_runtime_active_workers", dimensions: dimensions, factory: factory)
        activeWorkers.record(0)
        Gauge(label: "controller_runtime_max_concurrent_reconciles", dimensions: dimensions, factory: factory)
            .record(workers)
    }

    func started() { changeActive(by: 1) }

    /// Counts a reconcile that was cancelled because it took too long.
    func timedOut() { timeouts.increment() }

    /// Counts a key that was held back because a cache does not show yet what was written for it.
    func heldBack() { staleSkips.increment() }

    /// Counts the end of one reconcile; `nil` for one that was cancelled.
    func finished(_ result: Result?, after duration: Duration) {
        changeActive(by: -1)
        time.recordNanoseconds(duration.wholeNanoseconds)
        guard let result else { return }
        totals[result]?.increment()
        if result == .error || result == .terminalError { errors.increment() }
        if result == .terminalError { terminalErrors.increment() }
    }

    private func changeActive(by change: Int) {
        active.withLock { active in
            active += change
            activeWorkers.record(active)
        }
    }
}
