import KubernetesAPI
import OCIModel
import TrustResources

/// Pods start at a steady rate: how long until each one's image has a verdict in its namespace.
///
/// A digest is known when the same policies have judged it for another namespace.
struct LatencyLine: Sendable {
    let bench: ClusterBench

    private var events: Int { max(1, bench.sizes.rate * Int(bench.sizes.burst.components.seconds)) }
    private var known: Int { min(bench.sizes.images, events) }

    func run() async throws -> [Budget] {
        try await SignedDigests.with { images in
            BenchCommand.tell("==> signing \(known + events) images")
            let warm = try images.publish(0..<known)
            let fresh = try images.publish(known..<(known + events))
            return try await bench.onCluster { cluster in
                try await cluster.make(policyOf: images)
                return try await VerdictBoard.watching(cluster) { board in
                    try await measure(cluster, board, images, warm: warm, fresh: fresh)
                }
            }
        }
    }

    private func measure(
        _ cluster: BenchCluster,
        _ board: VerdictBoard,
        _ images: SignedDigests,
        warm: [String],
        fresh: [String]
    ) async throws -> [Budget] {
        let base = cluster.namespaces(1, "base")
        // A digest is new to a namespace once, so that a long burst goes on in further namespaces.
        let known = cluster.namespaces((events + warm.count - 1) / warm.count, "known")
        let new = cluster.namespaces(1, "new")
        try await cluster.make(namespaces: [cluster.leaseNamespace] + base + known + new)
        let seed = bench.sizes.seed
        try await cluster.run(
            SyntheticPods(namespaces: base, images: warm, seed: seed),
            count: warm.count,
            concurrency: bench.sizes.workers
        )
        let process = try await MeasuredOperator.start("a", on: cluster, registry: images.host, bench)
        _ = try await board.wait(for: warm.count, limit: .seconds(120))
        let ofKnown = try await burst(
            known.map { SyntheticPods(namespaces: [$0], images: warm, seed: seed) },
            named: "known",
            cluster,
            board
        )
        let ofNew = try await burst(
            [SyntheticPods(namespaces: new, images: fresh, seed: seed)],
            named: "new",
            cluster,
            board
        )
        try await process.child.stop()
        return Self.budgets("known digest", ofKnown, atMost: 250) + Self.budgets("new digest", ofNew, atMost: 1000)
    }

    /// Starts pods of one set after the other, and measures each until its verdict.
    ///
    /// - Returns: milliseconds.
    private func burst(
        _ sets: [SyntheticPods],
        named name: String,
        _ cluster: BenchCluster,
        _ board: VerdictBoard
    ) async throws -> [Double] {
        let size = sets[0].images.count
        let events = self.events
        BenchCommand.tell("==> \(events) pods with a \(name) digest, \(bench.sizes.rate) a second")
        try await inParallel(events, bench.sizes.workers) { try await cluster.create(sets[$0 / size], $0 % size) }
        let before = board.count
        let begin = ContinuousClock.now + .milliseconds(200)
        let rate = bench.sizes.rate
        let starts = try await withThrowingTaskGroup(of: (Int, ContinuousClock.Instant).self) { tasks in
            for event in 0..<events {
                tasks.addTask {
                    try await ContinuousClock().sleep(until: begin + .seconds(1) * (Double(event) / Double(rate)))
                    let start = ContinuousClock.now
                    try await cluster.start(sets[event / size], event % size)
                    return (event, start)
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        _ = try await board.wait(for: before + events, limit: .seconds(120))
        return try starts.map { event, start in
            let pods = sets[event / size]
            let key = try Self.verification(pods.namespace(event % size), pods.image(event % size))
            guard let arrival = board.arrival(key) else {
                throw DemoError(.unreadable, "No verdict was seen for \(key).")
            }
            return (arrival - start) / .milliseconds(1)
        }
    }

    private static func verification(_ namespace: String, _ image: String) throws -> ObjectKey {
        let digest = try ImageReference(image).digest
        return ObjectKey(namespace: namespace, name: digest.map { ImageVerification.name(for: $0) } ?? "")
    }

    private static func budgets(_ what: String, _ latencies: [Double], atMost most: Double) -> [Budget] {
        let series = Series(latencies)
        return [
            .quantity("\(what): event to verdict, p50", series.quantile(0.5), "ms", digits: 0),
            .quantity("\(what): event to verdict, p99", series.quantile(0.99), "ms", atMost: most, digits: 0),
        ]
    }
}
