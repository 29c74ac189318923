import FoundationEssentials
import OCIModel
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@testable import ImageTrust

/// Without a cache of content, whatever is verified is fetched: the registry's calls show what was remembered.
@Suite("Findings that are remembered")
struct FindingMemoryTests {
    private static let hour: TimeInterval = 3600

    private func judge(_ scene: TrustScene, _ memory: FindingMemory = FindingMemory()) -> ImageJudge {
        ImageJudge(registry: scene.registry, memory: memory)
    }

    private func isVerified(_ signature: TestSignature, _ scene: TrustScene) -> Bool {
        scene.registry.calls.contains(.blob(Digest.of(signature.envelope)))
    }

    @Test("A good signature is verified once, and listed each time; the findings are the same")
    func remembered() async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image)
        let judge = judge(scene)
        let policies = [try scene.policy()]
        let first = await judge.judge(scene.pinned, policies: policies, now: TrustScene.now)
        #expect(isVerified(signature, scene))
        scene.registry.forgetCalls()
        let second = await judge.judge(
            scene.pinned,
            policies: policies,
            now: TrustScene.now.addingTimeInterval(Self.hour)
        )
        #expect(!isVerified(signature, scene) && scene.registry.calls.contains(.referrers(scene.image.digest)))
        #expect(first.judgements == second.judgements && second.verdict == .trusted)
    }

    @Test("It is verified again the moment it would lapse, and then no longer counts")
    func lapses() async throws {
        let scene = try TrustScene()
        var request = SigningRequest(scene.image)
        let expiry = TrustScene.now.addingTimeInterval(Self.hour)
        request.expiry = expiry
        try scene.sign(scene.image, request: request)
        let judge = judge(scene)
        let policies = [try scene.policy()]
        #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).verdict == .trusted)
        let before = await judge.judge(scene.pinned, policies: policies, now: expiry.addingTimeInterval(-1))
        #expect(before.verdict == .trusted)
        let after = await judge.judge(scene.pinned, policies: policies, now: expiry)
        #expect(after.reason == .signatureExpired)
    }

    @Test("Before the moment at which it was verified it proves nothing: clocks are set back")
    func clockSetBack() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let judge = judge(scene)
        let policies = [try scene.policy()]
        #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).verdict == .trusted)
        let early = Date(timeIntervalSince1970: 0)
        #expect(await judge.judge(scene.pinned, policies: policies, now: early).verdict != .trusted)
    }

    @Test("A signature that is withdrawn, and one that is added, are looked at")
    func listings() async throws {
        let scene = try TrustScene()
        let first = try scene.sign(scene.image)
        let judge = judge(scene)
        let policies = [try scene.policy()]
        _ = await judge.judge(scene.pinned, policies: policies, now: TrustScene.now)
        scene.registry.unlist(scene.image.digest)
        let without = await judge.judge(scene.pinned, policies: policies, now: TrustScene.now)
        #expect(without.reason == .noSignature)
        let second = try scene.sign(scene.image, by: try scene.stranger())
        scene.registry.forgetCalls()
        let strange = await judge.judge(scene.pinned, policies: policies, now: TrustScene.now)
        #expect(isVerified(second, scene) && strange.reason == .noTrustedSignature)
        try scene.registry.attach(first, to: scene.image)
        #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).verdict == .trusted)
    }

    @Test("What another policy, another revision or another authority found does not count")
    func otherPolicies() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let judge = judge(scene)
        let strangers = [scene.authority("acme", try scene.stranger())]
        func reason(_ policy: PreparedPolicy) async -> Reason {
            await judge.judge(scene.pinned, policies: [policy], now: TrustScene.now).reason
        }
        #expect(try await reason(scene.policy(revision: "1")) == .verified)
        #expect(try await reason(scene.policy("shop", strangers, revision: "2")) == .noTrustedSignature)
        #expect(try await reason(scene.policy("other", strangers, revision: "1")) == .noTrustedSignature)
        let renamed = [scene.authority("others", try scene.stranger())]
        #expect(try await reason(scene.policy("shop", renamed, revision: "1")) == .noTrustedSignature)
    }

    @Test("Bad findings, and good ones with warnings, are found anew each time")
    func notKept() async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image, by: try scene.stranger())
        let judge = judge(scene)
        let policies = [try scene.policy("audit", [scene.authority(level: .audit)]), try scene.policy()]
        for _ in 0..<2 {
            scene.registry.forgetCalls()
            _ = await judge.judge(scene.pinned, policies: policies, now: TrustScene.now)
            #expect(isVerified(signature, scene))
        }
    }

    @Test("An index that says something else about a manifest is not believed because of what was found before")
    func otherDescriptor() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let judge = judge(scene)
        let policies = [try scene.policy()]
        #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).verdict == .trusted)
        var lie = scene.image
        lie.size += 1
        let index = try scene.registry.push(TrustScene.index([lie]), as: .ociIndex)
        let running = ImageReference(repository: scene.repository, digest: index.digest)
        #expect(await judge.judge(running, policies: policies, now: TrustScene.now).verdict != .trusted)
    }

    @Test("When it is full, the oldest quarter is forgotten")
    func capacity() throws {
        let scene = try TrustScene()
        let memory = FindingMemory(capacity: 4)
        func key(_ number: Int) -> FindingMemory.Key {
            FindingMemory.Key(
                policy: PolicyName(kind: .trustPolicy, namespace: "shop", name: "shop"),
                revision: "\(number)",
                authority: "acme",
                repository: scene.repository,
                subject: scene.image.digest,
                mediaType: scene.image.mediaType,
                size: scene.image.size,
                candidates: [scene.image.digest]
            )
        }
        for number in 0..<5 {
            let key = key(number)
            let finding = Finding(
                policy: key.policy,
                authority: "acme",
                verdict: .trusted,
                reason: .verified,
                message: "good"
            )
            memory.remember(finding, key, madeAt: TrustScene.now.addingTimeInterval(Double(number)))
        }
        let later = TrustScene.now.addingTimeInterval(Self.hour)
        #expect((0..<5).map { memory.finding(key($0), at: later) != nil } == [false, true, true, true, true])
    }
}
