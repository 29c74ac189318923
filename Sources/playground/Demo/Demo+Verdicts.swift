extension Demo {
    /// How long a verdict may take before the demo calls it missing.
    ///
    /// Vigil needs about a second.
    static let patience: Duration = .seconds(20)

    /// Waits for the verdicts on everything that runs, and shows them as a person would see them.
    func showVerdicts(
        _ scene: Scene,
        _ board: VerificationBoard,
        since start: ContinuousClock.Instant
    ) async throws -> [Check] {
        transcript.heading("Waiting for the verdicts")
        let expectations = scene.expectations
        if let arrival = try await board.wait(for: expectations, limit: Self.patience) {
            transcript.result(
                "all \(expectations.count) are there, \(Transcript.seconds(arrival - start)) after Vigil was started"
            )
        } else {
            transcript.result("not all of them came within \(Transcript.seconds(Self.patience))", isGood: false)
        }
        let counts = try await checkPolicyCounts(scene)
        try await cluster.insist(["get", "trustpolicies", "-A"])
        try await cluster.insist(["get", "imageverifications", "-A"])
        let table = try await cluster.verifications()
        try await describeAltered(scene, table)
        return expectations.map { $0.check(against: table) } + counts + [try await checkEvents(scene, table)]
    }

    private func describeAltered(_ scene: Scene, _ table: VerificationTable) async throws {
        guard let altered = scene.images[.search] else { return }
        let namespace = cluster.namespace(.shop)
        guard let name = table.name(namespace: namespace, digest: altered.running) else { return }
        transcript.heading("Why is \(altered.image.repository) not trusted?")
        try await cluster.insist(["describe", "imageverification", name, "--namespace", namespace])
    }

    /// Whoever watches Events is told about the altered image too.
    private func checkEvents(_ scene: Scene, _ table: VerificationTable) async throws -> Check {
        transcript.heading("What alerting sees")
        let namespace = cluster.namespace(.shop)
        let name = table.name(namespace: namespace, digest: scene.images[.search]?.running ?? "") ?? ""
        let scope = cluster.isStandIn ? ["--all-namespaces"] : ["--namespace", namespace]
        let arguments = ["events"] + scope + ["--types=Warning"]
        var events: [Substring] = []
        let end = ContinuousClock.now + .seconds(5)
        repeat {
            let lines = try await tools.run(.kubectl, arguments).split(separator: "\n")
            events = lines.filter { !name.isEmpty && $0.contains(name) && $0.contains("ImageUntrusted") }
            if events.isEmpty { try await Task.sleep(for: .milliseconds(200)) }
        } while events.isEmpty && ContinuousClock.now < end
        try await cluster.insist(["events"] + (cluster.isStandIn ? ["-A"] : scope) + ["--types=Warning"])
        return Check(
            subject: "an Event warns of the altered signature",
            expected: "ImageUntrusted",
            seen: events.isEmpty ? "none" : "ImageUntrusted",
            holds: !events.isEmpty
        )
    }
}
