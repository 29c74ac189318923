import Foundation
import KubernetesAPI
import KubernetesClient
import TrustModel
import TrustResources

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
                return try await VerdictBoard.watching(cluster.client) { board in
                    try await measure(cluster, board, images, floor: floor)
                }
            }
        }
    }

    /// How many pods run each image.
    private var podsOfImage: Int { max(1, bench.sizes.pods / max(1, bench.sizes.images)) }

    /// The budget is in relation to what a real API server takes, not to writes into memory.
    private var isFloorOfServer: Bool { bench.realCluster != nil || pace > .zero }

    /// How many seconds the cold start may take: of writes into memory, as many as of the same writes to the API server that
    /// the budget was set by.
    private func allowedSeconds(floor: Double) -> Double {
        guard !isFloorOfServer else { return floor * Self.allowedRatio }
        return Double(2 * bench.sizes.images) * (BenchSizes().writePace / .seconds(1)) * Self.allowedRatio
    }

    /// What writing the verdicts takes by itself, on a cluster of the same size.
    private func floor() async throws -> Double {
        try await bench.onCluster(pace: pace) { cluster in
            try await prepare(cluster, SyntheticPods.invented(bench.sizes.images, seed: bench.sizes.seed))
            BenchCommand.tell("==> writing \(bench.sizes.images) verifications with a plain client")
            let namespace = cluster.namespaces(1)[0]
            let writes: WriteMeasurement = try await bench.measured(
                [
                    "measure-writes", "--kubeconfig", cluster.kubeconfig, "--namespace", namespace, "--objects",
                    String(bench.sizes.images), "--pods", String(podsOfImage), "--concurrency",
                    String(bench.sizes.workers),
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
        var coldStart = time(last - process.startedAt, floor: floor)
        let trusted = board.tally[.trusted] ?? 0
        coldStart.append(.count("verdicts other than Trusted", bench.sizes.images - trusted, atMost: 0))
        coldStart += takes(figures, images, allowedSeconds(floor: floor))
        coldStart += try await requests(cluster, process)
        coldStart.append(try await statusSize(cluster))
        var quiet: [Budget] = []
        if watchesQuiet {
            quiet = try await QuietWatch(
                bench: bench,
                cluster: cluster,
                board: board,
                images: images,
                process: process
            )
            .run()
        }
        try await process.child.stop()
        return (coldStart, quiet)
    }

    // MARK: - Figures

    private func time(_ duration: Duration, floor: Double) -> [Budget] {
        let seconds = duration / .seconds(1)
        let most = allowedSeconds(floor: floor)
        return [
            Budget(
                what: "from the start of the process to the last verdict",
                measured: String(format: "%.2f s, %.2f × the floor", seconds, seconds / floor),
                allowed: isFloorOfServer
                    ? String(format: "≤ %.1f ×", Self.allowedRatio) : String(format: "≤ %.2f s", most),
                isMet: seconds <= most
            ),
            Budget.quantity("the floor: the same writes by a plain client", floor, "s").shown(as: .floor),
        ]
    }

    private func takes(_ figures: ProcessFigures, _ images: SignedDigests, _ seconds: Double) -> [Budget] {
        [
            // One core for as long as it may take: it is not alone on its node.
            .quantity("CPU time", figures.cpu / .seconds(1), "s", atMost: seconds),
            .quantity(
                "memory, at the highest",
                Double(figures.peakBytes) / 1_048_576,
                "MiB",
                atMost: ShippedContainer.memoryLimit,
                digits: 1
            ),
            .quantity("memory without the program file", Double(figures.ownBytes) / 1_048_576, "MiB", digits: 1)
                .shown(as: .part),
            .count(
                "requests to the registry",
                images.requests,
                atMost: RegistryLine.fewestRequests * bench.sizes.images + 1
            ),
        ]
    }

    /// How much of a status the floor wrote: were it more than the operator writes, the floor would be too high.
    private func statusSize(_ cluster: BenchCluster) async throws -> Budget {
        let page = try await cluster.client.resource(ImageVerification.self).page(of: .init(), limit: 1)
        let written = try page.items.first?.status.map { try JSONEncoder().encode($0).count } ?? 0
        let plain = try JSONEncoder().encode(PlainVerification(0, in: "default", pods: podsOfImage).status).count
        return .count("bytes of a status of the floor, at most those of the operator's", plain, atMost: written)
    }

    /// What the API server was asked: by the operator's own count, and by the stand-in's log.
    private func requests(_ cluster: BenchCluster, _ process: MeasuredOperator) async throws -> [Budget] {
        let counted = try await process.counters()
        let expected = ExpectedRequests(
            duration: ContinuousClock.now - process.startedAt,
            namespaces: ClusterBench.namespaces,
            newImages: bench.sizes.images
        )
        let entries = cluster.standIn?.log.entries(after: 0).filter(process.sent) ?? []
        let own: [Budget] = [
            .count("by its own count: writes other than the Lease", counted.writes, atMost: expected.writes),
            .count("by its own count: lists", counted.lists, atMost: expected.lists),
        ]
        return own + RequestLog.budgets(entries, expected)
    }
}
