import KubernetesAPI
import KubernetesClient

/// One replica goes away, the other takes over: after a crash, and after a request to end.
struct FailoverLine: Sendable {
    let bench: ClusterBench

    private static let images = 50

    /// What was seen of one change of leaders.
    private struct Change: Sendable {
        /// Until the Lease names the other.
        var toLease: Duration
        /// Until the other's first write.
        var toWrite: Duration
        /// Writes of the one after the other's first, as the two have counted them; `nil` where there is a log.
        var overlap: Int?
    }

    func run() async throws -> [Budget] {
        try await SignedDigests.with { images in
            let references = try images.publish(0..<Self.images)
            return try await bench.onCluster { cluster in
                try await cluster.make(namespaces: [cluster.leaseNamespace])
                try await cluster.make(policyOf: images)
                return try await withThrowingTaskGroup(of: [Budget]?.self) { tasks in
                    tasks.addTask {
                        try await keepBusy(cluster, references)
                        return nil
                    }
                    tasks.addTask { try await measure(cluster, images) }
                    defer { tasks.cancelAll() }
                    while let budgets = try await tasks.next() {
                        if let budgets { return budgets }
                    }
                    throw CancellationError()
                }
            }
        }
    }

    private func measure(_ cluster: BenchCluster, _ images: SignedDigests) async throws -> [Budget] {
        BenchCommand.tell("==> two replicas, of which the leader is killed")
        let first = try await MeasuredOperator.start("a", on: cluster, registry: images.host, bench)
        try await first.waitUntilReady()
        _ = try await holder(cluster, other: "")
        let second = try await MeasuredOperator.start("b", on: cluster, registry: images.host, bench)
        try await second.waitUntilReady()
        let crash = try await change(cluster, from: first, to: second) { try await first.kill() }
        BenchCommand.tell("==> another replica joins, and the leader is asked to end")
        let third = try await MeasuredOperator.start("c", on: cluster, registry: images.host, bench)
        try await third.waitUntilReady()
        let release = try await change(cluster, from: second, to: third) { try await second.child.stop() }
        try await third.child.stop()
        let overlaps =
            cluster.standIn.map { Self.overlaps($0.log.entries(after: 0), of: [first, second, third]) }
            ?? [crash, release].compactMap(\.overlap).reduce(0, +)
        var budgets = Self.budgets("kill -9", crash, atMost: 20) + Self.budgets("SIGTERM", release, atMost: 3)
        budgets.append(.count("writes of a replica after the next one's first", overlaps, atMost: 0))
        return budgets
    }

    private func change(
        _ cluster: BenchCluster,
        from leader: MeasuredOperator,
        to next: MeasuredOperator,
        _ end: @escaping @Sendable () async throws -> Void
    ) async throws -> Change {
        let log = cluster.standIn?.log
        let watch: WriterWatch?
        if log == nil { watch = try await WriterWatch(from: leader, to: next) } else { watch = nil }
        let start = ContinuousClock.now
        async let ending: Void = end()
        async let observed = watch?.finding()
        let taken = try await holder(cluster, other: leader.identity)
        try await ending
        if let finding = try await observed {
            return Change(toLease: taken - start, toWrite: finding.firstWrite - start, overlap: finding.overlap)
        }
        let write = try await withTimeLimit(
            .seconds(30),
            otherwise: DemoError(.timedOut, "\(next.child.name) wrote nothing.", logTail: next.child.logTail)
        ) {
            while true {
                if let write = log?.first(where: { $0.isWrite && next.sent($0) }) { return write.arrived }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        return Change(toLease: taken - start, toWrite: write - start)
    }

    /// When somebody else than `other` holds the Lease.
    private func holder(_ cluster: BenchCluster, other: String) async throws -> ContinuousClock.Instant {
        let leases = cluster.client.resource(Lease.self)
        return try await withTimeLimit(
            .seconds(60),
            otherwise: DemoError(.timedOut, "Nobody took the Lease within 60 s.")
        ) {
            while true {
                do {
                    let lease = try await leases.get("vigil", namespace: cluster.leaseNamespace)
                    if let holder = lease.spec?.holderIdentity, !holder.isEmpty, holder != other { return .now }
                } catch let error as APIError where error.httpStatus == 404 {}
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Lets a pod start every now and then, so that a leader always has something to write.
    private func keepBusy(_ cluster: BenchCluster, _ references: [String]) async throws {
        for round in 0... {
            let namespaces = cluster.namespaces(1, "round-\(round)")
            try await cluster.make(namespaces: namespaces)
            let pods = SyntheticPods(namespaces: namespaces, images: references, seed: bench.sizes.seed)
            for number in references.indices {
                try await cluster.create(pods, number)
                try await cluster.start(pods, number)
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// How many writes a replica sent after the one that followed it had begun to write.
    private static func overlaps(_ entries: [RequestLog.Entry], of replicas: [MeasuredOperator]) -> Int {
        let writes = entries.filter(\.isWrite)
        return zip(replicas, replicas.dropFirst()).reduce(0) { count, pair in
            guard let begin = writes.firstIndex(where: pair.1.sent) else { return count }
            return count + writes[begin...].count(where: pair.0.sent)
        }
    }

    private static func budgets(_ what: String, _ change: Change, atMost most: Double) -> [Budget] {
        [
            .quantity("\(what): until the Lease names another", change.toLease / .seconds(1), "s", atMost: most),
            .quantity("\(what): until the other's first write", change.toWrite / .seconds(1), "s", atMost: most),
        ]
    }
}
