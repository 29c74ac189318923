import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("Time")
struct TimeTests {
    private func chain(from: Double, to: Double) throws -> TestChain {
        var leaf = CertificateRecipe.leaf()
        leaf.notBefore = Scene.now.addingTimeInterval(from)
        leaf.notAfter = Scene.now.addingTimeInterval(to)
        return try TestChain.make(leaf: leaf)
    }

    @Test(
        "Under notary.x509 certificates must be valid now, both ends included",
        arguments: [(-60.0, 60.0, true), (0, 60, true), (-60, 0, true), (1, 60, false), (-60, -1, false)]
    )
    func present(from: Double, to: Double, isValid: Bool) throws {
        let outcome = try Scene(chain: chain(from: from, to: to)).judge()
        #expect(outcome.verdict == (isValid ? .trusted : .untrusted))
        #expect(outcome.reason == (isValid ? .verified : .certificateExpired))
    }

    @Test("The root counts as well")
    func root() throws {
        var root = CertificateRecipe.authority("Root")
        root.notAfter = Scene.now.addingTimeInterval(-1)
        let outcome = try Scene(chain: TestChain.make(root: root)).judge(format: .cose)
        #expect(outcome.reason == .certificateExpired)
        #expect(outcome.message.contains("certificate CN=Root,"))
    }

    @Test("A CA in between counts as well, though leaf and root are valid", arguments: TestSignature.Format.allCases)
    func intermediate(format: TestSignature.Format) throws {
        let root = try CertificateRecipe.authority("Root").issue(.shared(.p256, 90))
        var recipe = CertificateRecipe.authority("Middle CA")
        recipe.notAfter = Scene.now.addingTimeInterval(-1)
        let middle = try recipe.issue(.shared(.p256, 91), by: root)
        let leaf = try CertificateRecipe.leaf().issue(.shared(.p256), by: middle)
        let outcome = try Scene(chain: TestChain([leaf, middle, root])).judge(format: format)
        #expect(outcome.verdict == .untrusted)
        #expect(outcome.reason == .certificateExpired)
        #expect(outcome.message.contains("certificate CN=Middle CA,"), "\(outcome.message)")
    }

    @Test(
        "Under the signing authority's scheme certificates must have been valid when it was signed",
        arguments: [(-60.0, true), (-120, true), (0, true), (-121, false), (1, false)]
    )
    func authority(signedAt: Double, isValid: Bool) throws {
        var leaf = CertificateRecipe.leaf()
        leaf.notBefore = Scene.now.addingTimeInterval(-120)
        leaf.notAfter = Scene.now
        var scene = try Scene(chain: TestChain.make(leaf: leaf))
        scene.useSigningAuthority(at: Scene.now.addingTimeInterval(signedAt))
        scene.now = Scene.now.addingTimeInterval(1_000_000)
        for format in TestSignature.Format.allCases {
            let outcome = try scene.judge(format: format)
            #expect(outcome.verdict == (isValid ? .trusted : .untrusted), "\(outcome.message)")
            #expect(outcome.signedAt == Scene.now.addingTimeInterval(signedAt))
            // Such a verdict does not lapse with the certificates.
            #expect(outcome.validUntil == nil)
        }
    }

    @Test("A signature fails from its expiry on", arguments: [(1.0, true), (0, false), (-1, false)])
    func expiry(offset: Double, isValid: Bool) throws {
        for format in TestSignature.Format.allCases {
            var scene = try Scene()
            scene.request.expiry = Scene.now.addingTimeInterval(offset)
            let outcome = try scene.judge(format: format)
            #expect(outcome.reason == (isValid ? .verified : .signatureExpired))
        }
    }
}
