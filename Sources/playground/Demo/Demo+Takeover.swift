extension Demo {
    /// Ends the operator that leads; the one that stands by goes on with the work.
    func hand(
        from first: OperatorProcess,
        to second: OperatorProcess,
        _ scene: Scene,
        _ board: VerificationBoard
    ) async throws -> [Check] {
        let lease = ["get", "leases", "--namespace", cluster.leaseNamespace]
        try await cluster.insist(lease)
        let before = try await holder()
        transcript.heading("The Vigil that leads is asked to end, and the company marks an image untrusted")
        transcript.command("kill -TERM \(first.child.process.current.map(String.init) ?? "")")
        let expectation = scene.expectation(
            .web,
            .verdict("Untrusted", "MarkedUntrusted"),
            because: "marked untrusted, noticed by the second Vigil"
        )
        let checks = try await expect(expectation, board) {
            try await first.child.stop()
            guard let web = scene.images[.web] else { return }
            let decision = DemoImage.Decision(verdict: "Untrusted", reason: "CVE-2026-5678")
            try await apply(scene.policies.shop(decisions: [(digest: web.running, decision: decision)]), as: "shop")
        }
        try await cluster.insist(lease)
        let after = try await holder()
        let isHandedOver = !after.isEmpty && after != before
        return checks + [
            Check(
                subject: "the lease is handed to the second Vigil",
                expected: "another holder",
                seen: isHandedOver ? "another holder" : "\(after.isEmpty ? "nobody" : "the same")",
                holds: isHandedOver
            )
        ]
    }

    private func holder() async throws -> String {
        try await tools.run(
            .kubectl,
            [
                "get", "leases", "--namespace", cluster.leaseNamespace, "-o",
                "jsonpath={.items[*].spec.holderIdentity}",
            ]
        )
    }
}
