import FoundationEssentials
import NotaryVerification
import SigningFormats
import SigningTestKit
import Testing
import TrustModel

/// The rules for the certificates of a time-stamping authority, and the way from them to a root.
@Suite("Chains of time-stamping authorities")
struct TimestampChainTests {
    private func judge(
        leaf: CertificateRecipe = .timestamping(),
        intermediates: Int = 1,
        root: CertificateRecipe? = nil
    ) throws -> SignatureOutcome {
        let authority = try TimestampScene.authority(intermediates: intermediates, leaf: leaf, root: root)
        return try TimestampScene(authority: authority).judge()
    }

    private func leaf(_ change: (inout CertificateRecipe) -> Void) -> CertificateRecipe {
        var leaf = CertificateRecipe.timestamping()
        change(&leaf)
        return leaf
    }

    @Test("the leaf may make timestamps and nothing else, and says so critically")
    func purpose() throws {
        expectInvalid(
            try judge(leaf: leaf { $0.isExtendedKeyUsageCritical = false }),
            "has an extended key usage that is not critical"
        )
        let only = "must have the extended key usage timeStamping and no other"
        for usages in [
            [], ["1.3.6.1.5.5.7.3.3"], ["2.5.29.37.0"], ["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.3"],
            ["1.3.6.1.5.5.7.3.8", "1.2.3.4"], ["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.8"],
        ] {
            expectInvalid(try judge(leaf: leaf { $0.extendedKeyUsages = usages }), only)
        }
    }

    @Test("the leaf obeys the rules of a signer, but its key usage need not be critical")
    func leafRules() throws {
        #expect(try judge(leaf: leaf { $0.isKeyUsageCritical = false }).verdict == .trusted)
        #expect(try judge(leaf: leaf { $0.keyUsage = [.digitalSignature, .contentCommitment] }).verdict == .trusted)
        expectInvalid(try judge(leaf: leaf { $0.keyUsage = nil }), "has no critical key usage")
        expectInvalid(
            try judge(leaf: leaf { $0.keyUsage = [.contentCommitment] }),
            "lacks the key usage digitalSignature"
        )
        expectInvalid(
            try judge(leaf: leaf { $0.keyUsage = [.digitalSignature, .keyEncipherment] }),
            "key usage that a signer must not have"
        )
        expectInvalid(try judge(leaf: leaf { $0.isAuthority = true }), "is a CA")
        expectInvalid(
            try judge(leaf: leaf { $0.extensions = [.init("1.2.3.4", isCritical: true, value: [5, 0])] }),
            "has the critical extension 1.2.3.4"
        )
        let small = try TimestampScene.authority(.rsa2560, number: 8)
        expectInvalid(try TimestampScene(authority: small).judge(), "which may not sign")
    }

    @Test("the CAs obey theirs")
    func authorityRules() throws {
        func root(_ change: (inout CertificateRecipe) -> Void) -> CertificateRecipe {
            var root = CertificateRecipe.authority("Clock Root")
            change(&root)
            return root
        }
        #expect(try judge(root: root { $0.isKeyUsageCritical = false }).verdict == .trusted)
        #expect(try judge(root: root { $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.8"] }).verdict == .trusted)
        #expect(try judge(root: root { $0.pathLength = 1 }).verdict == .trusted)
        expectInvalid(try judge(root: root { $0.pathLength = 0 }), "allows a path length of 0")
        expectInvalid(
            try judge(root: root { $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.3"] }),
            "leaves out time stamping"
        )
    }

    @Test("every certificate was valid when the timestamp was made, and when its signer says it signed")
    func validity() throws {
        let stamped = TimestampScene.stamped
        expectInvalid(
            try judge(leaf: leaf { $0.notAfter = stamped.addingTimeInterval(-1) }),
            "says 2025-06-01T00:00:00Z, when the authority's certificate CN=tsa.example.com"
        )
        expectInvalid(
            try judge(leaf: leaf { $0.notBefore = stamped.addingTimeInterval(1) }),
            "when the authority's certificate CN=tsa.example.com"
        )
        var root = CertificateRecipe.authority("Clock Root")
        root.notAfter = stamped.addingTimeInterval(-1)
        expectInvalid(try judge(root: root), "when the authority's certificate CN=Clock Root")

        let short = leaf { $0.notAfter = stamped.addingTimeInterval(10) }
        let scene = try TimestampScene(authority: TimestampScene.authority(leaf: short))
        func generalized(_ text: String) -> [UInt8] { DERWriter.element(0x18, Array(text.utf8)) }
        for (time, isValid) in [
            (DERWriter.element(0x17, Array("250601000010Z".utf8)), true), (generalized("20250601000010Z"), true),
            (generalized("20250601000010.5Z"), false), (DERWriter.element(0x17, Array("250601000011Z".utf8)), false),
        ] {
            let outcome = try scene.judge(signer: { $0.set(.init("1.2.840.113549.1.9.5", time)) })
            guard !isValid else {
                #expect(outcome.verdict == .trusted, "\(outcome.message)")
                continue
            }
            expectInvalid(outcome, "has a signing time at which")
        }
    }

    @Test("a stranger's authority vouches for nothing, whoever it says it is")
    func strangers() throws {
        let scene = try TimestampScene()
        let impostor = try TimestampScene.authority(number: 12)
        let outcome = try scene.judge(
            TimestampRecipe(of: scene.signature, at: TimestampScene.stamped, by: impostor).token()
        )
        expectInvalid(
            outcome,
            "is signed by CN=tsa.example.com,O=Example,ST=WA,C=US, whose chain ends in no root of tsa:clock",
            reason: .timestampUnavailable
        )
        // A root of the same name with another key.
        let name = CertificateRecipe.authority("Example Root 7")
        let twin = try TimestampScene.authority(intermediates: 0, number: 13, root: name)
        let token = try TimestampRecipe(of: scene.signature, at: TimestampScene.stamped, by: twin).token()
        expectInvalid(try scene.judge(token), "ends in no root", reason: .timestampUnavailable)
        // Without the CA between them there is no way to the root.
        expectInvalid(
            try scene.judge(changing: { $0.certificates.remove(at: 1) }),
            "ends in no root",
            reason: .timestampUnavailable
        )
    }

    @Test("a certificate with a spoilt signature leads nowhere")
    func spoilt() throws {
        expectInvalid(
            try judge(leaf: leaf { $0.hasBrokenSignature = true }),
            "ends in no root",
            reason: .timestampUnavailable
        )
    }

    @Test("of several ways the one that serves is found: cross-signed and expired CAs do no harm")
    func severalPaths() throws {
        let authority = try TimestampScene.authority()
        let scene = try TimestampScene(authority: authority)
        let issuer = authority.certificates[1]
        // The same CA once more: expired, issued by a stranger, and self-signed.
        var expired = CertificateRecipe.authority("Example CA 7.0")
        expired.notAfter = TimestampScene.stamped.addingTimeInterval(-1)
        let stranger = try TimestampScene.authority(number: 11).root
        let others = [
            try expired.issue(issuer.key, by: authority.root), try expired.issue(issuer.key, by: stranger),
            try expired.issue(issuer.key),
        ]
        let outcome = try scene.judge(changing: {
            $0.certificates = [$0.certificates[0]] + others.map(\.der) + [issuer.der]
        })
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
        #expect(outcome.timestamp?.chain.certificates[1].der == issuer.der)
        let without = try scene.judge(changing: { $0.certificates = [$0.certificates[0]] + others.map(\.der) })
        expectInvalid(without, "when the authority's certificate CN=Example CA 7.0")
    }

    @Test("circles and crowds of certificates end at a limit")
    func limits() throws {
        let authority = try TimestampScene.authority()
        let scene = try TimestampScene(authority: authority)
        let issuer = authority.certificates[1]
        // Thirty CAs of one name and key that issued each other: paths without end, none to a root.
        let name = CertificateRecipe.encoded(CertificateRecipe.name("Example CA 7.0"))
        let circle = try (0..<30).map { index in
            var recipe = CertificateRecipe.authority("Example CA 7.0")
            recipe.serialNumber = 100 + index
            recipe.issuerName = name
            return try recipe.issue(issuer.key).der
        }
        let outcome = try scene.judge(changing: { $0.certificates = [$0.certificates[0]] + circle })
        expectInvalid(outcome, "lead to too many places")
        let crowd = try scene.judge(changing: { $0.certificates += circle })
        expectInvalid(crowd, "has more than 32 parts")
    }
}
