import Foundation
import KubernetesAPI
import TrustModel

/// The operator starts over a cluster that has run for long, and afterwards has nothing to do.
struct ColdStartLine: Sendable {
    let bench: ClusterBench
    /// How long each write takes the stand-in.
    let pace: Duration
    let watchesQuiet: Bool

    /// The cold start may take so many times what writing the verdicts takes.
    private static let allowedRatio = 1.5

    func run() async throws -> (coldStart: [Budget], quiet: [Budget]) {
        let floor = try await floor()
        return try await SignedDigests.with { images in
            BenchCommand.tell("==> signing \(bench.sizes.images) images")
            let references = try images.publish(0..<bench.sizes.images)
            return try await bench.onCluster(pace: pace) { cluster in
                try await prepare(cluster, references)
                try await cluster.make(policyOf: images)
                return try await VerdictBoard.watching(cluster) { board in
                    try await measure(cluster, board, images, floor: floor)
                }
            }
        }
    }

    /// The budget is in relation to what a real API server takes, not to writes into memory.
    private var hasBudget: Bool { bench.realCluster != nil || pace > .zero }

    /// What writing the verdicts takes by itself, on a cluster of the same size.
    private func floor() async throws -> Double {
        try await bench.onCluster(pace: pace) { cluster in
            try await prepare(cluster, SyntheticPods.invented(bench.sizes.images, seed: bench.sizes.seed))
            BenchCommand.tell("==> writing \(bench.sizes.images) verifications with a plain client")
            let namespace = cluster.namespaces(1)[0]
            let writes: WriteMeasurement = try await bench.measured(
                [
                    "measure-writes", "--kubeconfig", cluster.kubeconfig, "--namespace", namespace, "--objects",
                    String(bench.sizes.images), "--concurrency", String(bench.sizes.workers),
                ],
                limit: .seconds(120)
            )
            return writes.seconds
        }
    }

    private func prepare(_ cluster: BenchCluster, _ images: [String]) async throws {
        BenchCommand.tell("==> filling a cluster with \(bench.sizes.pods) pods of \(images.count) images")
        try await bench.fill(cluster, pods: max(bench.sizes.pods, images.count), of: images)
    }

    private func measure(
        _ cluster: BenchCluster,
        _ board: VerdictBoard,
        _ images: SignedDigests,
        floor: Double
    ) async throws -> (coldStart: [Budget], quiet: [Budget]) {
        BenchCommand.tell("==> starting the operator")
        let process = try await MeasuredOperator.start("a", on: cluster, registry: images.host, bench)
        let last = try await board.wait(for: bench.sizes.images, limit: .seconds(300))
        let figures = try process.figures()
        let seconds = (last - process.startedAt) / .seconds(1)
        let trusted = board.tally[.trusted] ?? 0
        var coldStart: [Budget] = [
            Budget(
                what: "from the start of the process to the last verdict",
                measured: String(format: "%.2f s, %.2f × the floor", seconds, seconds / floor),
                allowed: hasBudget ? String(format: "≤ %.1f ×", Self.allowedRatio) : "",
                isMet: hasBudget ? seconds <= floor * Self.allowedRatio : nil
            ),
            .quantity("the floor: the same writes by a plain client", floor, "s"),
            .count("verdicts other than Trusted", bench.sizes.images - trusted, atMost: 0),
            .quantity("CPU time", figures.cpu / .seconds(1), "s"),
            .quantity("memory, at the highest", Double(figures.peakBytes) / 1_048_576, "MiB", digits: 1),
            .quantity("memory without the program file", Double(figures.ownBytes) / 1_048_576, "MiB", digits: 1),
            .count("requests to the registry", images.requests),
        ]
        coldStart += Self.requests(cluster.standIn?.log.entries(after: 0) ?? [], of: process)
        var quiet: [Budget] = []
        if watchesQuiet { quiet = try await self.quiet(cluster, board, images, process) }
        try await process.child.stop()
        return (coldStart, quiet)
    }

    private func quiet(
        _ cluster: BenchCluster,
        _ board: VerdictBoard,
        _ images: SignedDigests,
        _ process: MeasuredOperator
    ) async throws -> [Budget] {
        try await ClusterBench.settle(within: .seconds(60)) {
            [cluster.standIn?.log.entries(after: 0).count { $0.isWrite } ?? 0, board.changes]
        }
        let seconds = bench.sizes.quiet / .seconds(1)
        BenchCommand.tell("==> watching the quiet operator for \(Int(seconds)) s")
        let before = try process.figures()
        let (requests, changes) = (cluster.standIn?.log.count ?? 0, board.changes)
        let questions = images.requests
        try await Task.sleep(for: bench.sizes.quiet)
        let after = try process.figures()
        let share = (after.cpu - before.cpu) / bench.sizes.quiet * 100
        var budgets: [Budget] = [
            .quantity("CPU", share, "% of a core", atMost: 0.5),
            .quantity("memory, settled", Double(after.residentBytes) / 1_048_576, "MiB", digits: 1),
            .quantity("memory without the program file", Double(after.ownBytes) / 1_048_576, "MiB", digits: 1),
            .count("changes of verifications", board.changes - changes, atMost: 0),
            .quantity(
                "requests to the registry, for an image and minute",
                Double(images.requests - questions) / Double(bench.sizes.images) / seconds * 60,
                "",
                // An image is looked at once a minute, and a look at what has not changed asks one thing at most.
                atMost: 1,
                digits: 2
            ),
        ]
        guard let log = cluster.standIn?.log else { return budgets }
        let entries = log.entries(after: requests).filter(process.sent)
        budgets.append(.count("writes other than the Lease", entries.count { $0.isWrite }, atMost: 0))
        budgets.append(.count("lists", entries.count { $0.verb == "list" }, atMost: 0))
        return budgets + Self.requests(entries, of: process)
    }

    /// The requests of a process by verb and resource.
    private static func requests(_ entries: [RequestLog.Entry], of process: MeasuredOperator) -> [Budget] {
        let counts = entries.filter(process.sent).reduce(into: [:]) { $0["\($1.verb) \($1.resource)", default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { .count("requests: \($0.key)", $0.value) }
    }
}
