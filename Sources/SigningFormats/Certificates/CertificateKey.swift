import Crypto
import CryptoExtras
import FoundationEssentials
import SwiftASN1

/// The public key of a certificate.
enum CertificateKey: Sendable {
    case rsa(_RSA.Signing.PublicKey, modulusBits: Int)
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case p521(P521.Signing.PublicKey)
    /// A key that can verify nothing here; the text names it.
    case unsupported(String)

    /// The algorithm this key signs envelopes with; `nil` when it may not sign any.
    var signatureAlgorithm: SignatureAlgorithm? {
        switch self {
        case .rsa(_, modulusBits: 2048): .ps256
        case .rsa(_, modulusBits: 3072): .ps384
        case .rsa(_, modulusBits: 4096): .ps512
        case .p256: .es256
        case .p384: .es384
        case .p521: .es512
        case .rsa, .unsupported: nil
        }
    }

    /// What kind of key this is, in words.
    var kind: String {
        switch self {
        case .rsa(_, let bits): "RSA \(bits)"
        case .p256: "EC P-256"
        case .p384: "EC P-384"
        case .p521: "EC P-521"
        case .unsupported(let name): name
        }
    }
}

// MARK: - Reading

extension CertificateKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    ///
    /// A known kind of key with bad contents is an error, an unknown kind is not; an EC key has a known curve.
    init(subjectPublicKeyInfo node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let algorithm = nodes.next(), let key = nodes.next() else {
                throw SigningFormatError(.certificate, "the public key is incomplete")
            }
            let identifier = try AlgorithmIdentifierFields(algorithm)
            try identifier.checkForm()
            let bits = try ASN1BitString(derEncoded: key)
            guard bits.paddingBits == 0 else {
                throw SigningFormatError(.certificate, "the public key is not a whole number of bytes")
            }
            switch identifier.algorithm {
            case ObjectIdentifiers.rsaEncryption:
                // They are there, and say nothing (RFC 3279 §2.3.1).
                guard identifier.parameters?.encodedBytes.elementsEqual([0x05, 0x00]) == true else {
                    throw SigningFormatError(.certificate, "the RSA key's parameters are not NULL")
                }
                return try Self.rsa(bits.bytes)
            case ObjectIdentifiers.ecPublicKey:
                return try Self.ellipticCurve(bits.bytes, parameters: identifier.parameters)
            default:
                try Self.checkForm(identifier, bits.bytes)
                return .unsupported("a key of type \(identifier.algorithm)")
            }
        }
    }

    /// The key inside a SubjectPublicKeyInfo, without its algorithm.
    static func bits(subjectPublicKeyInfo node: ASN1Node) throws -> ArraySlice<UInt8> {
        try DER.sequence(node, identifier: .sequence) { nodes in
            _ = nodes.next()
            return try ASN1BitString(derEncoded: &nodes).bytes
        }
    }

    private static func ellipticCurve(_ point: ArraySlice<UInt8>, parameters: ASN1Node?) throws -> CertificateKey {
        guard let parameters, parameters.identifier == .objectIdentifier else {
            throw SigningFormatError(.key, "a certificate has an EC key without a named curve")
        }
        switch try ASN1ObjectIdentifier(derEncoded: parameters) {
        case ObjectIdentifiers.p256: return .p256(try P256.Signing.PublicKey(x963Representation: point))
        case ObjectIdentifiers.p384: return .p384(try P384.Signing.PublicKey(x963Representation: point))
        case ObjectIdentifiers.p521: return .p521(try P521.Signing.PublicKey(x963Representation: point))
        case ObjectIdentifiers.p224:
            // Nothing is verified with it here; it has its form (SEC 1 §2.3.3).
            guard point.count == 57, point.first == 0x04 else {
                throw SigningFormatError(.certificate, "a certificate's public key is no point of its curve")
            }
            return .unsupported("an EC key on curve \(ObjectIdentifiers.p224)")
        case let curve:
            throw SigningFormatError(.key, "a certificate has an EC key on curve \(curve), which is not known here")
        }
    }

    private static func rsa(_ pkcs1: ArraySlice<UInt8>) throws -> CertificateKey {
        let bits = try DER.sequence(try DER.parse(pkcs1), identifier: .sequence) { nodes in
            let modulus = try positiveInteger(&nodes)
            let exponent = try positiveInteger(&nodes)
            // Below 2³¹, as other verifiers want it; 65,537 is what is used.
            guard exponent.last.map({ $0 & 1 == 1 }) == true, exponent.count > 1 || (exponent.first ?? 0) >= 3,
                exponent.count < 4 || (exponent.count == 4 && (exponent.first ?? 0) < 0x80)
            else { throw SigningFormatError(.certificate, "the RSA key has a bad public exponent") }
            guard let first = modulus.first else { throw SigningFormatError(.certificate, "the RSA modulus is zero") }
            return modulus.count * 8 - first.leadingZeroBitCount
        }
        guard (SigningLimits.rsaMinimumModulusBits...SigningLimits.rsaModulusBits).contains(bits) else {
            return .unsupported("an RSA key of \(bits) bits")
        }
        return .rsa(try _RSA.Signing.PublicKey(derRepresentation: pkcs1), modulusBits: bits)
    }

    private static func positiveInteger(_ nodes: inout ASN1NodeCollection.Iterator) throws -> ArraySlice<UInt8> {
        // Read as an unsigned number: SwiftASN1 refuses a negative one and strips the sign byte.
        let bytes = try ArraySlice<UInt8>(derEncoded: &nodes)
        return bytes.drop { $0 == 0 }
    }
}

// MARK: - Verifying

extension CertificateKey {
    /// Whether `signature` over `message` is this key's, as X.509 encodes signatures (ECDSA in DER).
    func isValid(
        certificateSignature signature: ArraySlice<UInt8>,
        for message: ArraySlice<UInt8>,
        algorithm: CertificateSignatureAlgorithm
    ) -> Bool {
        switch algorithm {
        case .rsaPKCS1(let hash):
            withDigest(of: message, hash) { isValidRSA(signature, for: $0, padding: .insecurePKCS1v1_5) }
        case .rsaPSS(let hash): withDigest(of: message, hash) { isValidRSA(signature, for: $0, padding: .PSS) }
        case .ecdsa(let hash): withDigest(of: message, hash) { isValidECDSA(der: signature, for: $0) }
        case .unsupported: false
        }
    }

    /// Whether `signature` over `message` is this key's, as JOSE and COSE encode signatures (ECDSA as `r ‖ s`).
    ///
    /// RSASSA-PSS is verified with a salt exactly as long as the hash.
    func isValid(
        envelopeSignature signature: ArraySlice<UInt8>,
        for message: ArraySlice<UInt8>,
        algorithm: SignatureAlgorithm
    ) -> Bool {
        guard signatureAlgorithm == algorithm, signature.count == algorithm.signatureBytes else { return false }
        return withDigest(of: message, algorithm.hash) { digest in
            switch self {
            case .rsa: isValidRSA(signature, for: digest, padding: .PSS)
            default: isValidECDSA(raw: signature, for: digest)
            }
        }
    }

    private func withDigest(
        of message: ArraySlice<UInt8>,
        _ hash: HashAlgorithm,
        _ body: (any Crypto.Digest) -> Bool
    ) -> Bool {
        switch hash {
        case .sha256: body(SHA256.hash(data: message))
        case .sha384: body(SHA384.hash(data: message))
        case .sha512: body(SHA512.hash(data: message))
        }
    }

    private func isValidRSA(
        _ signature: ArraySlice<UInt8>,
        for digest: some Crypto.Digest,
        padding: _RSA.Signing.Padding
    ) -> Bool {
        guard case .rsa(let key, let bits) = self, signature.count == (bits + 7) / 8 else { return false }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return key.isValidSignature(signature, for: digest, padding: padding)
    }

    private func isValidECDSA(der: ArraySlice<UInt8>, for digest: some Crypto.Digest) -> Bool {
        switch self {
        case .p256(let key):
            (try? P256.Signing.ECDSASignature(derRepresentation: der)).map { key.isValidSignature($0, for: digest) }
                ?? false
        case .p384(let key):
            (try? P384.Signing.ECDSASignature(derRepresentation: der)).map { key.isValidSignature($0, for: digest) }
                ?? false
        case .p521(let key):
            (try? P521.Signing.ECDSASignature(derRepresentation: der)).map { key.isValidSignature($0, for: digest) }
                ?? false
        case .rsa, .unsupported: false
        }
    }

    private func isValidECDSA(raw: ArraySlice<UInt8>, for digest: some Crypto.Digest) -> Bool {
        switch self {
        case .p256(let key):
            (try? P256.Signing.ECDSASignature(rawRepresentation: raw)).map { key.isValidSignature($0, for: digest) }
                ?? false
        case .p384(let key):
            (try? P384.Signing.ECDSASignature(rawRepresentation: raw)).map { key.isValidSignature($0, for: digest) }
                ?? false
        case .p521(let key):
            (try? P521.Signing.ECDSASignature(rawRepresentation: raw)).map { key.isValidSignature($0, for: digest) }
                ?? false
        case .rsa, .unsupported: false
        }
    }
}
