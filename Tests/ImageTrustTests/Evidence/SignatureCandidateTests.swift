import FoundationEssentials
import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Synchronization
import Testing
import TrustModel

@Suite("Candidates that a registry lists as signatures")
struct SignatureCandidateTests {
    private static let layer = Descriptor(of: Array("no envelope".utf8), mediaType: .jose)

    // MARK: Shape

    @Test("The older form, which names its type in the config alone, is accepted")
    func olderForm() async throws {
        let scene = try TrustScene()
        let signature = try TestSignature.sign(scene.image, chain: scene.chain)
        scene.registry.put(signature.envelope)
        let layer = Descriptor(of: signature.envelope, mediaType: .jose)
        let config = Descriptor(of: TestSignature.config, mediaType: .notarySignature)
        try scene.attach(
            ["artifactType": .null, "config": config.json, "layers": .array([layer.json])],
            to: scene.image
        )
        #expect(try await scene.judge().verdict == .trusted)
    }

    @Test("A candidate that calls itself a signature and is none is Untrusted, EvidenceMalformed; no blob is fetched")
    func malformedManifest() async throws {
        let layer = Self.layer.json
        let foreign = Descriptor(of: Array("x".utf8), mediaType: MediaType("application/json")).json
        let both = Descriptor(of: TestSignature.config, mediaType: .notarySignature).json
        let odd = Descriptor(of: TestSignature.config, mediaType: .ociConfig).json
        let shapes: [[String: JSONValue]] = [
            ["layers": .array([])], ["layers": .array([layer, layer])], ["layers": .array([foreign])],
            ["layers": .array([layer]), "config": both], ["layers": .array([layer]), "config": odd],
        ]
        for shape in shapes {
            let scene = try TrustScene()
            let digest = try scene.attach(shape, to: scene.image)
            let judgement = try await scene.judge()
            #expect(judgement.verdict == .untrusted)
            #expect(judgement.reason == .evidenceMalformed)
            #expect(judgement.findings.first?.evidence == digest)
            #expect(!scene.registry.calls.contains(.blob(Self.layer.digest)))
        }
    }

    @Test("An envelope that is rubbish is Untrusted, EvidenceMalformed", arguments: [MediaType.jose, .cose])
    func malformedBlob(mediaType: MediaType) async throws {
        let scene = try TrustScene()
        try scene.registry.attach(
            TestSignature(subject: scene.image, envelope: Array("rubbish".utf8), mediaType: mediaType),
            to: scene.image
        )
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.reason == .evidenceMalformed)
    }

    @Test("An envelope said to be larger than the limit is not accepted")
    func largeBlob() async throws {
        let scene = try TrustScene()
        var layer = Self.layer
        layer.size = 5 << 20
        try scene.attach(["layers": .array([layer.json])], to: scene.image)
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.reason == .evidenceMalformed)
    }

    @Test("A candidate about another subject is none, even when the registry lists it here")
    func otherSubject() async throws {
        let scene = try TrustScene()
        let other = try scene.registry.push(TrustScene.manifest("other"), as: .ociManifest)
        let signature = try TestSignature.sign(other, chain: scene.chain)
        try scene.registry.attach(signature, to: scene.image)
        #expect(try await scene.judge().reason == .noSignature)
        #expect(!scene.registry.calls.contains(.blob(Digest.of(signature.envelope))))
    }

    @Test("A candidate without a subject is none")
    func noSubject() async throws {
        let scene = try TrustScene()
        try scene.attach(["subject": .null, "layers": .array([Self.layer.json])], to: scene.image)
        #expect(try await scene.judge().reason == .noSignature)
    }

    @Test("A candidate of another artifact type is none, whatever the listing says")
    func otherType() async throws {
        let scene = try TrustScene()
        try scene.attach(["artifactType": "application/spdx+json"], to: scene.image)
        var index = try scene.registry.push(TrustScene.index([]), as: .ociIndex)
        index.artifactType = .notarySignature
        scene.registry.list(index, under: scene.image.digest)
        #expect(try await scene.judge().reason == .noSignature)
    }

    @Test("A referrer of another type is not even fetched")
    func unlistedType() async throws {
        let scene = try TrustScene()
        var other = try scene.registry.push(TrustScene.manifest("report"), as: .ociManifest)
        other.artifactType = MediaType("application/spdx+json")
        scene.registry.list(other, under: scene.image.digest)
        #expect(try await scene.judge().reason == .noSignature)
        #expect(!scene.registry.calls.contains(.manifest(other.digest)))
    }

    @Test("What the annotations of a signature's manifest say of its signer is not believed")
    func annotations() async throws {
        let scene = try TrustScene()
        func attach(by signer: TestChain, claiming claimed: TestChain) throws {
            let envelope = try TestSignature.sign(scene.image, chain: signer).envelope
            let signature = TestSignature(subject: scene.image, envelope: envelope, mediaType: .jose, chain: claimed)
            try scene.registry.attach(signature, to: scene.image)
        }
        try attach(by: scene.stranger(), claiming: scene.chain)
        #expect(try await scene.judge().reason == .noTrustedSignature)
        try attach(by: scene.chain, claiming: scene.stranger())
        #expect(try await scene.judge().verdict == .trusted)
    }

    @Test("A malformed manifest or envelope hides no good signature, before it or behind it", arguments: [true, false])
    func malformedBesideGood(isFirst: Bool) async throws {
        let scene = try TrustScene()
        func attachRubbish() throws {
            try scene.attach(["layers": .array([])], to: scene.image)
            for text in ["rubbish", "{}", #"{"payload":"","protected":"","header":{},"signature":""}"#] {
                try scene.registry.attach(
                    TestSignature(subject: scene.image, envelope: Array(text.utf8), mediaType: .jose),
                    to: scene.image
                )
            }
        }
        if isFirst { try attachRubbish() }
        try scene.sign(scene.image)
        if !isFirst { try attachRubbish() }
        #expect(try await scene.judge().verdict == .trusted)
    }

    // MARK: Numbers

    @Test("A candidate listed twice is fetched and counted once")
    func duplicates() async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image, by: scene.stranger())
        for _ in 0..<200 { scene.registry.list(signature.descriptor, under: scene.image.digest) }
        let judgement = try await scene.judge()
        #expect(judgement.reason == .noTrustedSignature)
        #expect(scene.registry.calls.count { $0 == .manifest(signature.descriptor.digest) } == 1)
    }

    private func flood(_ scene: TrustScene, _ count: Int) throws {
        for number in 0..<count {
            try scene.attach(["annotations": ["number": .string("\(number)")]], to: scene.image)
        }
    }

    @Test("Of more than 100 candidates 100 are tried; none good is Unknown, TooManySignatures")
    func tooMany() async throws {
        let scene = try TrustScene()
        try flood(scene, 100)
        #expect(try await scene.judge().reason == .evidenceMalformed)
        scene.registry.forgetCalls()
        try scene.sign(scene.image)
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .unknown)
        #expect(judgement.reason == .tooManySignatures)
        #expect(scene.registry.calls.count { if case .manifest = $0 { true } else { false } } == 100)
    }

    @Test("A good signature among the first 100 counts, however many follow")
    func goodAmongMany() async throws {
        let scene = try TrustScene()
        try flood(scene, 99)
        try scene.sign(scene.image)
        try flood(scene, 120)
        #expect(try await scene.judge().verdict == .trusted)
    }

    // MARK: Fetching

    @Test("Four candidates are fetched side by side, and no more", .timeLimit(.minutes(5)))
    func parallel() async throws {
        let scene = try TrustScene()
        try flood(scene, 20)
        let counter = Mutex((now: 0, most: 0))
        let gate = Gate()
        let image = scene.image.digest
        scene.registry.onCall { call in
            guard case .manifest(let digest) = call, digest != image else { return }
            let running = counter.withLock { counter in
                counter.now += 1
                counter.most = max(counter.most, counter.now)
                return counter.now
            }
            if running == 4 {
                // Whoever else could start would do so while these four are held up.
                for _ in 0..<200 { await Task.yield() }
                gate.open()
            }
            await gate.pass()
            counter.withLock { $0.now -= 1 }
        }
        _ = try await scene.judge()
        #expect(counter.withLock { $0.most } == 4)
    }

    @Test("A registry that fails again and again is left alone, and the verdict is an outage")
    func outages() async throws {
        let scene = try TrustScene()
        try flood(scene, 60)
        for descriptor in try await scene.registry.referrers(
            scene.repository,
            to: scene.image.digest,
            artifactType: .notarySignature
        ) {
            scene.registry.fail(.manifest(descriptor.digest), .serverError)
        }
        scene.registry.forgetCalls()
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .unknown)
        #expect(judgement.reason == .registryUnreachable)
        let fetched = scene.registry.calls.count { if case .manifest = $0 { true } else { false } }
        #expect((8...12).contains(fetched))
    }

    @Test("One candidate that cannot be fetched does not hide a good one")
    func unreachableBesideGood() async throws {
        let scene = try TrustScene()
        let lost = try scene.sign(scene.image, by: scene.stranger())
        try scene.sign(scene.image)
        scene.registry.fail(.manifest(lost.descriptor.digest), .timedOut)
        #expect(try await scene.judge().verdict == .trusted)
    }

    @Test("Beside one that cannot be fetched, bad evidence does not condemn: the good one may be missing")
    func unreachableBesideBad() async throws {
        let scene = try TrustScene()
        let lost = try scene.sign(scene.image)
        try scene.attach([:], to: scene.image)
        scene.registry.fail(.blob(Digest.of(lost.envelope)), .throttled)
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .unknown)
        #expect(judgement.reason == .registryThrottled)
    }
}
