import Metrics

/// The metrics of one election, under the names client-go uses.
struct LeaderElectionMetrics: Sendable {
    private let status: Gauge
    private let slowPath: Counter

    init(name: String, factory: any MetricsFactory) {
        let dimensions = [("name", name)]
        status = Gauge(label: "leader_election_master_status", dimensions: dimensions, factory: factory)
        slowPath = Counter(label: "leader_election_slowpath_total", dimensions: dimensions, factory: factory)
        status.record(0)
        slowPath.increment(by: 0)
    }

    func record(isLeading: Bool) { status.record(isLeading ? 1 : 0) }
    func countSlowPath() { slowPath.increment() }
}
