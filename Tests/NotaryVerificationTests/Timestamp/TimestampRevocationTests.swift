import FoundationEssentials
import NotaryVerification
import SigningFormats
import SigningTestKit
import Testing
import TrustModel

/// Whether a time-stamping authority was revoked is a question of its own.
@Suite("Revocation of time-stamping authorities")
struct TimestampRevocationTests {
    /// An authority whose certificate says where to ask.
    private static func authority() throws -> TestChain {
        var leaf = CertificateRecipe.timestamping()
        leaf.ocspURL = "http://ocsp.example.com"
        leaf.revocationListURL = "http://crl.example.com/1"
        return try TimestampScene.authority(leaf: leaf)
    }

    @Test(
        "it is asked about the authority's chain, whatever the policy says of the signer's",
        arguments: [true, false]
    )
    func stated(isSkipped: Bool) throws {
        var scene = try TimestampScene(authority: Self.authority())
        if isSkipped { scene.scene.trust.overrides = [.revocation: .skip] }
        let examination = try scene.examine(scene.token().token())
        #expect(examination.outcome == nil)
        #expect(examination.questions.count == 1)
        let question = try #require(examination.questions.first)
        #expect(question.purpose == .timestamping)
        #expect(question.certificates.map(\.der) == scene.authority.der)
        #expect(question.authenticSigningTime == nil)
        #expect(question.lookups.map(\.certificate.der) == [scene.authority.leaf.der])
    }

    @Test("an authority that cannot be revoked leaves nothing to ask, and one of a bad timestamp is not asked about")
    func nothing() throws {
        let plain = try TimestampScene()
        #expect(try plain.examine(plain.token().token()).questions.isEmpty)
        let scene = try TimestampScene(authority: Self.authority())
        let bad = try scene.examine(scene.token { $0.imprint[0] ^= 1 }.token())
        #expect(bad.questions.isEmpty)
        #expect(bad.outcome?.reason == .timestampInvalid)
    }

    @Test("nobody's answer is an outage, never good")
    func unanswered() throws {
        let outcome = try TimestampScene(authority: Self.authority()).judge()
        #expect(outcome.verdict == .unknown)
        #expect(outcome.reason == .revocationUnavailable)
        #expect(outcome.message.contains("timestamping certificate CN=tsa.example.com"), "\(outcome.message)")
        #expect(outcome.timestamp == nil)
    }

    @Test("where the check is only logged, a timestamp without an answer is a warning and carries nothing")
    func logged() throws {
        var scene = try TimestampScene(authority: Self.authority())
        scene.scene.trust.level = .permissive
        let outcome = try scene.judge()
        #expect(outcome.verdict == .trusted)
        #expect(outcome.timestamp == nil)
        #expect(outcome.warnings.contains { $0.contains("authenticTimestamp") && $0.contains("CN=tsa.example.com") })
    }

    @Test("a timestamp that is not needed yet has nobody asked, and is looked at again once it is")
    func later() throws {
        let end = Scene.now.addingTimeInterval(60)
        var scene = try TimestampScene(
            authority: Self.authority(),
            validity: TimestampScene.validity.lowerBound...end
        )
        scene.scene.trust.verifyTimestamp = .afterCertExpiry
        let outcome = try scene.judge()
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
        #expect(outcome.validUntil == nil)
        #expect(outcome.evidenceUntil == end)
        scene.scene.now = end.addingTimeInterval(1)
        #expect(try scene.judge().reason == .revocationUnavailable)
    }
}
