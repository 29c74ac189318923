import FoundationEssentials
import NotaryVerification
import SigningFormats
import SigningTestKit
import Testing
import TrustModel

/// Every rule that a timestamp can break, each on its own.
@Suite("Rules of timestamps")
struct TimestampRuleTests {
    private let scene: TimestampScene
    private let stranger: TestChain

    init() throws {
        scene = try TimestampScene()
        stranger = try TimestampScene.authority(number: 11)
    }

    // MARK: What it says

    @Test("it is about the value of this signature, by a hash that counts")
    func imprint() throws {
        expectInvalid(try scene.judge(info: { $0.imprint[31] ^= 1 }), "is about something else")
        // Over the payload, or over the whole envelope, it says nothing about the signature.
        expectInvalid(
            try scene.judge(info: { $0.imprint = TestHash.sha256.digest(scene.scene.request.payload) }),
            "is about something else"
        )
        let signature = scene.signature
        let bySHA1 = TimestampInfoRecipe(of: signature, at: TimestampScene.stamped, hash: .sha1)
        expectInvalid(
            try scene.judge(TimestampRecipe(bySHA1, by: scene.authority).token()),
            "is made with hash 1.3.14.3.2.26"
        )
        // A hash under another one's name.
        expectInvalid(try scene.judge(info: { $0.hash = .sha512 }), "is about something else")
        expectInvalid(try scene.judge(info: { $0.imprint = [] }), "is about something else")
    }

    @Test("another signature's timestamp does not serve")
    func borrowed() throws {
        let other = try TimestampScene(.cose)
        let token = try other.token().token()
        #expect(try other.judge(token).verdict == .trusted)
        expectInvalid(try scene.judge(token), "is about something else")
    }

    @Test(
        "its time is not in the future, save for clocks that disagree a little",
        arguments: [(0.0, true), (60, true), (61, false)]
    )
    func future(offset: Double, isValid: Bool) throws {
        var scene = try TimestampScene(
            validity: TimestampScene.validity.lowerBound...Scene.now.addingTimeInterval(3600)
        )
        scene.scene.now = Scene.now
        let outcome = try scene.judge(scene.token(at: Scene.now.addingTimeInterval(offset)).token())
        guard !isValid else {
            #expect(outcome.verdict == .trusted, "\(outcome.message)")
            return
        }
        expectInvalid(outcome, "lies in the future; check the clocks")
    }

    @Test("a critical extension is not passed over")
    func criticalExtension() throws {
        let outcome = try scene.judge(info: {
            $0.tail = TimestampInfoRecipe.extensions("1.3.6.1.4.1.32473.9", isCritical: true)
        })
        expectInvalid(outcome, "has the critical extension 1.3.6.1.4.1.32473.9")
    }

    // MARK: When the signer's certificate was valid

    @Test(
        "the signer's certificates were valid then, with all that the time may be off, both ends included",
        arguments: [
            // Offset from the end of the validity, accuracy in milliseconds, whether it holds.
            (0.0, 0, true), (1, 0, false), (-1, 1000, true), (-1, 1001, false), (-7200, 0, true), (-7201, 0, false),
            (-7199, 1000, true), (-7199, 1001, false), (-3600, 3_600_000, true), (-3600, 3_600_001, false),
        ]
    )
    func bounds(offset: Double, millis: Int, holds: Bool) throws {
        let date = TimestampScene.validity.upperBound.addingTimeInterval(offset)
        let token = try scene.token(at: date) {
            guard millis > 0 else { return }
            $0.accuracy = TimestampInfoRecipe.accuracy(seconds: millis / 1000, millis: millis % 1000)
        }
        let outcome = try scene.judge(token.token())
        #expect(outcome.reason == (holds ? .verified : .certificateExpired), "\(outcome.message)")
        #expect(outcome.verdict == (holds ? .trusted : .untrusted))
        if !holds { #expect(outcome.message.contains("and its timestamp says")) }
    }

    @Test("a fraction of a second counts")
    func fraction() throws {
        func outcome(_ time: String, micros: Int?) throws -> SignatureOutcome {
            try scene.judge(info: {
                $0.time = time
                if let micros { $0.accuracy = TimestampInfoRecipe.accuracy(micros: micros) }
            })
        }
        // The certificate ends at 01:00:00 sharp.
        #expect(try outcome("20250601005959.9999Z", micros: 100).verdict == .trusted)
        #expect(try outcome("20250601005959.9999Z", micros: 101).reason == .certificateExpired)
        #expect(try outcome("20250601010000.000000001Z", micros: nil).reason == .certificateExpired)
        #expect(try outcome("20250601010000Z", micros: nil).verdict == .trusted)
    }

    @Test("under the baseline policy of ETSI a time without accuracy may be a second off")
    func baselinePolicy() throws {
        for (offset, holds) in [(-1.0, true), (0, false)] {
            let date = TimestampScene.validity.upperBound.addingTimeInterval(offset)
            let token = try scene.token(at: date) { $0.policy = "0.4.0.2023.1.1" }
            let outcome = try scene.judge(token.token())
            #expect(outcome.verdict == (holds ? .trusted : .untrusted), "\(outcome.message)")
            if holds { #expect(outcome.timestamp?.info.accuracy == .seconds(1)) }
        }
        let stated = try scene.judge(info: {
            $0.policy = "0.4.0.2023.1.1"
            $0.accuracy = TimestampInfoRecipe.accuracy(millis: 5)
        })
        #expect(stated.timestamp?.info.accuracy == .milliseconds(5))
    }

    // MARK: Who signed it

    @Test("only a signer of version 1, whose certificate is named by issuer and serial number, is accepted")
    func signerVersion() throws {
        expectInvalid(try scene.judge(signer: { $0.version = 3 }), "signer of version 3")
        let byKey = try scene.judge(signer: {
            $0.version = 3
            $0.identifier = DERWriter.element(0x80, [1, 2, 3, 4])
        })
        expectInvalid(byKey, "signer of version 3")
        expectInvalid(
            try scene.judge(signer: { $0.identifier = DERWriter.element(0x80, [1, 2, 3, 4]) }),
            "issuer and serial"
        )
    }

    @Test("the attributes that bind it are there and right")
    func attributes() throws {
        expectInvalid(try scene.judge(signer: { $0.attributes = [] }), "without signed attributes")
        expectInvalid(try scene.judge(signer: { $0.remove("1.2.840.113549.1.9.3") }), "content type that is missing")
        let data = DERWriter.objectIdentifier("1.2.840.113549.1.7.1")
        expectInvalid(
            try scene.judge(signer: { $0.set(.init("1.2.840.113549.1.9.3", data)) }),
            "content type that is missing or is no timestamp's"
        )
        expectInvalid(try scene.judge(signer: { $0.remove("1.2.840.113549.1.9.4") }), "the signed digest is not")
        let digest = DERWriter.octetString(TestHash.sha256.digest([1]))
        expectInvalid(
            try scene.judge(signer: { $0.set(.init("1.2.840.113549.1.9.4", digest)) }),
            "the signed digest is not that of its content"
        )
    }

    @Test("what it says cannot be exchanged after it was signed")
    func exchanged() throws {
        let signature = scene.signature
        let outcome = try scene.judge(changing: { token in
            token.content = TimestampInfoRecipe(of: signature, at: TimestampScene.stamped.addingTimeInterval(9)).der
        })
        expectInvalid(outcome, "the signed digest is not that of its content")
    }

    @Test("the signed attribute names the certificate that signed, by a hash that counts")
    func signingCertificate() throws {
        let attribute = TimestampSignerRecipe.signingCertificateV2
        let leaf = scene.authority.leaf
        func judge(_ value: [UInt8]?) throws -> SignatureOutcome {
            try scene.judge(signer: { signer in
                signer.remove(attribute)
                if let value { signer.set(.init(attribute, value)) }
            })
        }
        expectInvalid(try judge(nil), "does not name its signing certificate")
        expectInvalid(
            try judge(TimestampSignerRecipe.signingCertificate(hash: .sha1, of: leaf.der)),
            "by a hash that does not count"
        )
        expectInvalid(
            try judge(TimestampSignerRecipe.signingCertificate(hash: .sha256, of: stranger.leaf.der)),
            "not signed by the certificate whose hash it carries"
        )
        let reference = TimestampSignerRecipe.issuerSerial(stranger.leaf)
        expectInvalid(
            try judge(TimestampSignerRecipe.signingCertificate(hash: .sha256, of: leaf.der, reference: reference)),
            "does not hold the certificate that signed it"
        )
        // The old attribute, with SHA-1, is no substitute.
        let old = try scene.judge(signer: { signer in
            signer.remove(attribute)
            let hash = DERWriter.octetString(TestHash.sha1.digest(leaf.der))
            let value = DERWriter.sequence(DERWriter.sequence(DERWriter.sequence(hash)))
            signer.set(.init("1.2.840.113549.1.9.16.2.12", value))
        })
        expectInvalid(old, "by a hash that does not count")
    }

    @Test("the certificate that signed comes along, and is the one that the attribute names")
    func certificates() throws {
        expectInvalid(try scene.judge(changing: { $0.certificates = [] }), "does not hold the certificate")
        // Another certificate of the same name and number is not passed over: the reference takes the first as well.
        var twin = CertificateRecipe.timestamping()
        twin.notAfter = twin.notAfter.addingTimeInterval(1)
        let issuer = scene.authority.certificates[1]
        let other = try twin.issue(scene.authority.key, by: issuer)
        let behind = try scene.judge(changing: { $0.certificates.append(other.der) })
        #expect(behind.verdict == .trusted, "\(behind.message)")
        let before = try scene.judge(changing: { $0.certificates.insert(other.der, at: 0) })
        expectInvalid(before, "not signed by the certificate whose hash it carries")
        let alone = try scene.judge(changing: { $0.certificates[0] = other.der })
        expectInvalid(alone, "not signed by the certificate whose hash it carries")
    }

    @Test("the signature is the certificate's, over the attributes")
    func signature() throws {
        expectInvalid(
            try scene.judge(signer: { $0.key = stranger.key }),
            "is not signed by the key of CN=tsa.example.com"
        )
        expectInvalid(
            try scene.judge(signer: { signer in
                signer.alterSignature = {
                    var bytes = $0
                    bytes[bytes.count - 1] ^= 1
                    return bytes
                }
            }),
            "was altered"
        )
        // A signature over the bare content while attributes are there.
        expectInvalid(try scene.judge(signer: { $0.alterSignature = { _ in [] } }), "was altered")
    }

    @Test("no weak algorithm is accepted")
    func algorithms() throws {
        expectInvalid(
            try scene.judge(changing: { token in
                token.signers = [TimestampSignerRecipe(scene.authority.leaf, content: token.content, digest: .sha1)]
            }),
            "uses a digest other than"
        )
        expectInvalid(try scene.judge(signer: { $0.signature = .ecdsaSHA1 }), "signed with ECDSA with SHA-1")
        let rsa = try TimestampScene(authority: TimestampScene.authority(.rsa2048, number: 8))
        expectInvalid(try rsa.judge(signer: { $0.signature = .rsaSHA1 }), "signed with SHA-1 with RSA")
        // RSASSA-PSS without parameters means SHA-1 (RFC 4055).
        expectInvalid(
            try rsa.judge(signer: {
                $0.signature = .pssSHA256
                $0.signatureIdentifier = DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.113549.1.1.10"))
            }),
            "is signed with"
        )
        // The key's kind decides.
        expectInvalid(
            try rsa.judge(signer: { $0.signatureIdentifier = CertificateSignature.ecdsaSHA256.identifier }),
            "was altered, or is not signed by"
        )
    }

    @Test("of several signers one that holds is enough, wherever it stands")
    func several() throws {
        for position in [0, 1] {
            let outcome = try scene.judge(changing: { token in
                token.certificates += stranger.der
                var bad = TimestampSignerRecipe(stranger.leaf, content: token.content)
                bad.alterSignature = { _ in [0] }
                token.signers.insert(bad, at: position)
            })
            #expect(outcome.verdict == .trusted, "\(outcome.message)")
            #expect(outcome.timestamp?.trustStore == "tsa:clock")
        }
        let strangers = try scene.judge(changing: { token in
            token.certificates += stranger.der
            token.signers.append(TimestampSignerRecipe(stranger.leaf, content: token.content))
            token.signers[0].alterSignature = { _ in [0] }
        })
        expectInvalid(strangers, "ends in no root of tsa:clock", reason: .timestampUnavailable)
    }
}
