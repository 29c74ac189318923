/// What the cluster says about images, followed as it changes.
actor VerificationBoard {
    private struct Waiter {
        let expectations: [Expectation]
        let arrival: Promise<ContinuousClock.Instant>
    }

    private var table = VerificationTable()
    private var waiters: [Waiter] = []
    /// When the object of an image changed last.
    private var changes: [VerificationTable.Key: ContinuousClock.Instant] = [:]

    /// What kubectl prints for each event of the watch: one line, its fields separated by bars.
    static let template =
        [
            "{.type}", "{.object.metadata.namespace}", "{.object.metadata.name}", "{.object.spec.image}",
            "{.object.status.verdict}", "{.object.status.reason}",
        ].joined(separator: "|") + "{\"\\n\"}"

    /// The command that follows the cluster; its lines go to ``take(_:)``.
    static let command = [
        "get", "imageverifications", "--all-namespaces", "--watch", "--output-watch-events", "-o",
        "jsonpath=\(template)",
    ]

    /// Takes in one line of the watch.
    func take(_ line: String) {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 6 else { return }
        if fields[0] == "DELETED" {
            table.remove(namespace: fields[1], image: fields[3])
        } else {
            table.record(
                namespace: fields[1],
                name: fields[2],
                image: fields[3],
                verdict: fields[4],
                reason: fields[5]
            )
        }
        let now = ContinuousClock.now
        if let key = VerificationTable.key(namespace: fields[1], image: fields[3]) { changes[key] = now }
        for waiter in waiters where holds(waiter.expectations) { waiter.arrival.fulfil(now) }
        waiters.removeAll { $0.arrival.current != nil }
    }

    /// When the last of `expectations` came to hold, which may be before the call; `nil` if that takes more than `limit`.
    func wait(for expectations: [Expectation], limit: Duration) async throws -> ContinuousClock.Instant? {
        if holds(expectations) {
            let keys = expectations.map { VerificationTable.Key(namespace: $0.namespace, digest: $0.digest) }
            return keys.compactMap { changes[$0] }.max() ?? ContinuousClock.now
        }
        let arrival = Promise<ContinuousClock.Instant>()
        waiters.append(Waiter(expectations: expectations, arrival: arrival))
        do {
            return try await withTimeLimit(limit, otherwise: DemoError(.timedOut, "")) { try await arrival.value() }
        } catch let error as DemoError where error.code == .timedOut {
            return nil
        }
    }

    private func holds(_ expectations: [Expectation]) -> Bool {
        expectations.allSatisfy { $0.check(against: table).holds }
    }
}
