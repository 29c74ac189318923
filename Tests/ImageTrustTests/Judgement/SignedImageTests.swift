import FoundationEssentials
import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@Suite("Judging an image by its own signatures")
struct SignedImageTests {
    @Test(
        "An image signed by a trusted identity is Trusted, in both envelope formats",
        arguments: TestSignature.Format.allCases
    )
    func trusted(format: TestSignature.Format) async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image, format: format)
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .trusted)
        #expect(judgement.reason == .verified)
        #expect(judgement.digest == scene.image.digest)
        #expect(judgement.verifiedDigest == scene.image.digest)
        #expect(judgement.validUntil != nil)
        let finding = try #require(judgement.findings.first)
        #expect(finding.evidence == signature.descriptor.digest)
        #expect(finding.signer?.contains("signer.example.com") == true)
        #expect(finding.algorithm == "ES256")
        #expect(finding.signedAt != nil)
    }

    @Test("A tag is resolved first, and the digest found is the one that is judged")
    func tag() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let judgement = try await scene.judge(ImageReference(repository: scene.repository, tag: "v1"))
        #expect(judgement.verdict == .trusted)
        #expect(judgement.digest == scene.image.digest)
    }

    @Test("An image without a signature is Unknown, NoSignature")
    func unsigned() async throws {
        let scene = try TrustScene()
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .unknown)
        #expect(judgement.reason == .noSignature)
        #expect(judgement.verifiedDigest == nil)
        #expect(judgement.message.contains(scene.image.digest.short))
    }

    @Test("A stranger's signature is Unknown, NoTrustedSignature")
    func stranger() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image, by: scene.stranger())
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .unknown)
        #expect(judgement.reason == .noTrustedSignature)
    }

    @Test("A good signature counts, whatever stands before and after it")
    func goodAmongOthers() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image, by: scene.stranger())
        try scene.attach(["layers": .array([])], to: scene.image)
        let good = try scene.sign(scene.image, format: .cose)
        try scene.sign(scene.image, by: TestChain.make(number: 2))
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .trusted)
        #expect(judgement.findings.first?.evidence == good.descriptor.digest)
    }

    @Test("Of two accepted signatures the one without reservations speaks")
    func fewestReservations() async throws {
        let scene = try TrustScene()
        var expired = SigningRequest(scene.image)
        expired.expiry = TrustScene.now.addingTimeInterval(-60)
        try scene.sign(scene.image, request: expired)
        let clean = try scene.sign(scene.image, format: .cose)
        let judgement = try await scene.judge(policies: [scene.policy("p", [scene.authority(level: .permissive)])])
        #expect(judgement.verdict == .trusted)
        let finding = try #require(judgement.findings.first)
        #expect(finding.warnings.isEmpty)
        #expect(finding.evidence == clean.descriptor.digest)
    }

    @Test("A signature that has expired is Untrusted, SignatureExpired")
    func expired() async throws {
        let scene = try TrustScene()
        var request = SigningRequest(scene.image)
        request.expiry = TrustScene.now
        try scene.sign(scene.image, request: request)
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.reason == .signatureExpired)
    }

    @Test("A signature of another image, attached to this one, is Untrusted, SignatureInvalid")
    func transplanted() async throws {
        let scene = try TrustScene()
        let other = Descriptor(of: TrustScene.manifest("other"), mediaType: .ociManifest)
        try scene.sign(scene.image, request: SigningRequest(other))
        let judgement = try await scene.judge()
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.reason == .signatureInvalid)
        #expect(judgement.verifiedDigest == scene.image.digest)
    }

    @Test("A registry that resolves a digest to another manifest is not believed")
    func otherDigest() async throws {
        let scene = try TrustScene()
        let other = try scene.registry.push(TrustScene.manifest("other"), as: .ociManifest)
        try scene.sign(other)
        let judgement = await ImageJudge(registry: DivertingRegistry(base: scene.registry, to: other.digest))
            .judge(scene.pinned, policies: [try scene.policy()], now: TrustScene.now)
        #expect(judgement.verdict == .untrusted)
        #expect(judgement.reason == .digestMismatch)
    }

    @Test("Without a policy the verdict is Unknown, NoPolicy, and no registry is asked")
    func noPolicy() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let judgement = try await scene.judge(policies: [])
        #expect(judgement.reason == .noPolicy)
        #expect(judgement.verdict == .unknown)
        #expect(scene.registry.calls.isEmpty)
    }
}

/// Breaks the promise of `resolve`: answers every digest with the same manifest.
private struct DivertingRegistry: ForwardingRegistry {
    let base: ScriptedRegistry
    let to: Digest

    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        try await base.manifest(reference.repository, to)
    }
}
