import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningFormats
import SigningTestKit
import Testing
import TrustModel

@Suite("Questions about revocation")
struct RevocationQuestionTests {
    /// A signer whose certificate names a responder.
    private static func scene(_ level: VerificationLevel = .strict) throws -> Scene {
        var leaf = CertificateRecipe.leaf()
        leaf.ocspURL = "http://ocsp.example.com"
        return try Scene(chain: TestChain.make(leaf: leaf), level: level)
    }

    @Test("A signature that every other check speaks for states one question, with the chain and its purpose")
    func stated() throws {
        let scene = try Self.scene()
        let examination = try scene.examine()
        #expect(examination.outcome == nil)
        let question = try #require(examination.questions.first)
        #expect(examination.questions.count == 1)
        #expect(question.purpose == .codeSigning)
        #expect(question.certificates.map(\.der) == scene.chain.der)
        #expect(question.authenticSigningTime == nil)
        // The CA names nobody, and the root answers for itself.
        #expect(question.lookups.map(\.certificate.der) == [scene.chain.leaf.der])
        #expect(question.lookups.map(\.issuer.der) == [scene.chain.certificates[1].der])
    }

    @Test("The signing authority's time is part of the question")
    func authenticTime() throws {
        var scene = try Self.scene()
        scene.useSigningAuthority(at: Scene.now)
        #expect(try scene.examine().questions.first?.authenticSigningTime == Scene.now)
    }

    @Test("A chain that cannot be revoked leaves nothing to ask")
    func nothing() throws {
        let examination = try Scene().examine()
        #expect(examination.questions.isEmpty)
        #expect(examination.outcome?.verdict == .trusted)
    }

    @Test("Level skip asks nothing", arguments: [true, false])
    func skipped(isLevel: Bool) throws {
        var scene = try Self.scene()
        if isLevel { scene.trust = NotaryTrust(level: .skip) } else { scene.trust.overrides = [.revocation: .skip] }
        let examination = try scene.examine()
        #expect(examination.questions.isEmpty)
        #expect(examination.outcome?.reason == (isLevel ? .skippedByPolicy : .verified))
    }

    @Test("Whoever is not authentic has nobody asked, even where that is only logged", arguments: [true, false])
    func stranger(isLogged: Bool) throws {
        var scene = try Self.scene(isLogged ? .audit : .strict)
        let stranger = try TestChain.make(number: 1).root.der
        scene.trust.trustStores = [TrustStore(kind: .ca, name: "acme", certificates: [stranger])]
        let examination = try scene.examine()
        #expect(examination.questions.isEmpty)
        let outcome = try #require(examination.outcome)
        #expect(outcome.verdict == (isLogged ? .trusted : .unknown))
        let check = outcome.checks.last { $0.check == .revocation }
        #expect(check?.result == (isLogged ? .failed : nil))
        #expect(outcome.warnings.count == (isLogged ? 2 : 0))
    }

    @Test("A signature that is not about the image has nobody asked")
    func otherImage() throws {
        var scene = try Self.scene()
        let envelope = try scene.envelope(.jws)
        scene.subject.size += 1
        let examination = try scene.examine(envelope: envelope)
        #expect(examination.questions.isEmpty)
        #expect(examination.outcome?.reason == .signatureInvalid)
    }

    @Test("A question that nobody answered is an outage, never good")
    func unanswered() throws {
        let outcome = try Self.scene().examine().conclude(with: RevocationEvidence())
        #expect(outcome.verdict == .unknown)
        #expect(outcome.reason == .revocationUnavailable)
        #expect(outcome.reason.isOutage)
    }
}
