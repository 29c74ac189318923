import KubernetesAPI
import KubernetesClient
import TrustResources

/// What an operator does while nothing happens.
struct QuietWatch: Sendable {
    let bench: ClusterBench
    let cluster: BenchCluster
    let board: VerdictBoard
    let images: SignedDigests
    let process: MeasuredOperator

    /// What was counted up to a moment.
    private struct Count: Sendable {
        var figures: ProcessFigures
        /// Requests of anybody, in the stand-in's log.
        var logged: Int
        /// Changes of verifications.
        var changes: Int
        /// Requests to the registry.
        var questions: Int
    }

    /// Waits until nothing is written any more, then watches for as long as the run says.
    ///
    /// - Returns: the figures.
    /// - Throws: ``DemoError`` when the operator ends; `OutboundError` when it does not say what it has counted.
    func run() async throws -> [Budget] {
        try await ClusterBench.settle(within: .seconds(60)) { [try await writes(), board.changes] }
        BenchCommand.tell("==> watching the quiet operator for \(Int(seconds)) s")
        let (counters, version) = (try await process.counters(), try await policyVersion())
        let before = try count()
        try await Task.sleep(for: bench.sizes.quiet)
        let after = try count()
        let counted = try await process.counters().since(counters)
        let isPolicyChanged = try await policyVersion() != version
        var budgets = takes(before, after, isPolicyChanged: isPolicyChanged)
        if let log = cluster.standIn?.log {
            budgets += logged(log.entries(after: before.logged).filter(process.sent))
        }
        budgets += requests(
            "by its own count: ",
            total: counted.total,
            renewals: counted.renewals,
            writes: counted.writes,
            lists: counted.lists
        )
        return budgets
    }

    private var seconds: Double { bench.sizes.quiet / .seconds(1) }

    private var expected: ExpectedRequests {
        ExpectedRequests(duration: bench.sizes.quiet, namespaces: ClusterBench.namespaces)
    }

    /// Writes so far, other than the Lease.
    private func writes() async throws -> Int {
        if let log = cluster.standIn?.log { return log.count { $0.isWrite } }
        return try await process.counters().writes
    }

    private func count() throws -> Count {
        Count(
            figures: try process.figures(),
            logged: cluster.standIn?.log.count ?? 0,
            changes: board.changes,
            questions: images.requests
        )
    }

    /// Changes with every write of the run's policy.
    private func policyVersion() async throws -> String? {
        let policies = cluster.client.resource(ClusterTrustPolicy.self)
        return try await policies.get(cluster.policyName).metadata.resourceVersion
    }

    // MARK: - Figures

    private func takes(_ before: Count, _ after: Count, isPolicyChanged: Bool) -> [Budget] {
        let share = (after.figures.cpu - before.figures.cpu) / bench.sizes.quiet * 100
        let questions = Double(after.questions - before.questions) / Double(bench.sizes.images)
        return [
            .quantity("CPU", share, "% of a core", atMost: 0.5),
            .quantity(
                "memory, settled",
                Double(after.figures.residentBytes) / 1_048_576,
                "MiB",
                atMost: ShippedContainer.settledMemory,
                digits: 1
            ),
            .quantity(
                "memory without the program file",
                Double(after.figures.ownBytes) / 1_048_576,
                "MiB",
                digits: 1
            )
            .shown(as: .part),
            .count("changes of verifications", after.changes - before.changes, atMost: 0),
            .count("changes of the policy, 1 for any", isPolicyChanged ? 1 : 0, atMost: 0),
            .quantity(
                "requests to the registry, for an image and minute",
                questions / seconds * 60,
                "",
                // An image is looked at once a minute, and a look at what has not changed asks one thing at most.
                atMost: 1,
                digits: 2
            ),
        ]
    }

    /// What the stand-in's log says, and each kind of request in it.
    private func logged(_ entries: [RequestLog.Entry]) -> [Budget] {
        let budgets = requests(
            "",
            total: entries.count,
            renewals: entries.count { $0.isWriteOfLease },
            writes: entries.count { $0.isWrite },
            lists: entries.count { $0.verb == "list" }
        )
        return budgets + RequestLog.budgets(entries, expected)
    }

    private func requests(_ prefix: String, total: Int, renewals: Int, writes: Int, lists: Int) -> [Budget] {
        func perMinute(_ count: Int) -> Double { Double(count) / seconds * 60 }
        return [
            .quantity(
                "\(prefix)requests a minute",
                perMinute(total),
                "",
                atMost: perMinute(expected.quiet),
                digits: 1
            ),
            .quantity(
                "\(prefix)writes a minute, with those of the Lease",
                perMinute(renewals + writes),
                "",
                atMost: perMinute(expected.renewals),
                digits: 1
            ),
            .count("\(prefix)writes other than the Lease", writes, atMost: 0),
            .count("\(prefix)lists", lists, atMost: 0),
        ]
    }
}
