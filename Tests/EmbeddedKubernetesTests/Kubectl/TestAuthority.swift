import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate authority for one test.
struct TestAuthority {
    private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    private let certificate: Certificate

    init() throws {
        let name = try DistinguishedName { CommonName("Test Authority") }
        certificate = try Certificate(
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
    }

    var pem: String {
        get throws { try certificate.serializeAsPEM().pemString }
    }

    /// A certificate for a person or for IPv4 addresses, and its key, both PEM.
    func issue(name: String = "server", organizations: [String] = [], addresses: [[UInt8]] = []) throws
        -> (certificate: String, key: String)
    {
        let leafKey = P256.Signing.PrivateKey()
        let alternatives = addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: ArraySlice($0))) }
        let leaf = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: .init(leafKey.publicKey),
            notValidBefore: Date().addingTimeInterval(-3600),
            notValidAfter: Date().addingTimeInterval(3600),
            issuer: certificate.subject,
            subject: try DistinguishedName {
                for organization in organizations { OrganizationName(organization) }
                CommonName(name)
            },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                if !alternatives.isEmpty { SubjectAlternativeNames(alternatives) }
            },
            issuerPrivateKey: key
        )
        return (try leaf.serializeAsPEM().pemString, leafKey.pemRepresentation)
    }
}
