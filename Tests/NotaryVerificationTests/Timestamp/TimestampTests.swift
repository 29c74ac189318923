import FoundationEssentials
import NotaryVerification
import SigningFormats
import SigningTestKit
import Testing
import TrustModel

/// When a timestamp is asked for, and what a good one is worth.
@Suite("Timestamps")
struct TimestampTests {
    @Test("a signature outlives its certificates", arguments: TestSignature.Format.allCases)
    func carried(format: TestSignature.Format) throws {
        let outcome = try TimestampScene(format).judge()
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
        #expect(outcome.validUntil == nil)
        let timestamp = try #require(outcome.timestamp)
        #expect(timestamp.time == TimestampScene.stamped)
        #expect(timestamp.trustStore == "tsa:clock")
        #expect(timestamp.authority == "CN=tsa.example.com,O=Example,ST=WA,C=US")
        #expect(timestamp.chain.certificates.count == 3)
        #expect(outcome.message.contains("timestamped at 2025-06-01T00:00:00Z by CN=tsa.example.com"))
        let check = try #require(outcome.checks.first { $0.check == .authenticTimestamp })
        #expect(check.passed && check.message.contains("tsa:clock"))
    }

    @Test("every kind of key of an authority is accepted, with its usual algorithm", arguments: TestKey.Kind.signing)
    func keys(kind: TestKey.Kind) throws {
        let outcome = try TimestampScene(authority: TimestampScene.authority(kind, number: 8)).judge()
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
    }

    @Test(
        "every allowed hash and padding is accepted",
        arguments: [
            (TestKey.Kind.rsa2048, CertificateSignature.rsaSHA256), (.rsa2048, .rsaSHA384), (.rsa2048, .rsaSHA512),
            (.p256, .ecdsaSHA384),
            (.p384, .ecdsaSHA256), (.p521, .ecdsaSHA384),
        ],
        [TestHash.sha256, .sha384, .sha512]
    )
    func algorithms(pair: (TestKey.Kind, CertificateSignature), hash: TestHash) throws {
        let scene = try TimestampScene(authority: TimestampScene.authority(pair.0, number: 8))
        let outcome = try scene.judge(changing: { token in
            let info = TimestampInfoRecipe(of: scene.signature, at: TimestampScene.stamped, hash: hash)
            token.content = info.der
            token.signers = [TimestampSignerRecipe(scene.authority.leaf, content: token.content, digest: hash)]
            token.signers[0].signature = pair.1
            token.signers[0].set(
                .init(
                    TimestampSignerRecipe.signingCertificateV2,
                    TimestampSignerRecipe.signingCertificate(hash: hash, of: scene.authority.leaf.der)
                )
            )
        })
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
    }

    @Test(
        "RSASSA-PSS is accepted with the hash of the digest and no other",
        arguments: [TestHash.sha256, .sha384, .sha512]
    )
    func pss(hash: TestHash) throws {
        let scene = try TimestampScene(authority: TimestampScene.authority(.rsa2048, number: 8))
        for (signature, its) in [
            (CertificateSignature.pssSHA256, TestHash.sha256), (.pssSHA384, .sha384), (.pssSHA512, .sha512),
        ] {
            let outcome = try scene.judge(changing: { token in
                token.signers = [TimestampSignerRecipe(scene.authority.leaf, content: token.content, digest: hash)]
                token.signers[0].signature = signature
            })
            guard hash != its else {
                #expect(outcome.verdict == .trusted, "\(outcome.message)")
                continue
            }
            expectInvalid(outcome, "RSASSA-PSS and another hash than its digest")
        }
    }

    @Test("the algorithm may be that of the key alone", arguments: [TestHash.sha256, .sha384, .sha512])
    func plainRSA(hash: TestHash) throws {
        let scene = try TimestampScene(authority: TimestampScene.authority(.rsa2048, number: 8))
        let outcome = try scene.judge(changing: { token in
            token.signers = [TimestampSignerRecipe(scene.authority.leaf, content: token.content, digest: hash)]
            token.signers[0].signature = [.sha256: .rsaSHA256, .sha384: .rsaSHA384][hash] ?? .rsaSHA512
            token.signers[0].signatureIdentifier = DERWriter.sequence(
                DERWriter.objectIdentifier("1.2.840.113549.1.1.1"),
                DERWriter.null
            )
        })
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
    }

    @Test("everything optional may be there or not")
    func optionalParts() throws {
        let scene = try TimestampScene()
        let whole = try scene.judge(info: {
            $0.time = "20250601000000.123456789Z"
            $0.accuracy = TimestampInfoRecipe.accuracy(seconds: 1, millis: 500, micros: 250)
            $0.tail =
                DERWriter.boolean(true) + DERWriter.integer(77)
                + DERWriter.tagged(0, DERWriter.tagged(4, scene.authority.leaf.subject))
                + TimestampInfoRecipe.extensions("1.3.6.1.4.1.32473.9", isCritical: false)
        })
        #expect(whole.verdict == .trusted, "\(whole.message)")
        #expect(whole.timestamp?.info.accuracy == .microseconds(1_500_250))
        #expect(whole.message.contains("2025-06-01T00:00:00Z ± 1.50025 s"), "\(whole.message)")
        let unordered = try scene.judge(info: { $0.tail = DERWriter.boolean(false) })
        #expect(unordered.verdict == .trusted, "\(unordered.message)")
        // Attributes may come in any order; the root need not come along; certificates of nobody may.
        let unsorted = try scene.judge(changing: { token in
            token.signers[0].isSorted = false
            token.signers[0].setSigningTime(TimestampScene.stamped)
            token.certificates = token.certificates.dropLast().reversed() + scene.scene.chain.der
        })
        #expect(unsorted.verdict == .trusted, "\(unsorted.message)")
        // Without a name in the signed attribute the signer's own serves to find the certificate.
        let unnamed = try scene.judge(signer: { signer in
            signer.set(
                .init(
                    TimestampSignerRecipe.signingCertificateV2,
                    TimestampSignerRecipe.signingCertificate(hash: .sha256, of: signer.certificate.der)
                )
            )
        })
        #expect(unnamed.verdict == .trusted, "\(unnamed.message)")
    }

    @Test(
        "a timestamp is asked for when the policy says so",
        arguments: [TimestampVerification.always, .afterCertExpiry],
        [false, true]
    )
    func demanded(option: TimestampVerification, isExpired: Bool) throws {
        let end = isExpired ? TimestampScene.validity.upperBound : Scene.now.addingTimeInterval(60)
        var scene = try TimestampScene(validity: TimestampScene.validity.lowerBound...end)
        scene.scene.trust.verifyTimestamp = option
        let isDemanded = option == .always || isExpired
        let missing = try scene.judge(nil)
        #expect(missing.reason == (isDemanded ? .timestampUnavailable : .verified), "\(missing.message)")
        #expect(missing.verdict == (isDemanded ? .unknown : .trusted))
        if isDemanded { #expect(missing.message.contains("notation sign --timestamp-url")) }
        let malformed = try scene.judge([1, 2, 3])
        #expect(malformed.reason == (isDemanded ? .timestampInvalid : .verified), "\(malformed.message)")
        let good = try scene.judge()
        #expect(good.verdict == .trusted, "\(good.message)")
        #expect((good.timestamp != nil) == isDemanded)
    }

    @Test("a verdict lapses with the certificates only where no timestamp carries it then")
    func validUntil() throws {
        let end = Scene.now.addingTimeInterval(60)
        var scene = try TimestampScene(validity: TimestampScene.validity.lowerBound...end)
        #expect(try scene.judge().validUntil == nil)
        scene.scene.trust.verifyTimestamp = .afterCertExpiry
        #expect(try scene.judge().validUntil == nil)
        #expect(try scene.judge(nil).validUntil == end)
        #expect(try scene.judge(info: { $0.imprint[0] ^= 1 }).validUntil == end)
        // The promise is kept.
        scene.scene.now = end.addingTimeInterval(1)
        #expect(try scene.judge().verdict == .trusted)
        #expect(try scene.judge(nil).verdict == .unknown)
    }

    @Test("the authority's own certificates may expire after the fact")
    func expiredAuthority() throws {
        var leaf = CertificateRecipe.timestamping()
        leaf.notAfter = TimestampScene.stamped
        var root = CertificateRecipe.authority("Old Root")
        root.notAfter = TimestampScene.stamped
        let authority = try TimestampScene.authority(number: 9, leaf: leaf, root: root)
        let outcome = try TimestampScene(authority: authority).judge()
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
        #expect(outcome.validUntil == nil)
    }

    @Test(
        "under a level that only logs, a bad timestamp is a warning",
        arguments: [VerificationLevel.permissive, .audit]
    )
    func logged(level: VerificationLevel) throws {
        var scene = try TimestampScene()
        scene.scene.trust.level = level
        let outcome = try scene.judge(info: { $0.imprint[0] ^= 1 })
        #expect(outcome.verdict == .trusted)
        #expect(outcome.timestamp == nil)
        #expect(outcome.warnings.contains { $0.contains("authenticTimestamp") && $0.contains("something else") })
    }

    @Test("without a tsa store, and for a signing authority, a timestamp is not looked at")
    func ignored() throws {
        var scene = try Scene()
        scene.request.timestampToken = [1, 2, 3]
        #expect(try scene.judge().verdict == .trusted)
        scene.useSigningAuthority(at: Scene.now)
        scene.request.timestampToken = [1, 2, 3]
        let root = try TimestampScene.authority().root.der
        scene.trust.trustStores.append(TrustStore(kind: .tsa, name: "clock", certificates: [root]))
        #expect(try scene.judge().verdict == .trusted)
    }

    @Test("any of several stores may hold the authority's root, and a root of a signer's store never does")
    func stores() throws {
        var scene = try TimestampScene()
        let other = TrustStore(
            kind: .tsa,
            name: "other",
            certificates: [try TimestampScene.authority(number: 11).root.der]
        )
        scene.scene.trust.trustStores.append(other)
        #expect(try scene.judge().timestamp?.trustStore == "tsa:clock")
        scene.scene.trust.trustStores.swapAt(1, 2)
        #expect(try scene.judge().timestamp?.trustStore == "tsa:clock")
        let stranger = TrustStore(kind: .ca, name: "clock", certificates: [scene.authority.root.der])
        scene.scene.trust.trustStores[2] = stranger
        expectInvalid(try scene.judge(), "ends in no root of tsa:other", reason: .timestampUnavailable)
    }
}
