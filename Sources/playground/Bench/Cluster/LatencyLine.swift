import KubernetesAPI
import OCIModel
import TrustResources

/// Pods start at a steady rate: how long until each one's image has a verdict in its namespace, and an Event about it.
///
/// A digest is known when the same policies have judged it for another namespace.
struct LatencyLine: Sendable {
    let bench: ClusterBench

    /// What watches on the cluster see.
    private struct Boards: Sendable {
        let verdicts: VerdictBoard
        let events: EventBoard
    }

    /// Milliseconds from the start of each pod.
    private struct Latencies: Sendable {
        var verdicts: [Double] = []
        /// Infinite for an Event that did not come.
        var events: [Double] = []
    }

    private var events: Int { max(1, bench.sizes.rate * Int(bench.sizes.burst.components.seconds)) }
    private var known: Int { min(bench.sizes.images, events) }

    func run() async throws -> [Budget] {
        try await SignedDigests.with { images in
            BenchCommand.tell("==> signing \(known + events) images")
            let warm = try images.publish(0..<known)
            let fresh = try images.publish(known..<(known + events))
            return try await bench.onCluster { cluster in
                try await cluster.make(policyOf: images)
                return try await VerdictBoard.watching(cluster.client) { verdicts in
                    try await EventBoard.watching(cluster.client) { events in
                        let boards = Boards(verdicts: verdicts, events: events)
                        return try await measure(cluster, boards, images, warm: warm, fresh: fresh)
                    }
                }
            }
        }
    }

    private func measure(
        _ cluster: BenchCluster,
        _ boards: Boards,
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
            0..<warm.count,
            concurrency: bench.sizes.workers
        )
        let process = try await MeasuredOperator.start("a", on: cluster, registry: images.host, bench)
        _ = try await boards.verdicts.wait(for: warm.count, limit: .seconds(120))
        // Events of the warm images must not wait in the way of those that are measured.
        try await ClusterBench.settle(within: .seconds(30)) { boards.events.count }
        let ofKnown = try await burst(
            known.map { SyntheticPods(namespaces: [$0], images: warm, seed: seed) },
            named: "known",
            cluster,
            boards
        )
        let ofNew = try await burst(
            [SyntheticPods(namespaces: new, images: fresh, seed: seed)],
            named: "new",
            cluster,
            boards
        )
        try await process.child.stop()
        return Self.budgets("known digest", ofKnown, atMost: 250) + Self.budgets("new digest", ofNew, atMost: 1000)
    }

    /// Starts pods of one set after the other, and measures each until its verdict and until the Event about it.
    private func burst(
        _ sets: [SyntheticPods],
        named name: String,
        _ cluster: BenchCluster,
        _ boards: Boards
    ) async throws -> Latencies {
        let size = sets[0].images.count
        let events = self.events
        BenchCommand.tell("==> \(events) pods with a \(name) digest, \(bench.sizes.rate) a second")
        try await inParallel(events, bench.sizes.workers) { try await cluster.create(sets[$0 / size], $0 % size) }
        let before = boards.verdicts.count
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
        _ = try await boards.verdicts.wait(for: before + events, limit: .seconds(120))
        try await ClusterBench.settle(within: .seconds(30)) { boards.events.count }
        var latencies = Latencies()
        for (event, start) in starts {
            let pods = sets[event / size]
            let key = try Self.verification(pods.namespace(event % size), pods.image(event % size))
            guard let verdict = boards.verdicts.arrival(key) else {
                throw DemoError(.unreadable, "No verdict was seen for \(key).")
            }
            latencies.verdicts.append((verdict - start) / .milliseconds(1))
            let told: Double? = boards.events.arrival(key).map { ($0 - start) / .milliseconds(1) }
            latencies.events.append(told ?? .infinity)
        }
        return latencies
    }

    private static func verification(_ namespace: String, _ image: String) throws -> ObjectKey {
        let digest = try ImageReference(image).digest
        return ObjectKey(namespace: namespace, name: digest.map { ImageVerification.name(for: $0) } ?? "")
    }

    private static func budgets(_ what: String, _ latencies: Latencies, atMost most: Double) -> [Budget] {
        let (verdicts, events) = (Series(latencies.verdicts), Series(latencies.events))
        return [
            .quantity("\(what): event to verdict, p50", verdicts.quantile(0.5), "ms", atMost: most, digits: 0),
            .quantity("\(what): event to verdict, p99", verdicts.quantile(0.99), "ms", atMost: most, digits: 0),
            .quantity("\(what): event to Event, p50", events.quantile(0.5), "ms", atMost: most, digits: 0),
            .quantity("\(what): event to Event, p99", events.quantile(0.99), "ms", atMost: most, digits: 0),
            .count("\(what): Events that did not come", latencies.events.count { !$0.isFinite }, atMost: 0),
        ]
    }
}
