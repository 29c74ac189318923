import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

/// Envelopes that `notation` made over an image in `docker-registry`; see Tests/Fixtures/notary/generate.
@Suite("Signatures made by notation")
struct RealToolTests {
    static func file(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(
            separator: "/"
        )
        return Array(try Data(contentsOf: URL(filePath: "\(folder)/Fixtures/notary/\(name)")))
    }

    private static func trust(_ anchor: String = "root.pem", identity: String = "*") throws -> NotaryTrust {
        let store = TrustStore(kind: .ca, name: "wabbit", certificates: try TrustStoreCertificates.parse(file(anchor)))
        return NotaryTrust(level: .strict, trustedIdentities: [identity], trustStores: [store])
    }

    private static func judge(
        _ name: String,
        format: TestSignature.Format,
        trust: NotaryTrust,
        now: Date? = nil
    ) throws -> SignatureOutcome {
        let subject = Descriptor(of: try file("subject.json"), mediaType: .ociManifest)
        let evidence = SignatureEvidence(
            manifestDigest: Digest.of(Array(name.utf8)),
            mediaType: MediaType(format.mediaType),
            envelope: try file("\(name).\(format.rawValue).sig")
        )
        let verifier = try NotaryVerifier(trust: trust)
        // Without a time of its own a test looks on from an hour after signing.
        let signedAt = verifier.verify(evidence, subject: subject, now: .distantPast).signedAt
        let moment = try now ?? #require(signedAt).addingTimeInterval(3600)
        return verifier.verify(evidence, subject: subject, now: moment)
    }

    @Test("Every algorithm and format is trusted", arguments: TestKey.Kind.signing, TestSignature.Format.allCases)
    func trusted(kind: TestKey.Kind, format: TestSignature.Format) throws {
        let identity = "x509.subject: CN=\(kind.rawValue).wabbit-networks.io, O=Wabbit Networks, S=WA, C=US"
        let outcome = try Self.judge(kind.rawValue, format: format, trust: Self.trust(identity: identity))
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
        #expect(outcome.warnings.isEmpty)
        #expect(outcome.algorithm == kind.joseAlgorithm)
        #expect(outcome.signer == "CN=\(kind.rawValue).wabbit-networks.io,O=Wabbit Networks,L=Seattle,ST=WA,C=US")
        #expect(outcome.validUntil != nil)
    }

    @Test("An intermediate CA or a DER file serves as anchor", arguments: ["ca.pem", "root.der"])
    func anchors(name: String) throws {
        #expect(try Self.judge("p256", format: .cose, trust: Self.trust(name)).verdict == .trusted)
    }

    @Test("Signed annotations and the expiry are read", arguments: TestSignature.Format.allCases)
    func annotations(format: TestSignature.Format) throws {
        var trust = try Self.trust()
        trust.requiredAnnotations = ["io.wabbit-networks.build": "123"]
        let good = try Self.judge("expiring", format: format, trust: trust)
        #expect(good.verdict == .trusted, "\(good.message)")
        let expiry = try #require(good.expiresAt)
        #expect(good.validUntil == expiry)
        #expect(try Self.judge("expiring", format: format, trust: trust, now: expiry).reason == .signatureExpired)
        trust.requiredAnnotations = ["io.wabbit-networks.build": "124"]
        #expect(try Self.judge("expiring", format: format, trust: trust).reason == .noTrustedSignature)
    }

    @Test("A PSS salt of another length than the hash is refused")
    func salt() throws {
        let subject = Descriptor(of: try Self.file("subject.json"), mediaType: .ociManifest)
        let evidence = SignatureEvidence(
            manifestDigest: subject.digest,
            mediaType: .jose,
            envelope: try Self.file("salt20.jws.sig")
        )
        let outcome = try NotaryVerifier(trust: Self.trust()).verify(evidence, subject: subject, now: Scene.now)
        #expect(outcome.reason == .signatureInvalid)
        #expect(outcome.message.contains("does not match"))
    }
}
