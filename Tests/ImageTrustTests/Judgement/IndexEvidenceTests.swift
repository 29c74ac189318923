import FoundationEssentials
import OCIModel
import OCIRegistry
import SigningTestKit
import Testing
import TrustModel

@testable import ImageTrust

/// How the index of a running platform manifest is found, and what it takes to count.
@Suite("The index of what runs")
struct IndexEvidenceTests {
    /// A signed index that lists the scene's image, under `tag` where one is given.
    private func index(_ scene: TrustScene, tag: String? = nil, signed: Bool = true) throws -> Descriptor {
        var entry = scene.image
        entry.platform = try Platform("linux/amd64")
        let others = try scene.push(platforms: ["linux/arm64"])
        let index = try scene.registry.push(TrustScene.index([entry] + others), as: .ociIndex, tag: tag)
        if signed { try scene.sign(index) }
        return index
    }

    private func tagged(_ scene: TrustScene) -> ImageReference {
        ImageReference(repository: scene.repository, tag: "v1", digest: scene.image.digest)
    }

    // MARK: Ways to it

    @Test("it may be the digest by which the pod asks for the image")
    func byReference() async throws {
        let scene = try TrustScene()
        let index = try index(scene)
        #expect(try await scene.judge().reason == .noSignature)
        let judgement = try await scene.judge(indexes: [index.digest])
        #expect(judgement.verdict == .trusted)
        #expect(judgement.digest == scene.image.digest && judgement.verifiedDigest == index.digest)
        #expect(judgement.carrier == .index)
    }

    @Test("it may be what the tag leads to, which is asked for by its digest")
    func byTag() async throws {
        let scene = try TrustScene()
        let index = try index(scene, tag: "v1")
        let judgement = try await scene.judge(tagged(scene))
        #expect(judgement.verdict == .trusted && judgement.carrier == .index)
        #expect(scene.registry.calls.contains(.tag("v1")) && scene.registry.calls.contains(.manifest(index.digest)))
    }

    @Test("it may be among what refers to the image, of which few are looked at")
    func byReferrers() async throws {
        let scene = try TrustScene()
        let index = try index(scene)
        scene.registry.list(
            Descriptor(mediaType: .ociManifest, digest: Digest.of([1]), size: 1),
            under: scene.image.digest
        )
        scene.registry.list(index, under: scene.image.digest)
        #expect(try await scene.judge().verifiedDigest == index.digest)
        // Others that come before it hide it, and cost no more than their number.
        let crowded = try TrustScene()
        let last = try self.index(crowded)
        for number in 0..<ImageEvidence.maximumReferringIndexes {
            let other = try crowded.registry.push(
                TrustScene.index(crowded.push(platforms: ["linux/s390x/v\(number)"])),
                as: .ociIndex
            )
            crowded.registry.list(other, under: crowded.image.digest)
        }
        crowded.registry.list(last, under: crowded.image.digest)
        #expect(try await crowded.judge().reason == .noSignature)
        #expect(crowded.registry.calls.count == 3 + ImageEvidence.maximumReferringIndexes)
    }

    @Test("a way that leads nowhere, or that cannot be asked about, does not hide another")
    func otherWays() async throws {
        let scene = try TrustScene()
        let index = try index(scene)
        scene.registry.list(index, under: scene.image.digest)
        #expect(try await scene.judge(indexes: [Digest.of([7]), scene.image.digest]).verdict == .trusted)
        scene.registry.untag("v1")
        #expect(try await scene.judge(tagged(scene)).verdict == .trusted)
        scene.registry.fail(.tag("v1"), .malformed)
        #expect(try await scene.judge(tagged(scene)).verdict == .trusted)
        scene.registry.fail(.tag("v1"), .unreachable)
        #expect(try await scene.judge(tagged(scene)).reason == .registryUnreachable)
    }

    @Test("a list of what refers to the image that is too long is a reason of its own, and none against the image")
    func longList() async throws {
        let scene = try TrustScene()
        let listing = ScriptedRegistry.Call.referrers(scene.image.digest)
        scene.registry.onCall { call in
            // The second list is that of every type.
            if call == listing, scene.registry.calls.count(where: { $0 == listing }) == 2 {
                scene.registry.fail(listing, .tooLarge)
            }
        }
        #expect(try await scene.judge().reason == .tooManySignatures)
    }

    // MARK: What it takes

    /// What a claim about the scene's image, in a signed index under its tag, is worth.
    private func reason(
        platform: String? = nil,
        _ entries: (Descriptor) throws -> [Descriptor]
    ) async throws -> Reason {
        let scene = try TrustScene()
        try scene.sign(scene.registry.push(TrustScene.index(try entries(scene.image)), as: .ociIndex, tag: "v1"))
        return try await scene.judge(tagged(scene), platform: platform).reason
    }

    @Test("its entry for the image has the image's size and type, and could run where the image does")
    func entry() async throws {
        func with(_ change: @escaping (inout Descriptor) throws -> Void) -> (Descriptor) throws -> [Descriptor] {
            { image in
                var entry = image
                try change(&entry)
                return [entry]
            }
        }
        #expect(try await reason(with { _ in }) == .verified)
        #expect(try await reason(with { $0.size += 1 }) == .noSignature)
        #expect(try await reason(with { $0.mediaType = .dockerManifest }) == .noSignature)
        let arm = with { $0.platform = try Platform("linux/arm64") }
        #expect(try await reason(arm) == .verified)
        #expect(try await reason(platform: "linux/arm64/v8", arm) == .verified)
        #expect(try await reason(platform: "linux/amd64", arm) == .noSignature)
        #expect(try await reason(with { $0.platform = try Platform("unknown/unknown") }) == .noSignature)
    }

    @Test("an index that lists it twice counts if one of the entries does, and one inside the index does not")
    func twiceAndNested() async throws {
        let twice = { (image: Descriptor) in
            var wrong = image
            wrong.size += 1
            var arm = image
            arm.platform = try Platform("linux/arm64")
            return [wrong, arm, image, image]
        }
        #expect(try await reason(twice) == .verified)
        #expect(try await reason(platform: "linux/amd64", twice) == .verified)
        let scene = try TrustScene()
        let inner = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex)
        try scene.sign(scene.registry.push(TrustScene.index([inner]), as: .ociIndex, tag: "v1"))
        #expect(try await scene.judge(tagged(scene)).reason == .noSignature)
    }

    @Test("its bytes have its digest, whatever the registry says")
    func lie() async throws {
        let scene = try TrustScene()
        let signed = try scene.registry.push(
            TrustScene.index(scene.push(platforms: ["linux/arm64"])),
            as: .ociIndex,
            tag: "v1"
        )
        try scene.sign(signed)
        let other = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex)
        for keepsDigest in [false, true] {
            let lying = LyingRegistry(base: scene.registry, about: signed, with: other.digest, keepsDigest: keepsDigest)
            let judgement = await ImageJudge(registry: lying)
                .judge(tagged(scene), policies: [try scene.policy()], now: TrustScene.now)
            #expect(judgement.reason == .noSignature)
        }
    }

    @Test(
        "index and platform manifest are judged whichever of them runs, and the report says which carried the evidence",
        arguments: [true, false]
    )
    func matrix(indexRuns: Bool) async throws {
        for signedIndex in [true, false] {
            for signedPlatform in [true, false] {
                let scene = try TrustScene()
                let index = try index(scene, tag: "v1", signed: signedIndex)
                if signedPlatform { try scene.sign(scene.image) }
                let judgement =
                    try await indexRuns
                    ? scene.judge(
                        ImageReference(repository: scene.repository, tag: "v1", digest: index.digest),
                        platform: "linux/amd64"
                    ) : scene.judge(tagged(scene), platform: "linux/amd64")
                guard signedIndex || signedPlatform else {
                    #expect(judgement.reason == .noSignature && judgement.carrier == nil)
                    continue
                }
                // What runs by name goes first.
                let isIndex = indexRuns ? signedIndex : !signedPlatform
                #expect(judgement.verdict == .trusted)
                #expect(judgement.carrier == (isIndex ? .index : .platform))
                #expect(judgement.verifiedDigest == (isIndex ? index.digest : scene.image.digest))
            }
        }
    }

    // MARK: Memory

    @Test("once it vouched it is asked first, and alone")
    func remembered() async throws {
        let scene = try TrustScene()
        let index = try index(scene, tag: "v1")
        let memory = IndexMemory()
        #expect(try await scene.judge(tagged(scene), memory: memory).verifiedDigest == index.digest)
        scene.registry.forgetCalls()
        let again = try await scene.judge(tagged(scene), memory: memory)
        #expect(again.verifiedDigest == index.digest && again.carrier == .index)
        #expect(!scene.registry.calls.contains(.tag("v1")))
        #expect(!scene.registry.calls.contains(.referrers(scene.image.digest)))
        #expect(!scene.registry.calls.contains(.manifest(index.digest)))
        #expect(scene.registry.calls.contains(.referrers(index.digest)))
    }

    @Test("a tag that moves takes no trust away, where the index was seen before; elsewhere the image stands alone")
    func moved() async throws {
        let scene = try TrustScene()
        let index = try index(scene, tag: "v1")
        let memory = IndexMemory()
        _ = try await scene.judge(tagged(scene), memory: memory)
        let other = try scene.registry.push(
            TrustScene.index(scene.push(platforms: ["linux/amd64"])),
            as: .ociIndex,
            tag: "v1"
        )
        try scene.sign(other)
        #expect(try await scene.judge(tagged(scene), memory: memory).verifiedDigest == index.digest)
        #expect(try await scene.judge(tagged(scene)).reason == .noSignature)
        #expect(try await scene.judge(tagged(scene), memory: IndexMemory()).reason == .noSignature)
        // An earlier process told of it.
        let told = IndexMemory()
        told.suggest(index.digest, for: scene.image.digest, in: scene.repository)
        #expect(try await scene.judge(tagged(scene), memory: told).verifiedDigest == index.digest)
        let lied = IndexMemory()
        lied.suggest(other.digest, for: scene.image.digest, in: scene.repository)
        #expect(try await scene.judge(tagged(scene), memory: lied).reason == .noSignature)
    }

    @Test("what was proven of an index under another type of the image proves nothing of the one that is served")
    func provenOtherwise() async throws {
        let scene = try TrustScene()
        var typed = scene.image
        typed.mediaType = .dockerManifest
        let index = try scene.registry.push(TrustScene.index([typed]), as: .ociIndex, tag: "v1")
        try scene.sign(index)
        let memory = IndexMemory()
        memory.proved(
            IndexMemory.Membership(index: index, listed: typed, platforms: [nil]),
            lists: scene.image.digest,
            in: scene.repository
        )
        #expect(try await scene.judge(tagged(scene), memory: memory).reason == .noSignature)
    }

    @Test("a signature that is taken from it counts no more, and the image's own is looked for again")
    func withdrawn() async throws {
        let scene = try TrustScene()
        let index = try index(scene, tag: "v1")
        let memory = IndexMemory()
        _ = try await scene.judge(tagged(scene), memory: memory)
        scene.registry.unlist(index.digest)
        #expect(try await scene.judge(tagged(scene), memory: memory).reason == .noSignature)
        try scene.sign(scene.image)
        let judgement = try await scene.judge(tagged(scene), memory: memory)
        #expect(judgement.verifiedDigest == scene.image.digest && judgement.carrier == .platform)
        #expect(memory.vouching(scene.image.digest, in: scene.repository) == nil)
    }

    @Test("an outage forgets nothing")
    func outage() async throws {
        let scene = try TrustScene()
        let index = try index(scene, tag: "v1")
        let memory = IndexMemory()
        _ = try await scene.judge(tagged(scene), memory: memory)
        scene.registry.fail(.referrers(index.digest), .unreachable)
        #expect(try await scene.judge(tagged(scene), memory: memory).reason == .registryUnreachable)
        scene.registry.fail(.referrers(index.digest), nil)
        scene.registry.untag("v1")
        #expect(try await scene.judge(tagged(scene), memory: memory).verifiedDigest == index.digest)
    }

    @Test("that nothing refers to an image is believed for ten minutes, except by who asks anew")
    func quiet() async throws {
        let scene = try TrustScene()
        let memory = IndexMemory()
        func listings(after seconds: TimeInterval, asksAnew: Bool = false) async throws -> Int {
            scene.registry.forgetCalls()
            _ = try await RegistryFreshness.$asksAnew.withValue(asksAnew) {
                try await scene.judge(memory: memory, now: TrustScene.now + seconds)
            }
            return scene.registry.calls.count { $0 == .referrers(scene.image.digest) }
        }
        #expect(try await listings(after: 0) == 2)
        #expect(try await listings(after: 599) == 1)
        #expect(try await listings(after: 599, asksAnew: true) == 2)
        #expect(try await listings(after: 1300) == 2)
    }

    @Test("the memory is bounded: two indexes of an image, and as many images as it was given room for")
    func bounds() throws {
        let memory = IndexMemory(capacity: 8)
        let repository = try RepositoryName("registry.example.com/a")
        func descriptor(_ number: UInt8) -> Descriptor { Descriptor(of: [number], mediaType: .ociIndex) }
        func membership(_ number: UInt8) -> IndexMemory.Membership {
            IndexMemory.Membership(index: descriptor(number), listed: descriptor(0), platforms: [nil])
        }
        for number in 1...3 as ClosedRange<UInt8> {
            memory.proved(membership(number), lists: descriptor(0).digest, in: repository)
        }
        #expect(memory.memberships(descriptor(0).digest, in: repository).map(\.index) == [3, 2].map(descriptor))
        for number in 10..<40 as Range<UInt8> {
            memory.vouched(descriptor(1).digest, for: descriptor(number).digest, in: repository)
        }
        let known = (10..<40 as Range<UInt8>).filter { memory.vouching(descriptor($0).digest, in: repository) != nil }
        #expect(known.count <= 8 && known.contains(39))
        #expect(memory.memberships(descriptor(0).digest, in: repository).isEmpty)
    }
}

/// Answers a question for one index with another, and may call it by the name that was asked for.
private struct LyingRegistry: ForwardingRegistry {
    let base: ScriptedRegistry
    let about: Descriptor
    let with: Digest
    let keepsDigest: Bool

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        guard digest == about.digest else { return try await base.manifest(repository, digest) }
        let other = try await base.manifest(repository, with)
        return keepsDigest
            ? FetchedManifest(descriptor: about, bytes: other.bytes, manifest: other.manifest) : other
    }
}
