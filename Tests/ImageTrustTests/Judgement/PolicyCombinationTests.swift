import ImageTrust
import NotaryVerification
import OCIModel
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@Suite("Several policies and several authorities")
struct PolicyCombinationTests {
    @Test("Every policy must be satisfied: the worst verdict wins, and each judgement is kept")
    func worstWins() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let policies = [try scene.policy("a"), try scene.policy("b", [scene.authority("other", scene.stranger())])]
        let judgement = try await scene.judge(policies: policies)
        #expect(judgement.verdict == .unknown)
        #expect(judgement.reason == .noTrustedSignature)
        #expect(judgement.judgements.map(\.verdict) == [.trusted, .unknown])
        try scene.sign(scene.image, by: scene.stranger())
        #expect(try await scene.judge(policies: policies).verdict == .trusted)
    }

    @Test("Policies of one judgement share what was fetched")
    func shared() async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image)
        _ = try await scene.judge(policies: (0..<5).map { try scene.policy("p\($0)") })
        #expect(
            scene.registry.calls == [
                .resolve(scene.pinned.description), .referrers(scene.image.digest),
                .manifest(signature.descriptor.digest), .blob(Digest.of(signature.envelope)),
            ]
        )
    }

    @Test("Any: one authority is enough; All and AtLeast: so many are")
    func requirements() async throws {
        let scene = try TrustScene()
        let authorities = [
            scene.authority("a"), scene.authority("b", try scene.stranger()),
            scene.authority("c", try TestChain.make(number: 2)),
        ]
        func verdict(_ require: Requirement) async throws -> Verdict {
            try await scene.judge(policies: [scene.policy("p", authorities, require: require)]).verdict
        }
        #expect(try await verdict(.any) == .unknown)
        try scene.sign(scene.image)
        #expect(try await verdict(.any) == .trusted)
        #expect(try await verdict(.atLeast(2)) == .unknown)
        try scene.sign(scene.image, by: scene.stranger())
        #expect(try await verdict(.atLeast(2)) == .trusted)
        #expect(try await verdict(.all) == .unknown)
        try scene.sign(scene.image, by: TestChain.make(number: 2))
        #expect(try await verdict(.all) == .trusted)
        #expect(try await verdict(.atLeast(4)) != .trusted)
    }

    @Test("The message of an unmet requirement says how many vouch")
    func message() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let policy = try scene.policy(
            "p",
            [scene.authority("a"), scene.authority("b", scene.stranger())],
            require: .all
        )
        let judgement = try await scene.judge(policies: [policy])
        #expect(judgement.message.contains("1 of 2"))
        #expect(judgement.findings.map(\.authority) == ["a", "b"])
    }

    @Test("Authorities of the same name are judged each by its own trust")
    func sameName() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let policy = try scene.policy(
            "p",
            [scene.authority("x"), scene.authority("x", scene.stranger())],
            require: .all
        )
        let judgement = try await scene.judge(policies: [policy])
        #expect(judgement.findings.map(\.verdict) == [.trusted, .unknown])
        #expect(judgement.verdict == .unknown)
    }

    @Test("A policy that breaks a rule cannot be prepared, and the error names the authority")
    func invalid() throws {
        let scene = try TrustScene()
        let empty = Authority(name: "empty", source: .notary(NotaryTrust(level: .strict)))
        let error = #expect(throws: NotaryPolicyError.self) { try scene.policy("p", [scene.authority(), empty]) }
        #expect(error?.field.hasPrefix("authorities[1].notary") == true)
    }
}
