/// Sees who writes on a cluster that keeps no log, by what two replicas have counted themselves.
///
/// A replica counts a write when it is answered, and is asked every 20 ms. So a first write is seen a little later than it
/// was sent.
struct WriterWatch: Sendable {
    /// What was seen.
    struct Finding: Sendable {
        /// When the follower's first write was seen.
        let firstWrite: ContinuousClock.Instant
        /// How many writes the former leader sent after that, as long as it answered.
        let overlap: Int
    }

    private let leader: MeasuredOperator
    private let follower: MeasuredOperator
    /// What the follower had written before it led.
    private let before: Int

    /// Begins before the leader is ended.
    ///
    /// - Parameters:
    ///   - leader: who is about to be ended.
    ///   - follower: who is to follow.
    /// - Throws: `OutboundError` when the follower does not answer.
    init(from leader: MeasuredOperator, to follower: MeasuredOperator) async throws {
        self.leader = leader
        self.follower = follower
        before = try await follower.counters().writes
    }

    /// Waits for the follower's first write, and for the end of the former leader.
    ///
    /// - Returns: what was seen of both.
    /// - Throws: `OutboundError` when the follower does not answer; ``DemoError`` when there is no write within 90 s.
    func finding() async throws -> Finding {
        try await withTimeLimit(
            .seconds(90),
            otherwise: DemoError(
                .timedOut,
                "\(self.follower.child.name) wrote nothing, or \(self.leader.child.name) did not end.",
                logTail: self.follower.child.logTail
            )
        ) { try await self.watch() }
    }

    private func watch() async throws -> Finding {
        var first: (at: ContinuousClock.Instant, written: Int)?
        var written = 0
        while true {
            // The former leader first: what it writes in between counts as too late, rather than not at all.
            let own = await answer(of: leader)
            if let own { written = own.writes }
            if first == nil, try await follower.counters().writes > before {
                first = (at: ContinuousClock.now, written: written)
            }
            if let first, own == nil { return Finding(firstWrite: first.at, overlap: written - first.written) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What a replica has counted; `nil` once it has ended.
    private func answer(of replica: MeasuredOperator) async -> OperatorCounters? {
        do { return try await replica.counters() } catch { return nil }
    }
}
