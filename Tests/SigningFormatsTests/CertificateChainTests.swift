import FoundationEssentials
import SigningFormats
import SigningTestKit
import Testing

/// A chain with one flaw, and what must come of it.
struct ChainCase: Sendable, CustomTestStringConvertible {
    let name: String
    let code: SigningFormatError.Code?
    /// A word of the message that says which rule it was.
    let word: String
    let build: @Sendable () throws -> [[UInt8]]
    var testDescription: String { name }

    init(
        _ name: String,
        _ code: SigningFormatError.Code? = nil,
        _ word: String = "",
        _ build: @escaping @Sendable () throws -> [[UInt8]]
    ) {
        self.name = name
        self.code = code
        self.word = word
        self.build = build
    }

    /// A chain whose leaf was changed.
    static func leaf(
        _ name: String,
        _ code: SigningFormatError.Code? = nil,
        _ word: String = "",
        kind: TestKey.Kind = .p256,
        _ change: @escaping @Sendable (inout CertificateRecipe) -> Void
    ) -> ChainCase {
        ChainCase(name, code, word) {
            var recipe = CertificateRecipe.leaf()
            change(&recipe)
            return try TestChain.make(kind, leaf: recipe).der
        }
    }

    /// A chain whose intermediate CA was changed.
    static func authority(
        _ name: String,
        _ code: SigningFormatError.Code? = nil,
        _ word: String = "",
        _ change: @escaping @Sendable (inout CertificateRecipe) -> Void
    ) -> ChainCase {
        ChainCase(name, code, word) {
            let root = try CertificateRecipe.authority("Root").issue(.shared(.p256, 50))
            var recipe = CertificateRecipe.authority("CA")
            change(&recipe)
            let authority = try recipe.issue(.shared(.p256, 51), by: root)
            return [try CertificateRecipe.leaf().issue(.shared(.p256), by: authority).der, authority.der, root.der]
        }
    }
}

@Suite("Certificate chains for signing")
struct CertificateChainTests {
    private static let unknownExtension = CertificateRecipe.Extension("1.2.3.4", isCritical: true, value: [0x05, 0x00])

    static let good: [ChainCase] =
        [
            ChainCase("leaf, CA and root") { try TestChain.make().der },
            ChainCase("leaf and root") { try TestChain.make(intermediates: 0).der },
            ChainCase("the longest chain") { try TestChain.make(intermediates: 8).der },
            ChainCase("a lone self-signed leaf") { try TestChain.selfSigned().der },
            ChainCase("leaf and root of the same name") {
                let root = try CertificateRecipe.authority("Same").issue(.shared(.p256, 50))
                return [try CertificateRecipe.leaf("Same").issue(.shared(.p256), by: root).der, root.der]
            },
            .leaf("a leaf that says it is no CA") { $0.isAuthority = false },
            .leaf("content commitment beside the signature") { $0.keyUsage = [.digitalSignature, .contentCommitment] },
            .leaf("code signing") { $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.3"] },
            .leaf("a purpose nobody forbids") { $0.extendedKeyUsages = ["1.3.6.1.4.1.311.10.3.13"] },
            .leaf("an unknown extension that is not critical") {
                $0.extensions = [.init("1.2.3.4", isCritical: false, value: [0x05, 0x00])]
            },
            .leaf("a critical alternative name") {
                $0.extensions = [
                    .init("2.5.29.17", isCritical: true, value: DERWriter.sequence(DERWriter.element(0x82, [0x61])))
                ]
            },
            .leaf("out of its validity, which is for others to judge") {
                $0.notAfter = Date(timeIntervalSince1970: 1_735_689_601)
            },
            .authority("a path length that suffices") { $0.pathLength = 0 },
            .authority("a CA without a basic limit on extended usages") { $0.extendedKeyUsages = ["2.5.29.37.0"] },
        ]
        + [
            (.rsa2048, [.rsaSHA256, .rsaSHA384, .rsaSHA512, .pssSHA256, .pssSHA384, .pssSHA512]),
            (.rsa3072, [.pssSHA384]), (.p256, [.ecdsaSHA256, .ecdsaSHA384, .ecdsaSHA512]),
            (.p384, [.ecdsaSHA256, .ecdsaSHA384]),
            (.p521, [.ecdsaSHA512]),
        ].flatMap { (kind: TestKey.Kind, signatures: [CertificateSignature]) in
            signatures.map { signature in
                ChainCase("\(kind.rawValue) root signing with \(signature)") {
                    var root = CertificateRecipe.authority("Root")
                    root.signature = signature
                    let issuer = try root.issue(.shared(kind, 60))
                    var leaf = CertificateRecipe.leaf()
                    leaf.signature = signature
                    return [try leaf.issue(.shared(.p256), by: issuer).der, issuer.der]
                }
            }
        }

    @Test("Accepted", arguments: good)
    func isAccepted(_ example: ChainCase) throws {
        let error = EnvelopeScene.refusal(chain: try example.build())
        #expect(error == nil)
    }

    static let leaves: [ChainCase] =
        [
            .leaf("a CA as leaf", .chain, "is a CA") { $0.isAuthority = true },
            .leaf("no key usage", .chain, "critical key usage") { $0.keyUsage = nil },
            .leaf("key usage not critical", .chain, "critical key usage") { $0.isKeyUsageCritical = false },
            .leaf("no digital signature", .chain, "digitalSignature") { $0.keyUsage = [.contentCommitment] },
            .leaf("an empty key usage", .certificate, "key usage") { $0.keyUsage = [] },
            .leaf("RSA 1024", .key, "RSA key of 1024 bits", kind: .rsa1024) { _ in },
            .leaf("RSA 2560", .key, "RSA 2560", kind: .rsa2560) { _ in },
            .leaf("Ed25519", .key, "1.3.101.112", kind: .ed25519) { _ in },
            .leaf("an EC key on secp256k1", .key, "1.3.132.0.10") {
                $0.subjectPublicKeyInfo = DERWriter.sequence(
                    DERWriter.sequence(
                        DERWriter.objectIdentifier("1.2.840.10045.2.1"),
                        DERWriter.objectIdentifier("1.3.132.0.10")
                    ),
                    DERWriter.bitString([4] + [UInt8](repeating: 1, count: 64))
                )
            },
            .leaf("an EC point off the curve", .certificate, "public key") {
                $0.subjectPublicKeyInfo = DERWriter.sequence(
                    DERWriter.sequence(
                        DERWriter.objectIdentifier("1.2.840.10045.2.1"),
                        DERWriter.objectIdentifier("1.2.840.10045.3.1.7")
                    ),
                    DERWriter.bitString([4] + [UInt8](repeating: 1, count: 64))
                )
            },
            .leaf("an RSA key marked for PSS alone", .key, "1.2.840.113549.1.1.10") {
                $0.subjectPublicKeyInfo = DERWriter.sequence(
                    DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.113549.1.1.10")),
                    DERWriter.bitString([0x30, 0x00])
                )
            },
            .leaf("an RSA key with an even exponent", .certificate, "exponent") {
                let modulus = DERWriter.element(0x02, [0x00] + [UInt8](repeating: 0xFF, count: 256))
                $0.subjectPublicKeyInfo = DERWriter.sequence(
                    DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.113549.1.1.1"), DERWriter.null),
                    DERWriter.bitString(DERWriter.sequence(modulus, DERWriter.integer(65536)))
                )
            },
            .leaf("an RSA key with exponent 1", .certificate, "exponent") {
                let modulus = DERWriter.element(0x02, [0x00] + [UInt8](repeating: 0xFF, count: 256))
                $0.subjectPublicKeyInfo = DERWriter.sequence(
                    DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.113549.1.1.1"), DERWriter.null),
                    DERWriter.bitString(DERWriter.sequence(modulus, DERWriter.integer(1)))
                )
            },
            .leaf("an unknown critical extension", .chain, "1.2.3.4") { $0.extensions = [unknownExtension] },
            .leaf("critical name constraints", .chain, "2.5.29.30") {
                let permitted = DERWriter.tagged(
                    0,
                    DERWriter.sequence(DERWriter.element(0x82, Array("a.example".utf8)))
                )
                $0.extensions = [.init("2.5.29.30", isCritical: true, value: DERWriter.sequence(permitted))]
            },
            .leaf("an altered signature", .chain, "not signed by the key") { $0.hasBrokenSignature = true },
        ]
        + [
            CertificateRecipe.KeyUsage.keyEncipherment, .dataEncipherment, .keyAgreement, .keyCertSign, .cRLSign,
            .encipherOnly,
            .decipherOnly,
        ].map { usage in
            .leaf("the key usage \(usage)", .chain, "must not have") { $0.keyUsage = [.digitalSignature, usage] }
        }
        + [
            ("serverAuth", "1.3.6.1.5.5.7.3.1"), ("clientAuth", "1.3.6.1.5.5.7.3.2"),
            ("emailProtection", "1.3.6.1.5.5.7.3.4"),
            ("timeStamping", "1.3.6.1.5.5.7.3.8"), ("OCSPSigning", "1.3.6.1.5.5.7.3.9"),
            ("anyExtendedKeyUsage", "2.5.29.37.0"),
        ].map { name, purpose in
            .leaf("the purpose \(name)", .chain, name) { $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.3", purpose] }
        }

    static let authorities: [ChainCase] = [
        .authority("an issuer without basic constraints", .chain, "no CA") { $0.isAuthority = nil },
        .authority("an issuer that is no CA", .chain, "no CA") { $0.isAuthority = false },
        .authority("a CA without key usage", .chain, "critical key usage") { $0.keyUsage = nil },
        .authority("a CA whose key usage is not critical", .chain, "critical key usage") {
            $0.isKeyUsageCritical = false
        },
        .authority("a CA that may not sign certificates", .chain, "keyCertSign") { $0.keyUsage = [.cRLSign] },
        .authority("a CA with an unknown critical extension", .chain, "1.2.3.4") { $0.extensions = [unknownExtension] },
        .authority("a CA with an altered signature", .chain, "not signed by the key") { $0.hasBrokenSignature = true },
        .authority("a CA that names another issuer", .chain, "was issued by") {
            $0.issuerName = CertificateRecipe.encoded(CertificateRecipe.name("Somebody else"))
        },
        .authority("a CA whose issuer's name is written in another string type", .chain, "was issued by") {
            $0.issuerName = CertificateRecipe.encoded(
                CertificateRecipe.name("Root").map { $0.map { .init($0.type, $0.value, tag: 0x16) } }
            )
        },
        .authority("a path length without CA", .certificate, "path length") {
            $0.isAuthority = false
            $0.pathLength = 0
        },
    ]

    static let orders: [ChainCase] = [
        ChainCase("no certificate", .chain, "no certificate") { [] },
        ChainCase("no root", .chain, "not self-signed") { try Array(TestChain.make().der.dropLast()) },
        ChainCase("a leaf alone that another issued", .chain, "not self-signed") { [try TestChain.make().leaf.der] },
        ChainCase("the root twice", .chain, "self-signed but not the last") {
            let chain = try TestChain.make()
            return chain.der + [chain.root.der]
        },
        ChainCase("the wrong way round", .chain) { try TestChain.make().der.reversed() },
        ChainCase("no intermediate", .chain, "was issued by") {
            let chain = try TestChain.make().der
            return [chain[0], chain[2]]
        },
        ChainCase("a stranger at the end", .chain) { try TestChain.make().der + [TestChain.make(number: 1).root.der] },
        ChainCase("a stranger's root of the same name", .chain, "not signed by the key") {
            let root = try CertificateRecipe.authority("Root").issue(.shared(.p256, 50))
            let other = try CertificateRecipe.authority("Root").issue(.shared(.p256, 51))
            return [try CertificateRecipe.leaf().issue(.shared(.p256), by: root).der, other.der]
        },
        ChainCase("too many", .limitExceeded) { try TestChain.make(intermediates: 9).der },
        ChainCase("a path length of 0 over another CA", .chain, "path length of 0") {
            let chain = try TestChain.make(
                intermediates: 1,
                root: CertificateRecipe.authority("Root", pathLength: 0)
            )
            return chain.der
        },
        ChainCase("a last certificate that only claims to be self-signed", .chain, "not self-signed") {
            var recipe = CertificateRecipe.authority("Root")
            recipe.issuerName = CertificateRecipe.encoded(recipe.subject)
            let stranger = try CertificateRecipe.authority("Stranger").issue(.shared(.p256, 52))
            let root = try recipe.issue(.shared(.p256, 50), by: stranger)
            return [try CertificateRecipe.leaf().issue(.shared(.p256), by: root).der, root.der]
        },
        ChainCase("a lone self-signed certificate with SHA-1", .chain, "SHA-1") {
            var recipe = CertificateRecipe.leaf()
            recipe.signature = .rsaSHA1
            return [try recipe.issue(.shared(.rsa2048)).der]
        },
        ChainCase("a lone self-signed EC certificate with SHA-1", .chain, "SHA-1") {
            var recipe = CertificateRecipe.leaf()
            recipe.signature = .ecdsaSHA1
            return [try recipe.issue(.shared(.p256)).der]
        },
        ChainCase("a lone self-signed certificate that was altered", .chain, "not self-signed") {
            var recipe = CertificateRecipe.leaf()
            recipe.hasBrokenSignature = true
            return try TestChain.selfSigned(leaf: recipe).der
        },
        ChainCase("a leaf signed with SHA-1 by a good root", .chain, "SHA-1") {
            let root = try CertificateRecipe.authority("Root").issue(.shared(.rsa2048, 60))
            var leaf = CertificateRecipe.leaf()
            leaf.signature = .rsaSHA1
            return [try leaf.issue(.shared(.p256), by: root).der, root.der]
        },
        ChainCase("an Ed25519 root", .chain, "1.3.101.112") {
            let root = try CertificateRecipe.authority("Root").issue(.shared(.ed25519))
            return [try CertificateRecipe.leaf().issue(.shared(.p256), by: root).der, root.der]
        },
        ChainCase("an RSA 1024 root", .chain, "not signed by the key") {
            let root = try CertificateRecipe.authority("Root").issue(.shared(.rsa1024))
            return [try CertificateRecipe.leaf().issue(.shared(.p256), by: root).der, root.der]
        },
    ]

    @Test("Refused with the right code, saying which rule", arguments: leaves + authorities + orders)
    func isRefused(_ example: ChainCase) throws {
        let error = EnvelopeScene.refusal(chain: try example.build())
        #expect(error?.code == example.code, "\(error?.message ?? "accepted")")
        #expect(
            error?.message.contains(example.word) == true || example.word.isEmpty,
            "\(error?.message ?? "accepted")"
        )
    }
}
