import FoundationEssentials
import SigningFormats
import SigningTestKit
import Testing

@Suite("X.509 certificates")
struct X509CertificateTests {
    private func read(_ recipe: CertificateRecipe) throws -> X509Certificate {
        try X509Certificate(der: try recipe.issue(.shared(.p256)).der)
    }

    private func code(_ der: [UInt8]) -> SigningFormatError.Code? {
        do throws(SigningFormatError) {
            _ = try X509Certificate(der: der)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("What a certificate says is read")
    func contents() throws {
        var recipe = CertificateRecipe.authority("Root")
        recipe.ocspURL = "http://ocsp.example.com"
        let certificate = try read(recipe)
        #expect(certificate.subject.description == "CN=Root,O=Example,ST=WA,C=US")
        #expect(certificate.isSelfIssued)
        #expect(certificate.isSelfSigned)
        #expect(certificate.isCertificateAuthority)
        #expect(certificate.mayIssueCertificates)
        #expect(certificate.ocspResponders?.urls == ["http://ocsp.example.com"])
        #expect(certificate.ocspResponders?.hasUnusable == false)
        #expect(certificate.revocationLists == nil && certificate.freshestLists == nil)
        #expect(certificate.notBefore == recipe.notBefore)
        #expect(certificate.notAfter == recipe.notAfter)
        #expect(certificate.fingerprint.utf8.count == 64)
    }

    @Test("Validity includes both of its ends")
    func validity() throws {
        let certificate = try read(.leaf())
        #expect(certificate.isValid(at: certificate.notBefore))
        #expect(certificate.isValid(at: certificate.notAfter))
        #expect(!certificate.isValid(at: certificate.notBefore.addingTimeInterval(-1)))
        #expect(!certificate.isValid(at: certificate.notAfter.addingTimeInterval(1)))
    }

    @Test("Years beyond 2049 are read", arguments: [2_524_608_000.0, 4_102_444_800, 253_402_300_799])
    func farAway(seconds: Double) throws {
        var recipe = CertificateRecipe.leaf()
        recipe.notAfter = Date(timeIntervalSince1970: seconds)
        #expect(try read(recipe).notAfter == recipe.notAfter)
    }

    @Test("Names are shown in a way that cannot deceive")
    func names() throws {
        var recipe = CertificateRecipe.leaf()
        recipe.subject = [
            [.init("2.5.4.3", "a,b+c\u{202E}\n"), .init("2.5.4.10", "O")],
            [.init("1.2.840.113549.1.9.1", "x@y", tag: 0x16)],
            [.init("2.5.4.11", "x", tag: 0x14)],
        ]
        #expect(try read(recipe).subject.description == #"OU=#…,1.2.840.113549.1.9.1=x@y,CN=a\,b\+c??+O=O"#)
    }

    @Test(
        "A name whose value is no string of its type makes the certificate malformed",
        arguments: [("a@b", 0x13), ("x", 0x12), ("\u{E9}", 0x16), ("odd", 0x1E), ("1", 0x02), ("x", 0x1C)]
    )
    func malformedNames(value: String, tag: UInt8) {
        var recipe = CertificateRecipe.leaf()
        recipe.subject.append([.init("2.5.4.11", value, tag: tag)])
        let error = #expect(throws: SigningFormatError.self) { try read(recipe) }
        #expect(error?.code == .certificate)
    }

    @Test("A signature algorithm inside that differs from the one outside is refused")
    func twoAlgorithms() throws {
        var recipe = CertificateRecipe.leaf()
        recipe.innerAlgorithm = CertificateSignature.ecdsaSHA384.identifier
        #expect(code(try recipe.issue(.shared(.p256)).der) == .certificate)
    }

    @Test("The same extension twice, or too many, are refused")
    func extensions() throws {
        var recipe = CertificateRecipe.leaf()
        recipe.extensions = [.init("2.5.29.15", isCritical: false, value: DERWriter.bitString([0x80], padding: 7))]
        #expect(code(try recipe.issue(.shared(.p256)).der) == .certificate)
        recipe.extensions = (0..<32).map { .init("1.2.3.\($0)", isCritical: false, value: DERWriter.null) }
        #expect(code(try recipe.issue(.shared(.p256)).der) == .limitExceeded)
    }

    @Test("Extensions in a certificate that is not version 3 are refused", arguments: [0, 1, 3])
    func versions(version: Int) throws {
        var recipe = CertificateRecipe.leaf()
        recipe.version = version
        #expect(code(try recipe.issue(.shared(.p256)).der) == .certificate)
    }

    @Test(
        "Malformed extensions are refused",
        arguments: [
            ("2.5.29.19", [0x05, 0x00]), ("2.5.29.19", [0x30, 0x03, 0x01, 0x01, 0x00]),
            ("2.5.29.19", [0x30, 0x03, 0x02, 0x01, 0x01]),
            ("2.5.29.37", [0x30, 0x00]), ("2.5.29.37", [0x05, 0x00]), ("1.3.6.1.5.5.7.1.1", [0x30, 0x02, 0x05, 0x00]),
            ("2.5.29.19", []), ("2.5.29.37", [0x30, 0x02, 0x05, 0x00]),
        ] as [(String, [UInt8])]
    )
    func malformed(type: String, value: [UInt8]) throws {
        var recipe = CertificateRecipe.leaf()
        recipe.extensions = [.init(type, isCritical: true, value: value)]
        #expect(code(try recipe.issue(.shared(.p256)).der) == .certificate)
    }

    @Test(
        "Extensions that name or describe a certificate have their form, and some are never critical",
        arguments: [
            ("2.5.29.35", true, [0x30, 0x00]), ("2.5.29.14", true, [0x04, 0x01, 0x01]),
            ("1.3.6.1.5.5.7.1.1", true, [0x30, 0x00]), ("2.5.29.14", false, [0x05, 0x00]),
            ("2.5.29.35", false, [0x05, 0x00]),
            ("2.5.29.30", false, [0x04, 0x00]), ("2.5.29.17", false, [0x05, 0x00]), ("2.5.29.30", false, [0x30, 0x00]),
            ("2.5.29.17", false, [0x30, 0x03, 0x82, 0x01, 0xE9]), ("2.5.29.17", false, [0x30, 0x03, 0x86, 0x01, 0x80]),
            ("2.5.29.17", false, [0x30, 0x05, 0x87, 0x03, 1, 2, 3]),
            ("2.5.29.30", false, [0x30, 0x02, 0xA2, 0x00]),
            ("2.5.29.32", false, [0x30, 0x08, 0x30, 0x02, 0x06, 0x00, 0x30, 0x02, 0x06, 0x00]),
            ("2.5.29.32", false, [0x30, 0x02, 0x05, 0x00]),
            ("2.5.29.32", false, [0x30, 0x02, 0x30, 0x00]), ("2.5.29.32", false, [0x30, 0x04, 0x30, 0x02, 0x05, 0x00]),
        ] as [(String, Bool, [UInt8])]
    )
    func forms(type: String, isCritical: Bool, value: [UInt8]) throws {
        var recipe = CertificateRecipe.leaf()
        recipe.extensions = [.init(type, isCritical: isCritical, value: value)]
        #expect(code(try recipe.issue(.shared(.p256)).der) != nil)
        // Of an unknown type the same bytes may be there.
        recipe.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: false, value: value)]
        #expect(code(try recipe.issue(.shared(.p256)).der) == nil)
    }

    @Test(
        "Alternative names of every kind, and policies, may be there",
        arguments: [
            ("2.5.29.17", [0x30, 0x03, 0x82, 0x01, 0x61]), ("2.5.29.17", [0x30, 0x06, 0x87, 0x04, 1, 2, 3, 4]),
            ("2.5.29.17", [0x30, 0x04, 0xA4, 0x02, 0x30, 0x00]), ("2.5.29.17", [0x30, 0x04, 0x88, 0x02, 0x2A, 0x03]),
            ("2.5.29.17", [0x30, 0x00]), ("2.5.29.17", [0x30, 0x03, 0x89, 0x01, 0xE9]), ("2.5.29.18", [0x05, 0x00]),
            ("2.5.29.17", [0x30, 0x09, 0xA0, 0x07, 0x06, 0x01, 0x2A, 0xA0, 0x02, 0x05, 0x00]),
            ("2.5.29.32", [0x30, 0x06, 0x30, 0x04, 0x06, 0x02, 0x2A, 0x03]),
            // With qualifiers, and with an identifier that a UUID made.
            ("2.5.29.32", [0x30, 0x08, 0x30, 0x06, 0x06, 0x02, 0x2A, 0x03, 0x30, 0x00]),
            (
                "2.5.29.32",
                [0x30, 0x18, 0x30, 0x16, 0x06, 0x14, 0x69, 0x83] + [UInt8](repeating: 0xFF, count: 17) + [0x7F]
            ),
        ] as [(String, [UInt8])]
    )
    func goodForms(type: String, value: [UInt8]) throws {
        var recipe = CertificateRecipe.leaf()
        recipe.extensions = [.init(type, isCritical: true, value: value)]
        #expect(code(try recipe.issue(.shared(.p256)).der) == nil)
    }

    @Test("A key of an authority may be named by issuer and number, and names may be constrained")
    func otherForms() throws {
        var recipe = CertificateRecipe.leaf()
        let issuer = DERWriter.element(0xA1, DERWriter.element(0xA4, DERWriter.sequence()))
        let constraints = DERWriter.element(
            0xA0,
            DERWriter.sequence(DERWriter.element(0x87, [10, 0, 0, 0, 255, 0, 0, 0]))
        )
        recipe.extensions = [
            .init("2.5.29.35", isCritical: false, value: DERWriter.sequence(issuer, DERWriter.element(0x82, [7]))),
            .init("2.5.29.30", isCritical: false, value: DERWriter.sequence(constraints)),
        ]
        #expect(code(try recipe.issue(.shared(.p256)).der) == nil)
    }

    @Test("An RSA key has NULL for parameters, and an exponent below 2³¹")
    func rsaForm() throws {
        let algorithm = DERWriter.objectIdentifier("1.2.840.113549.1.1.1")
        let key = try TestKey.shared(.rsa2048)
        func code(_ parameters: [UInt8], exponent: Int) throws -> SigningFormatError.Code? {
            // The modulus in SEQUENCE { INTEGER, INTEGER }.
            let modulus = Array(key.publicKeyBits[4..<(4 + 4 + 257)])
            let bits = DERWriter.sequence(modulus, DERWriter.integer(exponent))
            var recipe = CertificateRecipe.leaf()
            recipe.subjectPublicKeyInfo = DERWriter.sequence(
                DERWriter.sequence(algorithm + parameters),
                DERWriter.bitString(bits)
            )
            return self.code(try recipe.issue(key).der)
        }
        #expect(try code(DERWriter.null, exponent: 65_537) == nil)
        #expect(try code(DERWriter.null, exponent: 3) == nil)
        #expect(try code(DERWriter.null, exponent: 0x7FFF_FFFF) == nil)
        #expect(try code(DERWriter.null, exponent: 0x8000_0001) == .certificate)
        #expect(try code([], exponent: 65_537) == .certificate)
        #expect(try code(DERWriter.sequence(), exponent: 65_537) == .certificate)
    }

    @Test(
        "A key usage that is not DER is refused",
        arguments: [
            [0x03, 0x02, 0x00, 0x80], [0x03, 0x03, 0x07, 0x80, 0x00], [0x03, 0x04, 0x07, 0x80, 0x00, 0x80],
            [0x03, 0x01, 0x00],
        ]
            as [[UInt8]]
    )
    func keyUsage(value: [UInt8]) throws {
        var recipe = CertificateRecipe.leaf()
        recipe.keyUsage = nil
        recipe.extensions = [.init("2.5.29.15", isCritical: true, value: value)]
        #expect(code(try recipe.issue(.shared(.p256)).der) == .certificate)
    }

    @Test("Names beyond the limits are refused")
    func largeNames() throws {
        var recipe = CertificateRecipe.leaf()
        recipe.subject = (0..<33).map { [.init("2.5.4.11", "\($0)")] }
        #expect(code(try recipe.issue(.shared(.p256)).der) == .limitExceeded)
        recipe.subject = [[.init("2.5.4.11", String(repeating: "x", count: 4096))]]
        #expect(code(try recipe.issue(.shared(.p256)).der) == .limitExceeded)
    }

    @Test("A certificate beyond the limit is refused unread")
    func tooLarge() {
        #expect(code([UInt8](repeating: 0x30, count: SigningLimits.certificateBytes + 1)) == .limitExceeded)
    }

    @Test("Deep nesting is refused")
    func depth() throws {
        var value: [UInt8] = DERWriter.null
        for _ in 0..<40 { value = DERWriter.sequence(value) }
        var recipe = CertificateRecipe.leaf()
        recipe.innerAlgorithm = DERWriter.sequence(DERWriter.objectIdentifier("1.2.3"), value)
        #expect(code(try recipe.issue(.shared(.p256)).der) == .limitExceeded)
    }

    @Test("Something after the certificate is refused")
    func trailing() throws {
        #expect(code(try CertificateRecipe.leaf().issue(.shared(.p256)).der + [0x00]) == .certificate)
    }
}
