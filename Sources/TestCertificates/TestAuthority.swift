import Crypto
public import FoundationEssentials
import SwiftASN1
import X509

/// A certificate authority for one test, which servers and clients get certificates from.
///
/// Its keys are made anew each time.
public struct TestAuthority: Sendable {
    private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    private let certificate: Certificate
    private let date: Date

    /// Makes the authority.
    ///
    /// - Parameter now: tells the time, once: what the authority makes holds an hour before and after it.
    /// - Throws: what making a certificate throws.
    public init(now: () -> Date = { Date() }) throws {
        date = now()
        let name = try DistinguishedName { CommonName("Test Authority") }
        certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: date.addingTimeInterval(-3600),
            notValidAfter: date.addingTimeInterval(3600),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
            },
            issuerPrivateKey: key
        )
    }

    /// Its own certificate.
    public var pem: String {
        get throws { try certificate.serializeAsPEM().pemString }
    }

    /// Makes a certificate and its key, both PEM.
    ///
    /// - Parameters:
    ///   - name: the common name of the subject.
    ///   - organizations: the organizations of the subject.
    ///   - names: DNS names that it is for; an empty list makes an extension of alternative names with none in it.
    ///   - addresses: IPv4 addresses that it is for; without these and names there is no such extension.
    /// - Returns: both.
    /// - Throws: what making a certificate throws.
    public func issue(
        name: String = "leaf",
        organizations: [String] = [],
        names: [String]? = nil,
        addresses: [[UInt8]] = []
    ) throws -> (certificate: String, key: String) {
        let leafKey = P256.Signing.PrivateKey()
        let alternatives =
            (names ?? []).map { GeneralName.dnsName($0) }
            + addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: ArraySlice($0))) }
        let leaf = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: .init(leafKey.publicKey),
            notValidBefore: date.addingTimeInterval(-3600),
            notValidAfter: date.addingTimeInterval(3600),
            issuer: certificate.subject,
            subject: try DistinguishedName {
                for organization in organizations { OrganizationName(organization) }
                CommonName(name)
            },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                if names != nil || !alternatives.isEmpty { SubjectAlternativeNames(alternatives) }
            },
            issuerPrivateKey: key
        )
        return (try leaf.serializeAsPEM().pemString, leafKey.pemRepresentation)
    }
}
