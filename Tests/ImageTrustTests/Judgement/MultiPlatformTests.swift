import FoundationEssentials
import ImageTrust
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@Suite("Images for several platforms")
struct MultiPlatformTests {
    // MARK: The index is signed, a platform manifest runs

    /// A signed index under tag `v1` that lists the scene's image.
    private func signedIndex(_ scene: TrustScene) throws -> Descriptor {
        let index = try scene.registry.push(
            TrustScene.index([scene.image] + scene.push(platforms: ["linux/arm64"])),
            as: .ociIndex,
            tag: "v1"
        )
        try scene.sign(index)
        return index
    }

    private func running(_ scene: TrustScene) -> ImageReference {
        ImageReference(repository: scene.repository, tag: "v1", digest: scene.image.digest)
    }

    @Test("A signed index vouches for the platform manifest it lists, and the message says so")
    func index() async throws {
        let scene = try TrustScene()
        let index = try signedIndex(scene)
        let judgement = try await scene.judge(running(scene))
        #expect(judgement.verdict == .trusted)
        #expect(judgement.digest == scene.image.digest)
        #expect(judgement.verifiedDigest == index.digest)
        #expect(judgement.message.contains("on index \(index.digest.short), which lists \(scene.image.digest.short)"))
    }

    @Test("The index vouches although others signed the platform manifest, or attached rubbish to it")
    func indexBesideRubbish() async throws {
        for isStranger in [true, false] {
            let scene = try TrustScene()
            let index = try signedIndex(scene)
            if isStranger {
                try scene.sign(scene.image, by: scene.stranger())
            } else {
                try scene.attach([:], to: scene.image)
            }
            let judgement = try await scene.judge(running(scene))
            #expect(judgement.verdict == .trusted)
            #expect(judgement.verifiedDigest == index.digest)
        }
    }

    @Test("Bad evidence on the platform manifest stands when the index is not vouched for")
    func rubbishAlone() async throws {
        let scene = try TrustScene()
        let index = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex, tag: "v1")
        try scene.sign(index, by: scene.stranger())
        try scene.attach([:], to: scene.image)
        let judgement = try await scene.judge(running(scene))
        #expect(judgement.reason == .evidenceMalformed)
        #expect(judgement.verifiedDigest == scene.image.digest)
    }

    @Test("Bad evidence on the platform manifest stands beside bad evidence, or an outage, of the index")
    func rubbishTwice() async throws {
        let scene = try TrustScene()
        let index = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex, tag: "v1")
        try scene.attach([:], to: index)
        try scene.attach([:], to: scene.image)
        #expect(try await scene.judge(running(scene)).verifiedDigest == scene.image.digest)
        for call in [ScriptedRegistry.Call.referrers(index.digest), .tag("v1")] {
            scene.registry.fail(call, .unreachable)
            #expect(try await scene.judge(running(scene)).reason == .evidenceMalformed)
        }
    }

    @Test("Bad evidence on the index of an unsigned platform manifest is Untrusted")
    func badIndex() async throws {
        let scene = try TrustScene()
        let index = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex, tag: "v1")
        try scene.attach([:], to: index)
        let judgement = try await scene.judge(running(scene))
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.verifiedDigest == index.digest)
    }

    @Test("An index that lists the digest under another size or type does not vouch for it")
    func falseClaim() async throws {
        for change: (inout Descriptor) -> Void in [{ $0.size += 1 }, { $0.mediaType = .dockerManifest }] {
            let scene = try TrustScene()
            var claim = scene.image
            change(&claim)
            try scene.sign(scene.registry.push(TrustScene.index([claim]), as: .ociIndex, tag: "v1"))
            #expect(try await scene.judge(running(scene)).reason == .noSignature)
        }
    }

    @Test("A tag that is gone, or that moved to an index without the image, changes nothing: NoSignature")
    func tagGoneOrMoved() async throws {
        let scene = try TrustScene()
        _ = try signedIndex(scene)
        scene.registry.untag("v1")
        #expect(try await scene.judge(running(scene)).reason == .noSignature)
        let other = try scene.registry.push(
            TrustScene.index(scene.push(platforms: ["linux/amd64"])),
            as: .ociIndex,
            tag: "v1"
        )
        try scene.sign(other)
        #expect(try await scene.judge(running(scene)).reason == .noSignature)
        let image = try scene.registry.push(TrustScene.manifest("another"), as: .ociManifest, tag: "v1")
        try scene.sign(image)
        #expect(try await scene.judge(running(scene)).reason == .noSignature)
    }

    @Test("Without a tag only what refers to the image can lead to an index")
    func noTag() async throws {
        let scene = try TrustScene()
        _ = try signedIndex(scene)
        #expect(try await scene.judge().reason == .noSignature)
        let listing = ScriptedRegistry.Call.referrers(scene.image.digest)
        #expect(scene.registry.calls == [.resolve(scene.pinned.description), listing, listing])
    }

    @Test("The outage of the index's listing is an outage, not NoSignature")
    func indexOutage() async throws {
        let scene = try TrustScene()
        let index = try signedIndex(scene)
        scene.registry.fail(.referrers(index.digest), .timedOut)
        #expect(try await scene.judge(running(scene)).reason == .registryUnreachable)
    }

    // MARK: Platform manifests are signed, the index runs

    /// An unsigned index of platforms, some of which are signed.
    private func judge(
        _ platforms: [String?],
        signed: Set<Int>,
        on platform: String? = nil
    ) async throws -> (judgement: ImageJudgement, index: Descriptor, entries: [Descriptor]) {
        let scene = try TrustScene()
        let entries = try scene.push(platforms: platforms)
        for (number, entry) in entries.enumerated() where signed.contains(number) { try scene.sign(entry) }
        let index = try scene.registry.push(TrustScene.index(entries), as: .ociIndex)
        let reference = ImageReference(repository: scene.repository, digest: index.digest)
        return (try await scene.judge(reference, platform: platform), index, entries)
    }

    private static let two = ["linux/amd64", "linux/arm64"]

    @Test("With the platform known, its signed manifest vouches for the index")
    func platformKnown() async throws {
        let (judgement, index, entries) = try await judge(Self.two, signed: [1], on: "linux/arm64")
        #expect(judgement.verdict == .trusted)
        #expect(judgement.digest == index.digest)
        #expect(judgement.verifiedDigest == entries[1].digest)
        #expect(judgement.message.contains("on a platform manifest of the running index \(index.digest.short)"))
        #expect(try await judge(Self.two, signed: [1], on: "linux/amd64").judgement.reason == .noSignature)
        #expect(try await judge(Self.two, signed: [0, 1], on: "linux/s390x").judgement.reason == .noSignature)
    }

    @Test("With the platform unknown, every platform manifest must be signed")
    func platformUnknown() async throws {
        let (all, index, _) = try await judge(Self.two, signed: [0, 1])
        #expect(all.verdict == .trusted)
        #expect(all.message.contains("each of the 2 platform manifests of the running index \(index.digest.short)"))
        for some: Set<Int> in [[0], [1], []] {
            #expect(try await judge(Self.two, signed: some).judgement.reason == .noSignature)
        }
    }

    @Test("The verdict on all platforms lapses with the first of their signatures")
    func firstLapse() async throws {
        let scene = try TrustScene()
        let entries = try scene.push(platforms: Self.two)
        for (entry, hours) in zip(entries, [2.0, 1.0]) {
            var request = SigningRequest(entry)
            request.expiry = TrustScene.now.addingTimeInterval(hours * 3600)
            try scene.sign(entry, request: request)
        }
        let index = try scene.registry.push(TrustScene.index(entries), as: .ociIndex)
        let judgement = try await scene.judge(ImageReference(repository: scene.repository, digest: index.digest))
        #expect(judgement.validUntil == TrustScene.now.addingTimeInterval(3600))
    }

    @Test("Bad evidence on one platform manifest is Untrusted, with that digest")
    func badPlatform() async throws {
        let scene = try TrustScene()
        let entries = try scene.push(platforms: Self.two)
        try scene.sign(entries[0])
        try scene.attach([:], to: entries[1])
        let index = try scene.registry.push(TrustScene.index(entries), as: .ociIndex)
        let judgement = try await scene.judge(ImageReference(repository: scene.repository, digest: index.digest))
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.verifiedDigest == entries[1].digest)
    }

    @Test("The outage of one platform's listing is an outage")
    func platformOutage() async throws {
        let scene = try TrustScene()
        let entries = try scene.push(platforms: Self.two)
        for entry in entries { try scene.sign(entry) }
        scene.registry.fail(.referrers(entries[1].digest), .serverError)
        let index = try scene.registry.push(TrustScene.index(entries), as: .ociIndex)
        let judgement = try await scene.judge(ImageReference(repository: scene.repository, digest: index.digest))
        #expect(judgement.reason == .registryUnreachable)
    }

    @Test("32 platforms are looked at; with more none is, and the message says why")
    func tooMany() async throws {
        let limit = try await judge(Array(repeating: "linux/amd64", count: 32), signed: Set(0..<32)).judgement
        #expect(limit.verdict == .trusted)
        let beyond = try await judge(Array(repeating: "linux/amd64", count: 33), signed: Set(0..<33)).judgement
        #expect(beyond.reason == .noSignature)
        #expect(beyond.message.contains("33 manifests, of which at most 32"))
    }

    // MARK: Indexes written to deceive

    @Test(
        "An unsigned entry that the node could run is never passed over",
        arguments: [
            [nil, "linux/amd64"], ["linux/x86_64", "linux/amd64"], ["Linux/amd64", "linux/amd64"],
            ["unknown/amd64", "linux/amd64"], ["linux/unknown", "linux/amd64"],
            ["linux/amd64/v2", "linux/amd64"], ["linux/386", "linux/amd64/v3"], ["linux/amd64", "linux/amd64"],
        ]
    )
    func unsignedEntry(platforms: [String?]) async throws {
        #expect(try await judge(platforms, signed: [1], on: "linux/amd64").judgement.reason == .noSignature)
        #expect(try await judge(platforms, signed: [1]).judgement.reason == .noSignature)
        #expect(try await judge(platforms, signed: [0, 1], on: "linux/amd64").judgement.verdict == .trusted)
    }

    @Test(
        "An entry for a node that cannot be this one needs no signature",
        arguments: ["linux/arm64/v8", "windows/amd64", "linux/s390x", "unknown/unknown"]
    )
    func otherNode(platform: String) async throws {
        let judged = try await judge([platform, "linux/amd64"], signed: [1], on: "linux/amd64")
        #expect(judged.judgement.verdict == .trusted)
    }

    @Test("Annotations that call an entry an attestation do not excuse it from being signed")
    func disguisedAsAttestation() async throws {
        let scene = try TrustScene()
        var entries = try scene.push(platforms: ["linux/amd64", "linux/amd64"])
        entries[0].annotations["vnd.docker.reference.type"] = "attestation-manifest"
        try scene.sign(entries[1])
        let index = try scene.registry.push(TrustScene.index(entries), as: .ociIndex)
        let reference = ImageReference(repository: scene.repository, digest: index.digest)
        #expect(try await scene.judge(reference).reason == .noSignature)
        #expect(try await scene.judge(reference, platform: "linux/amd64").reason == .noSignature)
    }

    @Test("An index inside the index cannot be covered by the other entries' signatures")
    func nested() async throws {
        let scene = try TrustScene()
        let entries = try scene.push(platforms: ["linux/amd64"])
        try scene.sign(entries[0])
        let inner = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex)
        let index = try scene.registry.push(TrustScene.index([inner] + entries), as: .ociIndex)
        let judgement = try await scene.judge(
            ImageReference(repository: scene.repository, digest: index.digest),
            platform: "linux/amd64"
        )
        #expect(judgement.reason == .noSignature)
        #expect(judgement.message.contains("more than image manifests"))
    }
}
