extension Demo {
    /// Changes what is running, signed and trusted, and shows each change arrive.
    func changeTheWorld(_ scene: Scene, _ board: VerificationBoard) async throws -> [Check] {
        var checks: [Check] = []
        transcript.heading("Somebody signs the image that was not signed")
        let signed = scene.expectation(.cart, .verdict("Trusted", "Verified"), because: "signed while it runs")
        checks += try await expect(signed, board) {
            guard let cart = scene.images[.cart] else { return }
            try await sign(cart, .jws(.wabbit))
        }

        transcript.heading("Trust in the partner's key is withdrawn")
        let withdrawn = scene.expectation(
            .api,
            .verdict("Unknown", "NoTrustedSignature"),
            because: "its signer is no longer trusted"
        )
        checks += try await expect(withdrawn, board) {
            try await apply(scene.policies.payments(trustsPartner: false), as: "payments")
        }

        transcript.heading("The pod with the altered signature is deleted")
        let gone = scene.expectation(.search, .absent, because: "its last pod is gone")
        checks += try await expect(gone, board) {
            try await cluster.insist(["delete", "pod", "search-0", "--namespace", cluster.namespace(.shop)])
        }
        try await cluster.insist(["get", "imageverifications", "-A"])
        return checks
    }

    /// Makes a change, waits until the cluster shows what is expected of it, and says how long that took since the
    /// command was given.
    func expect(
        _ expectation: Expectation?,
        _ board: VerificationBoard,
        after change: () async throws -> Void
    ) async throws -> [Check] {
        guard let expectation else { return [] }
        let start = ContinuousClock.now
        try await change()
        let arrival = try await board.wait(for: [expectation], limit: Self.patience)
        let check = expectation.check(against: try await cluster.verifications())
        if let arrival, check.holds {
            transcript.result("\(check.seen), \(Transcript.seconds(arrival - start)) after the command was given")
        } else {
            transcript.result(
                "expected is \(check.expected), but after \(Transcript.seconds(Self.patience)) it is \(check.seen)",
                isGood: false
            )
        }
        return [check]
    }
}
