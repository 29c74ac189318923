import TrustModel

/// Somebody asks that every image be verified again although nothing has changed: what that costs the registry.
///
/// The request goes to the policy (docs/operations.md, "Verify now"): one write, and every image is looked at now,
/// whatever is remembered of it. Where tags lead is not asked again by that.
struct SecondPassLine: Sendable {
    let bench: ClusterBench

    /// The list of an image's signatures: whether it is still the same cannot be known without asking.
    private static let allowedRequests = 1

    func run() async throws -> [Budget] {
        try await SignedDigests.with { images in
            BenchCommand.tell("==> signing \(bench.sizes.images) images")
            let references = try images.publish(0..<bench.sizes.images)
            return try await bench.onCluster { cluster in
                // How many pods run an image makes no difference to its registry: one of each.
                try await bench.fill(cluster, pods: references.count, of: references)
                try await cluster.make(policyOf: images)
                return try await VerdictBoard.watching(cluster.client) { board in
                    try await measure(cluster, board, images)
                }
            }
        }
    }

    private func measure(
        _ cluster: BenchCluster,
        _ board: VerdictBoard,
        _ images: SignedDigests
    ) async throws -> [Budget] {
        BenchCommand.tell("==> starting the operator, which looks at every image for the first time")
        let process = try await MeasuredOperator.start("a", on: cluster, registry: images.host, bench)
        _ = try await board.wait(for: bench.sizes.images, limit: .seconds(120))
        try await ClusterBench.settle(within: .seconds(30)) { images.requests }
        let first = images.pass(after: 0)
        let before = try process.figures()
        let changes = board.changes
        BenchCommand.tell("==> asking that every image be verified again")
        let start = ContinuousClock.now
        try await cluster.requestVerification()
        let end = try await lastQuestion(about: images, after: first.requests, process)
        try await ClusterBench.settle(within: .seconds(30)) { images.requests }
        let second = images.pass(after: first.requests)
        let after = try process.figures()
        try await process.child.stop()
        let count = Double(bench.sizes.images)
        return [
            .count("verdicts other than Trusted", bench.sizes.images - (board.tally[.trusted] ?? 0), atMost: 0),
            .quantity(
                "first pass: requests for an image",
                Double(first.requests) / count,
                "",
                // One more in all, as with vigil verify.
                atMost: Double(RegistryLine.fewestRequests) + 1 / count,
                digits: 3
            ),
            .quantity(
                "second pass: requests for an image",
                Double(second.requests) / count,
                "",
                atMost: Double(Self.allowedRequests),
                digits: 3
            ),
            .count("second pass: the most for one image", second.most, atMost: Self.allowedRequests),
            .count("second pass: requests for anything but lists of signatures", second.others, atMost: 0),
            .count("second pass: requests for the whole list, changed or not", second.requests - second.conditional),
            .count("second pass: changes of verifications", board.changes - changes, atMost: 0),
            .quantity("second pass: until the last image was asked about", (end - start) / .seconds(1), "s"),
            .quantity("second pass: CPU time for an image", (after.cpu - before.cpu) / .milliseconds(1) / count, "ms"),
        ]
    }

    /// Waits until the list of every image's signatures was asked for.
    ///
    /// - Returns: when the last of them was.
    private func lastQuestion(
        about images: SignedDigests,
        after count: Int,
        _ process: MeasuredOperator
    ) async throws -> ContinuousClock.Instant {
        let wanted = bench.sizes.images
        return try await withTimeLimit(
            .seconds(60),
            otherwise: DemoError(
                .timedOut,
                "Only \(images.pass(after: count).images) of \(wanted) images were asked about again after 60 s.",
                logTail: process.child.logTail
            )
        ) {
            while images.pass(after: count).images < wanted { try await Task.sleep(for: .milliseconds(50)) }
            return .now
        }
    }
}
