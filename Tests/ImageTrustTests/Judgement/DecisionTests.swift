import FoundationEssentials
import ImageTrust
import OCIModel
import OCIRegistry
import Testing
import TrustModel

@Suite("Decisions and levels that settle an image by hand")
struct DecisionTests {
    private func decision(
        _ digest: Digest,
        _ verdict: Verdict = .untrusted,
        expires: Date? = nil
    ) -> Decision {
        Decision(digest: digest, verdict: verdict, reason: "CVE-2026-1234", expires: expires)
    }

    @Test(
        "A decision about the digest settles a signed image, and no registry is asked",
        arguments: [Verdict.untrusted, .unsupported]
    )
    func beforeNetwork(verdict: Verdict) async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let policy = try scene.policy(decisions: [decision(scene.image.digest, verdict)])
        let judgement = try await scene.judge(policies: [policy])
        #expect(judgement.verdict == verdict)
        #expect(judgement.reason == (verdict == .untrusted ? .markedUntrusted : .markedUnsupported))
        #expect(judgement.message.contains("CVE-2026-1234"))
        #expect(judgement.digest == scene.image.digest)
        #expect(scene.registry.calls.isEmpty)
    }

    @Test("A decision holds while the registry is down, also beside a policy that has to ask it")
    func whileDown() async throws {
        let scene = try TrustScene()
        scene.registry.fail(.resolve(scene.pinned.description), .unreachable)
        let settled = try scene.policy("a", decisions: [decision(scene.image.digest)])
        let judgement = try await scene.judge(policies: [scene.policy("b"), settled])
        #expect(judgement.reason == .markedUntrusted)
        #expect(judgement.judgements.map(\.reason) == [.markedUntrusted, .registryUnreachable])
    }

    @Test("A decision that has ended settles nothing")
    func expired() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let policy = try scene.policy(decisions: [decision(scene.image.digest, expires: TrustScene.now)])
        #expect(try await scene.judge(policies: [policy]).verdict == .trusted)
        let before = try await scene.judge(policies: [policy], now: TrustScene.now.addingTimeInterval(-1))
        #expect(before.reason == .markedUntrusted)
        #expect(before.validUntil == TrustScene.now)
    }

    @Test("A decision about another digest settles nothing")
    func otherDigest() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let policy = try scene.policy(decisions: [decision(Digest.of(Array("other".utf8)))])
        #expect(try await scene.judge(policies: [policy]).verdict == .trusted)
    }

    @Test("A decision is found through a tag, after its resolution and before any signature")
    func afterResolution() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let reference = ImageReference(repository: scene.repository, tag: "v1")
        let policy = try scene.policy(decisions: [decision(scene.image.digest)])
        let judgement = try await scene.judge(reference, policies: [policy])
        #expect(judgement.reason == .markedUntrusted)
        #expect(scene.registry.calls == [.resolve(reference.description)])
    }

    @Test("A decision about the index settles a platform manifest that its signature vouches for")
    func carrier() async throws {
        let scene = try TrustScene()
        let index = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex, tag: "v1")
        try scene.sign(index)
        let reference = ImageReference(repository: scene.repository, tag: "v1", digest: scene.image.digest)
        #expect(try await scene.judge(reference).verdict == .trusted)
        let judgement = try await scene.judge(reference, policies: [scene.policy(decisions: [decision(index.digest)])])
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.reason == .markedUntrusted)
        #expect(judgement.verifiedDigest == index.digest)
    }

    @Test("A decision about a platform manifest settles the signed index that runs it")
    func platformOfIndex() async throws {
        let scene = try TrustScene()
        let entries = try scene.push(platforms: ["linux/amd64", "linux/arm64"])
        let index = try scene.registry.push(TrustScene.index(entries), as: .ociIndex)
        try scene.sign(index)
        let reference = ImageReference(repository: scene.repository, digest: index.digest)
        let policy = try scene.policy(decisions: [decision(entries[1].digest)])
        #expect(try await scene.judge(reference, policies: [policy]).reason == .markedUntrusted)
        let arm = try await scene.judge(reference, platform: "linux/arm64", policies: [policy])
        #expect(arm.reason == .markedUntrusted)
        #expect(try await scene.judge(reference, platform: "linux/amd64", policies: [policy]).verdict == .trusted)
    }

    @Test("A decision holds for an image that is referred to by a digest of another algorithm")
    func otherAlgorithm() async throws {
        let scene = try TrustScene()
        let long = try scene.registry.push(TrustScene.manifest("web"), as: .ociManifest, algorithm: .sha512)
        try scene.sign(long)
        let reference = ImageReference(repository: scene.repository, digest: long.digest)
        #expect(try await scene.judge(reference).verdict == .trusted)
        let policy = try scene.policy(decisions: [decision(scene.image.digest)])
        #expect(try await scene.judge(reference, policies: [policy]).reason == .markedUntrusted)
    }

    // MARK: Level skip

    @Test("A policy that skips verification is reported as skipped, never as verified, and asks no registry")
    func skip() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let policy = try scene.policy("p", [scene.authority(level: .skip)])
        for reference in [scene.pinned, ImageReference(repository: scene.repository, tag: "v1")] {
            let judgement = try await scene.judge(reference, policies: [policy])
            #expect(judgement.verdict == .unknown)
            #expect(judgement.reason == .skippedByPolicy)
            #expect(judgement.isSkipped)
        }
        #expect(scene.registry.calls.isEmpty)
    }

    @Test("A decision outranks level skip, and a tag is resolved to look for one")
    func skipWithDecision() async throws {
        let scene = try TrustScene()
        let policy = try scene.policy(
            "p",
            [scene.authority(level: .skip)],
            decisions: [decision(scene.image.digest)]
        )
        let tagged = ImageReference(repository: scene.repository, tag: "v1")
        #expect(try await scene.judge(tagged, policies: [policy]).reason == .markedUntrusted)
        #expect(scene.registry.calls == [.resolve(tagged.description)])
        #expect(try await scene.judge(policies: [policy]).reason == .markedUntrusted)
    }

    @Test("Beside a skipping policy, one that verifies decides")
    func skipBesideVerifying() async throws {
        let scene = try TrustScene()
        let policies = [try scene.policy("a", [scene.authority(level: .skip)]), try scene.policy("b")]
        #expect(try await scene.judge(policies: policies).reason == .noSignature)
        try scene.sign(scene.image)
        #expect(try await scene.judge(policies: policies).verdict == .trusted)
    }

    @Test("An authority that skips does not make its neighbour's silence good")
    func skipInsidePolicy() async throws {
        let scene = try TrustScene()
        let authorities = [scene.authority("off", level: .skip), scene.authority("acme")]
        let all = try scene.policy("p", authorities, require: .all)
        #expect(try await scene.judge(policies: [all]).reason == .noSignature)
        let any = try scene.policy("p", authorities)
        #expect(try await scene.judge(policies: [any]).verdict == .unknown)
    }
}
