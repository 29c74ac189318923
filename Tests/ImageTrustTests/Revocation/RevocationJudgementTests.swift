import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import TestTiming
import Testing
import TrustModel

@testable import ImageTrust

@Suite("Images whose signers may be revoked")
struct RevocationJudgementTests {
    private static let now = TrustScene.now
    private let scene: TrustScene
    private let signer: RevocableSigner
    private let source = ScriptedRevocation()
    /// Stands still: on a busy machine no limit of time passes.
    private let clock = ManualClock()

    init() throws {
        scene = try TrustScene()
        signer = try RevocableSigner()
        try scene.sign(scene.image, by: signer.chain)
    }

    private func policies(_ change: (inout NotaryTrust) -> Void = { _ in }) throws -> [PreparedPolicy] {
        var trust = scene.trust(signer.chain)
        change(&trust)
        return [try scene.policy("shop", [Authority(name: "acme", source: .notary(trust))])]
    }

    private func judge(
        _ judge: ImageJudge? = nil,
        after seconds: TimeInterval = 0,
        _ policies: [PreparedPolicy]? = nil
    ) async throws -> ImageJudgement {
        let judge = judge ?? ImageJudge(registry: scene.registry, revocation: source, clock: clock)
        return await judge.judge(
            scene.pinned,
            policies: try policies ?? self.policies(),
            now: Self.now.addingTimeInterval(seconds)
        )
    }

    @Test("Good is trusted, revoked is untrusted, unknown and silence are neither; without a source nothing is good")
    func verdicts() async throws {
        source.answer(RevocableSigner.responder, try signer.response())
        #expect(try await judge().verdict == .trusted)
        source.answer(RevocableSigner.responder, try signer.response(.revoked(Self.now, reason: 1)))
        let revoked = try await judge()
        #expect(revoked.verdict == .untrusted && revoked.reason == .certificateRevoked)
        source.answer(RevocableSigner.responder, try signer.response(.unknown))
        let unknown = try await judge()
        #expect(unknown.verdict == .unknown && unknown.reason == .revocationUnknown && !unknown.reason.isOutage)
        source.answer(RevocableSigner.responder, nil)
        let silent = try await judge()
        #expect(silent.verdict == .unknown && silent.reason == .revocationUnavailable && silent.reason.isOutage)
        #expect(try await judge(ImageJudge(registry: scene.registry)).reason == .revocationUnavailable)
    }

    @Test("Nobody is asked on the word of a stranger, where the policy skips it, or where another signature is good")
    func notAsked() async throws {
        let stranger = [try scene.policy()]
        #expect(try await judge(nil, stranger).reason == .noTrustedSignature)
        #expect(try await judge(nil, policies { $0.overrides = [.revocation: .skip] }).verdict == .trusted)
        let both = try policies {
            $0.trustStores.append(TrustStore(kind: .ca, name: "other", certificates: [scene.chain.root.der]))
        }
        try scene.sign(scene.image)
        #expect(try await judge(nil, both).verdict == .trusted)
        #expect(source.calls.isEmpty)
    }

    @Test("A good finding is remembered until its evidence lapses; a key that is revoked meanwhile counts no longer")
    func lapses() async throws {
        source.answer(RevocableSigner.responder, try signer.response(for: 600))
        let judge = ImageJudge(registry: scene.registry, memory: FindingMemory(), revocation: source, clock: clock)
        let first = try await self.judge(judge)
        #expect(first.verdict == .trusted)
        #expect(first.holdsUntil == Self.now.addingTimeInterval(600))
        // Evidence comes and goes: what people are told is when the signature itself lapses.
        #expect(first.validUntil != first.holdsUntil)
        let revoked = OCSPRecipe.Status.revoked(Self.now, reason: 1)
        source.answer(RevocableSigner.responder, try signer.response(revoked, for: 7200))
        #expect(try await self.judge(judge, after: 599).verdict == .trusted)
        #expect(source.calls.count == 1)
        #expect(try await self.judge(judge, after: 600).reason == .certificateRevoked)
    }

    @Test("However far the nextUpdate is, somebody is asked again after an hour")
    func maximumAge() async throws {
        source.answer(RevocableSigner.responder, try signer.response(for: 30 * 86_400))
        let cached = CachedRevocation(source)
        let judge = ImageJudge(registry: scene.registry, memory: FindingMemory(), revocation: cached, clock: clock)
        #expect(try await self.judge(judge).verdict == .trusted)
        let revoked = OCSPRecipe.Status.revoked(Self.now, reason: 1)
        source.answer(RevocableSigner.responder, try signer.response(revoked))
        #expect(try await self.judge(judge, after: 3599).verdict == .trusted)
        #expect(try await self.judge(judge, after: 3600).reason == .certificateRevoked)
    }

    @Test("A shared judgement is not taken past its evidence")
    func shared() async throws {
        source.answer(RevocableSigner.responder, try signer.response(for: 600))
        let shared = SharedJudgements(judge: ImageJudge(registry: scene.registry, revocation: source, clock: clock))
        let policies = try policies()
        func look(after seconds: TimeInterval) async -> Reason {
            await shared.judgement(
                of: [scene.pinned],
                policies: policies,
                within: JudgementAge(any: .seconds(86_400)),
                now: { Self.now.addingTimeInterval(seconds) }
            ).judgement.reason
        }
        #expect(await look(after: 0) == .verified)
        source.answer(RevocableSigner.responder, nil)
        #expect(await look(after: 599) == .verified)
        #expect(await look(after: 600) == .revocationUnavailable)
    }

    @Test("One bad signature beside a good one is asked about and does not hide it")
    func besideGood() async throws {
        source.answer(RevocableSigner.responder, try signer.response(.revoked(Self.now, reason: 1)))
        try scene.sign(scene.image)
        let both = try policies {
            $0.trustStores.append(TrustStore(kind: .ca, name: "other", certificates: [scene.chain.root.der]))
        }
        #expect(try await judge(nil, both).verdict == .trusted)
    }

    @Test("Several signatures of one chain ask once in a judgement")
    func once() async throws {
        try scene.sign(scene.image, by: signer.chain, format: .cose)
        source.answer(RevocableSigner.responder, nil)
        #expect(try await judge().reason == .revocationUnavailable)
        #expect(source.calls.count == 1)
    }

    @Test("What was recorded leads to the same judgement without a network")
    func replay() async throws {
        source.answer(RevocableSigner.responder, try signer.response(.revoked(Self.now, reason: 1)))
        let recorder = RevocationRecorder(source)
        let live = try await judge(ImageJudge(registry: scene.registry, revocation: recorder, clock: clock))
        let replayed = try await judge(
            ImageJudge(registry: scene.registry, revocation: RecordedRevocation(recorder.evidence), clock: clock)
        )
        #expect(live.judgements == replayed.judgements && live.reason == .certificateRevoked)
        let empty = try await judge(
            ImageJudge(registry: scene.registry, revocation: RecordedRevocation(RevocationEvidence()), clock: clock)
        )
        #expect(empty.reason == .revocationUnavailable)
    }

    @Test("All answers of a judgement together have a budget of time")
    func budget() async throws {
        let gate = Gate()
        source.hold(at: gate)
        let judge = ImageJudge(registry: scene.registry, revocation: source, clock: clock)
        let policies = try policies()
        let pinned = scene.pinned
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let judgement = await judge.judge(pinned, policies: policies, now: Self.now)
                #expect(judgement.reason == .revocationUnavailable)
                #expect(judgement.message.contains("20.0 seconds"), "\(judgement.message)")
            }
            group.addTask {
                while source.calls.isEmpty { await Task.yield() }
                await clock.waitForSleepers { !$0.isEmpty }
                clock.advance(by: .seconds(20))
            }
        }
    }
}
