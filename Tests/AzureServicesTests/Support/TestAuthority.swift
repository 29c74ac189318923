import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate authority for one test, and a server's certificate from it.
struct TestAuthority {
    let authorityPEM: String
    let certificatePEM: String
    let keyPEM: String

    /// Issues a certificate for 127.0.0.1.
    init() throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName { CommonName("Test Authority") }
        let authority = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: Date().addingTimeInterval(-3600),
            notValidAfter: Date().addingTimeInterval(3600),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
            },
            issuerPrivateKey: key
        )
        let leafKey = P256.Signing.PrivateKey()
        let address = GeneralName.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))
        let leaf = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: .init(leafKey.publicKey),
            notValidBefore: Date().addingTimeInterval(-3600),
            notValidAfter: Date().addingTimeInterval(3600),
            issuer: name,
            subject: try DistinguishedName { CommonName("server") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([address]) },
            issuerPrivateKey: key
        )
        authorityPEM = try authority.serializeAsPEM().pemString
        certificatePEM = try leaf.serializeAsPEM().pemString
        keyPEM = leafKey.pemRepresentation
    }
}
