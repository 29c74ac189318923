import Crypto
import SwiftASN1

/// How OCSP names a certificate (RFC 6960 §4.1.1, CertID): hashes of its issuer's name and key, and its serial number.
///
/// The hash is a key to look up by; nothing rests on its strength, which is why SHA-1 may be used here and nowhere else.
struct CertificateIdentifier {
    let algorithm: ASN1ObjectIdentifier
    let issuerNameHash: ArraySlice<UInt8>
    let issuerKeyHash: ArraySlice<UInt8>
    let serialNumber: ArraySlice<UInt8>

    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let algorithm = nodes.next() else {
                throw SigningFormatError(.malformed, "an answer names no certificate")
            }
            let fields = try AlgorithmIdentifierFields(algorithm)
            guard fields.hasNullOrAbsentParameters else {
                throw SigningFormatError(.malformed, "an answer names its certificate by a hash with parameters")
            }
            return Self(
                algorithm: fields.algorithm,
                issuerNameHash: try ASN1OctetString(derEncoded: &nodes).bytes,
                issuerKeyHash: try ASN1OctetString(derEncoded: &nodes).bytes,
                serialNumber: try ArraySlice<UInt8>(derEncoded: &nodes)
            )
        }
    }

    private init(
        algorithm: ASN1ObjectIdentifier,
        issuerNameHash: ArraySlice<UInt8>,
        issuerKeyHash: ArraySlice<UInt8>,
        serialNumber: ArraySlice<UInt8>
    ) {
        self.algorithm = algorithm
        self.issuerNameHash = issuerNameHash
        self.issuerKeyHash = issuerKeyHash
        self.serialNumber = serialNumber
    }

    /// Whether it names `certificate`, which `issuer` issued.
    func names(_ certificate: X509Certificate, issuedBy issuer: X509Certificate) -> Bool {
        guard let nameHash = Self.hash(issuer.subject.der, algorithm),
            let keyHash = Self.hash(issuer.publicKeyBits, algorithm)
        else { return false }
        return issuerNameHash.elementsEqual(nameHash) && issuerKeyHash.elementsEqual(keyHash)
            && serialNumber.drop { $0 == 0 } == certificate.serialNumber.drop { $0 == 0 }
    }

    /// The SHA-1 of a public key: how a responder may name itself (RFC 6960 §4.2.1, KeyHash).
    static func keyHash(_ certificate: X509Certificate) -> [UInt8] {
        Array(Insecure.SHA1.hash(data: certificate.publicKeyBits))
    }

    private static func hash(_ bytes: ArraySlice<UInt8>, _ algorithm: ASN1ObjectIdentifier) -> [UInt8]? {
        switch algorithm {
        case ObjectIdentifiers.sha1: Array(Insecure.SHA1.hash(data: bytes))
        case ObjectIdentifiers.sha256: Array(SHA256.hash(data: bytes))
        case ObjectIdentifiers.sha384: Array(SHA384.hash(data: bytes))
        case ObjectIdentifiers.sha512: Array(SHA512.hash(data: bytes))
        default: nil
        }
    }
}

/// Requests to OCSP responders (RFC 6960 §4.1).
public enum OCSPRequest {
    /// Asks about `certificate`, which `issuer` issued: one certificate named by SHA-1, no nonce and no other extension, so
    /// that a responder may answer with what it has signed in advance (RFC 5019 §2.1).
    ///
    /// - Returns: the request in DER.
    public static func der(_ certificate: X509Certificate, issuedBy issuer: X509Certificate) -> [UInt8] {
        let serial = certificate.serialNumber.drop { $0 == 0 }
        let isNegative = serial.first.map { $0 & 0x80 != 0 } ?? true
        let algorithm = element(0x30, [0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00])
        let identifier = element(
            0x30,
            algorithm + element(0x04, Array(Insecure.SHA1.hash(data: issuer.subject.der)))
                + element(0x04, CertificateIdentifier.keyHash(issuer))
                + element(0x02, (isNegative ? [0] : []) + serial)
        )
        return (0..<4).reduce(identifier) { content, _ in element(0x30, content) }
    }

    /// One DER element of less than 64 KiB: a serial number is as long as a certificate allows.
    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case 0..<0x80: [UInt8(count)]
            case 0x80..<0x100: [0x81, UInt8(count)]
            default:
                [
                    0x83, UInt8(truncatingIfNeeded: count >> 16), UInt8(truncatingIfNeeded: count >> 8),
                    UInt8(truncatingIfNeeded: count),
                ]
            }
        return [tag] + length + content
    }
}
