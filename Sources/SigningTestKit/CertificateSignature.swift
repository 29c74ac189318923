import Crypto
import CryptoExtras

/// How a test certificate is signed.
public enum CertificateSignature: Sendable, Hashable, CaseIterable {
    case rsaSHA256
    case rsaSHA384
    case rsaSHA512
    case pssSHA256
    case pssSHA384
    case pssSHA512
    case ecdsaSHA256
    case ecdsaSHA384
    case ecdsaSHA512
    case ed25519
    /// Never acceptable.
    case rsaSHA1
    /// Never acceptable.
    case ecdsaSHA1
    /// With a NULL where ECDSA has no parameters.
    case ecdsaSHA256Null

    /// What the key's kind would usually be signed with.
    public static func usual(_ kind: TestKey.Kind) -> CertificateSignature {
        switch kind {
        case .rsa1024, .rsa2048, .rsa2560: .rsaSHA256
        case .rsa3072: .rsaSHA384
        case .rsa4096: .rsaSHA512
        case .p256: .ecdsaSHA256
        case .p384: .ecdsaSHA384
        case .p521: .ecdsaSHA512
        case .ed25519: .ed25519
        }
    }

    /// The AlgorithmIdentifier.
    public var identifier: [UInt8] {
        func plain(_ oid: String, null: Bool) -> [UInt8] {
            DERWriter.sequence(DERWriter.objectIdentifier(oid), null ? DERWriter.null : [])
        }
        switch self {
        case .rsaSHA1: return plain("1.2.840.113549.1.1.5", null: true)
        case .rsaSHA256: return plain("1.2.840.113549.1.1.11", null: true)
        case .rsaSHA384: return plain("1.2.840.113549.1.1.12", null: true)
        case .rsaSHA512: return plain("1.2.840.113549.1.1.13", null: true)
        case .ecdsaSHA1: return plain("1.2.840.10045.4.1", null: false)
        case .ecdsaSHA256: return plain("1.2.840.10045.4.3.2", null: false)
        case .ecdsaSHA256Null: return plain("1.2.840.10045.4.3.2", null: true)
        case .ecdsaSHA384: return plain("1.2.840.10045.4.3.3", null: false)
        case .ecdsaSHA512: return plain("1.2.840.10045.4.3.4", null: false)
        case .ed25519: return plain("1.3.101.112", null: false)
        case .pssSHA256: return Self.pss("2.16.840.1.101.3.4.2.1", salt: 32)
        case .pssSHA384: return Self.pss("2.16.840.1.101.3.4.2.2", salt: 48)
        case .pssSHA512: return Self.pss("2.16.840.1.101.3.4.2.3", salt: 64)
        }
    }

    private static func pss(_ hash: String, salt: Int) -> [UInt8] {
        let digest = DERWriter.sequence(DERWriter.objectIdentifier(hash), DERWriter.null)
        return DERWriter.sequence(
            DERWriter.objectIdentifier("1.2.840.113549.1.1.10"),
            DERWriter.sequence(
                DERWriter.tagged(0, digest),
                DERWriter.tagged(1, DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.113549.1.1.8"), digest)),
                DERWriter.tagged(2, DERWriter.integer(salt))
            )
        )
    }

    func sign(_ bytes: [UInt8], key: TestKey) throws -> [UInt8] {
        switch self {
        case .rsaSHA1:
            try key.sign(digest: Insecure.SHA1.hash(data: bytes), flavour: .pkcs1, padding: .insecurePKCS1v1_5)
        case .rsaSHA256: try key.sign(digest: SHA256.hash(data: bytes), flavour: .pkcs1, padding: .insecurePKCS1v1_5)
        case .rsaSHA384: try key.sign(digest: SHA384.hash(data: bytes), flavour: .pkcs1, padding: .insecurePKCS1v1_5)
        case .rsaSHA512: try key.sign(digest: SHA512.hash(data: bytes), flavour: .pkcs1, padding: .insecurePKCS1v1_5)
        case .pssSHA256: try key.sign(digest: SHA256.hash(data: bytes), flavour: .proper, padding: .PSS)
        case .pssSHA384: try key.sign(digest: SHA384.hash(data: bytes), flavour: .proper, padding: .PSS)
        case .pssSHA512: try key.sign(digest: SHA512.hash(data: bytes), flavour: .proper, padding: .PSS)
        case .ecdsaSHA1: try key.sign(digest: Insecure.SHA1.hash(data: bytes), flavour: .der, padding: .PSS)
        case .ecdsaSHA256, .ecdsaSHA256Null:
            try key.sign(digest: SHA256.hash(data: bytes), flavour: .der, padding: .PSS)
        case .ecdsaSHA384: try key.sign(digest: SHA384.hash(data: bytes), flavour: .der, padding: .PSS)
        case .ecdsaSHA512: try key.sign(digest: SHA512.hash(data: bytes), flavour: .der, padding: .PSS)
        case .ed25519: try key.sign(bytes)
        }
    }
}
