import KubernetesAPI

/// The operator's copy of the pods: how soon it is complete, and what it costs.
struct InformerLine: Sendable {
    let bench: ClusterBench

    /// The figures for a cluster of some size.
    struct Section: Sendable {
        let pods: Int
        /// As it was before.
        let machine: Machine
        let budgets: [Budget]
    }

    /// Seconds for 10,000 pods: client-go's.
    private static let secondsOf10000 = 0.45

    /// Measures a large cluster and a larger one: stand-ins of their own, or a real one that is given more pods.
    func run() async throws -> [Section] {
        let sizes = Set([bench.sizes.pods, bench.sizes.largePods].filter { $0 > 0 }).sorted()
        guard bench.realCluster == nil else { return try await sections(sizes) }
        var all: [Section] = []
        for size in sizes { all += try await sections([size]) }
        return all
    }

    /// Fills one cluster to each of some sizes, in ascending order, and measures it there.
    private func sections(_ sizes: [Int]) async throws -> [Section] {
        try await bench.onCluster { cluster in
            let namespaces = cluster.namespaces(20)
            try await cluster.make(namespaces: namespaces)
            let synthetic = SyntheticPods(
                namespaces: namespaces,
                images: SyntheticPods.invented(min(1000, max(1, (sizes.last ?? 0) / 10)), seed: bench.sizes.seed),
                sidecar: SyntheticPods.invented(1, seed: bench.sizes.seed &+ 1).first,
                seed: bench.sizes.seed
            )
            var sections: [Section] = []
            var filled = 0
            for pods in sizes {
                let machine = Machine()
                BenchCommand.tell("==> filling a cluster with \(pods) pods")
                try await cluster.run(synthetic, filled..<pods, concurrency: bench.sizes.workers)
                filled = pods
                sections.append(Section(pods: pods, machine: machine, budgets: try await measure(cluster, pods)))
            }
            return sections
        }
    }

    private func measure(_ cluster: BenchCluster, _ pods: Int) async throws -> [Budget] {
        BenchCommand.tell("==> copying \(pods) pods, \(bench.sizes.rounds) times, in turns with reading the same bytes")
        var copies: [InformerMeasurement] = []
        var floors: [ReadMeasurement] = []
        for _ in 0..<bench.sizes.rounds {
            floors.append(
                try await bench.measured(["measure-read", "--kubeconfig", cluster.kubeconfig], limit: .seconds(120))
            )
            copies.append(
                try await bench.measured(
                    ["measure-informer", "--kubeconfig", cluster.kubeconfig, "--settle", "2"],
                    limit: .seconds(180)
                )
            )
        }
        return Self.budgets(of: pods, copies, floors)
    }

    private static func budgets(
        of pods: Int,
        _ copies: [InformerMeasurement],
        _ floors: [ReadMeasurement]
    ) -> [Budget] {
        let seconds = Series(copies.map(\.syncSeconds)).median
        let floor = Series(floors.map(\.seconds)).median
        let megabytes = Series(floors.map { Double($0.bytes) / 1e6 }).median
        let mebibytes: ([Int]) -> Double = { Series($0.map { Double($0) / 1_048_576 }).maximum }
        return [
            .quantity("time to a complete copy (median)", seconds, "s", atMost: allowedSeconds(of: pods)),
            .quantity(
                "memory, settled",
                mebibytes(copies.map(\.settledRSSBytes)),
                "MiB",
                atMost: allowed(40, 150, of: pods),
                digits: 1
            ),
            .quantity("memory without the program file", mebibytes(copies.map(\.settledOwnBytes)), "MiB", digits: 1)
                .shown(as: .part),
            .quantity(
                "memory, at the highest",
                mebibytes(copies.map(\.peakRSSBytes)),
                "MiB",
                atMost: allowed(80, 300, of: pods),
                digits: 1
            ),
            .count("copies in which pods are missing", copies.count { $0.objects < pods }, atMost: 0),
            .quantity("the same \(Int(megabytes)) MB, only read from a socket", floor, "s").shown(as: .floor),
        ]
    }

    private static func allowedSeconds(of pods: Int) -> Double { secondsOf10000 * max(1, Double(pods) / 10_000) }

    /// MiB on the line through what is allowed for 10,000 and for 100,000 pods; never less than for 10,000.
    private static func allowed(_ of10000: Double, _ of100000: Double, of pods: Int) -> Double {
        let share = max(0, Double(pods) - 10_000) / 90_000
        return (of10000 + (of100000 - of10000) * share).rounded(.up)
    }
}
