import TestDocuments
import Testing

/// That tests which must find a program asking nobody would find one that does.
@Suite(.timeLimit(.minutes(5))) struct IsolationTests {
    /// Has `vigil verify` ask a registry that no isolation lets it reach.
    private func ask(_ isolation: Isolation, in workspace: Workspace) async throws -> Bool {
        try workspace.write(
            try Checkout.text("Tests/Fixtures/notary/ca.pem"),
            to: "config/notation/truststore/x509/ca/good/ca.pem"
        )
        try workspace.apply(NotationPolicy())
        let run = try await isolation.vigil(
            ["verify", "--timeout", "3s", "--notation-config", workspace.notation, "registry.invalid/web:v1"],
            in: workspace
        )
        #expect(run.outcome.status == 3, "\(run.outcome)")
        return run.hasAsked
    }

    @Test("who asks somebody is seen at a proxy that never answers")
    func proxies() async throws {
        try await Workspace.with { workspace in
            let isSeen = try await ask(.proxies, in: workspace)
            #expect(isSeen)
        }
    }

    @Test(
        "in a network namespace of its own a program reaches nobody, not even this machine",
        .enabled(Isolation.refusal) { try await Isolation.allowsNamespace() }
    )
    func namespace() async throws {
        try await Workspace.with { workspace in
            let isolation = try #require(try await Isolation.namespace(in: workspace))
            let isSeen = try await ask(isolation, in: workspace)
            #expect(!isSeen)
        }
    }
}
