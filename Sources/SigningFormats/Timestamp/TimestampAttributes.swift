public import FoundationEssentials
import SwiftASN1

/// The signed attributes of a ``TimestampSigner`` (RFC 5652 §5.3, §11; RFC 5035 §3).
///
/// An attribute that is there twice, or with other than one value, is refused.
public struct TimestampAttributes: Sendable, Hashable {
    /// Whether the content type is there and says that the content is a timestamp.
    public let namesTimestamp: Bool
    /// When the signer says it signed; `nil` when it says nothing.
    public let signingTime: Date?
    /// The signer's certificate; `nil` when the attribute is missing.
    public let signingCertificate: SigningCertificate?
    /// Whether the signer's certificate is named the old way, by a SHA-1 hash.
    public let namesCertificateBySHA1: Bool
    let messageDigest: ArraySlice<UInt8>?
    /// What the signature is over: the attributes as a SET OF in DER, whatever order they came in (RFC 5652 §5.4).
    let signedBytes: [UInt8]

    /// The first ESSCertIDv2 of the attribute signingCertificateV2: the certificate of the signer, by its hash.
    public struct SigningCertificate: Sendable, Hashable {
        /// The certificate's name, where it is said.
        public let reference: TimestampSigner.CertificateReference?
        let hash: HashAlgorithm?
        let certificateHash: ArraySlice<UInt8>

        /// Whether the hash is one that may be used: SHA-256, SHA-384 or SHA-512.
        public var hasStrongHash: Bool { hash != nil }

        /// Whether `certificate` has the hash.
        public func identifies(_ certificate: X509Certificate) -> Bool {
            hash.map { $0.digest(of: certificate.der).elementsEqual(certificateHash) } ?? false
        }
    }
}

// MARK: - Reading

extension TimestampAttributes {
    init(_ node: ASN1Node) throws {
        let nodes = try node.children(
            of: "the token's list of signed attributes",
            limit: SigningLimits.timestampAttributes
        )
        var values: [ASN1ObjectIdentifier: ASN1Node] = [:]
        for node in nodes {
            let (type, value) = try Self.attribute(node)
            guard values.updateValue(value, forKey: type) == nil else {
                throw SigningFormatError(.malformed, "the token has the signed attribute \(type) twice")
            }
        }
        namesTimestamp =
            try values[ObjectIdentifiers.contentType].map { try ASN1ObjectIdentifier(derEncoded: $0) }
            == ObjectIdentifiers.timestampInfo
        messageDigest = try values[ObjectIdentifiers.messageDigest].map { try ASN1OctetString(derEncoded: $0).bytes }
        signingTime = try values[ObjectIdentifiers.signingTime].map(Self.time)
        signingCertificate = try values[ObjectIdentifiers.signingCertificateV2].map { try SigningCertificate($0) }
        namesCertificateBySHA1 = values[ObjectIdentifiers.signingCertificate] != nil
        signedBytes = try Self.encoded(nodes)
    }

    private static func attribute(_ node: ASN1Node) throws -> (ASN1ObjectIdentifier, ASN1Node) {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let type = try ASN1ObjectIdentifier(derEncoded: &nodes)
            guard let set = nodes.next() else {
                throw SigningFormatError(.malformed, "the signed attribute \(type) has no value")
            }
            let values = try set.children(
                .set,
                of: "the signed attribute \(type)",
                limit: SigningLimits.timestampAttributeValues
            )
            guard let value = values.first, values.count == 1 else {
                throw SigningFormatError(.malformed, "the signed attribute \(type) does not have exactly one value")
            }
            return (type, value)
        }
    }

    private static func time(_ node: ASN1Node) throws -> Date {
        guard node.identifier == .utcTime else {
            return TimestampTime.date(try TimestampTime.sinceEpoch(node))
        }
        guard let civil = CivilTime(try UTCTime(derEncoded: node)) else {
            throw SigningFormatError(.malformed, "the token's signing time is no date")
        }
        return civil.date
    }

    private static func encoded(_ attributes: [ASN1Node]) throws -> [UInt8] {
        let sorted = attributes.map(\.encodedBytes).sorted { $0.lexicographicallyPrecedes($1) }
        var serializer = DER.Serializer()
        serializer.appendConstructedNode(identifier: .set) { serializer in
            for attribute in sorted { serializer.serializeRawBytes(attribute) }
        }
        return serializer.serializedBytes
    }
}

extension TimestampAttributes.SigningCertificate {
    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let list = nodes.next() else {
                throw SigningFormatError(.malformed, "the token names no signing certificate")
            }
            let limit = SigningLimits.timestampAttributeValues
            let identifiers = try list.children(.sequence, of: "the token's list of signing certificates", limit: limit)
            guard let first = identifiers.first else {
                throw SigningFormatError(.malformed, "the token names no signing certificate")
            }
            // Policies, which nobody demands.
            _ = DER.optionalImplicitlyTagged(&nodes, tagNumber: 16, tagClass: .universal) { _ in }
            return try Self(identifier: first)
        }
    }

    private init(identifier node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            let named = try DER.optionalImplicitlyTagged(&nodes, tagNumber: 16, tagClass: .universal) {
                try AlgorithmIdentifierFields($0)
            }
            let certificateHash = try ASN1OctetString(derEncoded: &nodes).bytes
            let reference = try DER.optionalImplicitlyTagged(&nodes, tagNumber: 16, tagClass: .universal) {
                try Self.reference($0)
            }
            return Self(
                reference: reference,
                hash: named.map { HashAlgorithm($0) } ?? .sha256,
                certificateHash: certificateHash
            )
        }
    }

    /// IssuerSerial, with exactly one name, a directory name (RFC 5035 §5).
    private static func reference(_ node: ASN1Node) throws -> TimestampSigner.CertificateReference {
        try DER.sequence(node, identifier: .sequence) { nodes in
            guard let names = nodes.next(),
                let name = try names.children(.sequence, of: "the issuer of the signing certificate", limit: 1).first
            else { throw SigningFormatError(.malformed, "the issuer of the signing certificate has no name") }
            let issuer = try DER.explicitlyTagged(name, tagNumber: 4, tagClass: .contextSpecific) { try X509Name($0) }
            return TimestampSigner.CertificateReference(
                issuer: issuer,
                serialNumber: try ArraySlice<UInt8>(derEncoded: &nodes)
            )
        }
    }
}
