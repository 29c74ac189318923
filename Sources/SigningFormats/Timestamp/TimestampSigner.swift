import SwiftASN1

/// One signature of a ``TimestampToken`` (SignerInfo, RFC 5652 §5.3).
public struct TimestampSigner: Sendable, Hashable {
    /// The version; 1 where the certificate is named by issuer and serial number.
    public let version: Int
    /// The certificate's name; `nil` where a key identifier stands instead.
    public let certificate: CertificateReference?
    /// The signed attributes; `nil` when there are none, so that the signature would be over the bare content.
    public let attributes: TimestampAttributes?
    let digestAlgorithm: HashAlgorithm?
    let signatureAlgorithm: CertificateSignatureAlgorithm
    let signature: ArraySlice<UInt8>

    /// A certificate named by its issuer and its serial number.
    public struct CertificateReference: Sendable, Hashable {
        /// The issuer.
        public let issuer: X509Name
        /// The serial number, big-endian.
        public let serialNumber: ArraySlice<UInt8>

        /// Whether this names `certificate`; others may have the same name.
        public func names(_ certificate: X509Certificate) -> Bool {
            issuer == certificate.issuer && serialNumber == certificate.serialNumber
        }
    }

    /// What is wrong with the algorithms, in words for people; `nil` when both may be used.
    public var algorithmProblem: String? {
        guard digestAlgorithm != nil else { return "uses a digest other than SHA-256, SHA-384 and SHA-512" }
        guard case .unsupported(let name) = signatureAlgorithm else { return nil }
        return "is signed with \(name), which is not allowed"
    }

    /// Whether the key of `certificate` made the signature over the signed attributes.
    ///
    /// Without signed attributes it never did.
    public func hasValidSignature(from certificate: X509Certificate) -> Bool {
        guard let attributes else { return false }
        return certificate.key.isValid(
            certificateSignature: signature,
            for: attributes.signedBytes[...],
            algorithm: signatureAlgorithm
        )
    }
}

// MARK: - Reading

extension TimestampSigner {
    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            let version = try Int(derEncoded: &nodes)
            guard let identifier = nodes.next(), let digest = nodes.next() else {
                throw SigningFormatError(.malformed, "a signer of the token is incomplete")
            }
            let hash = HashAlgorithm(try AlgorithmIdentifierFields(digest))
            let attributes = try DER.optionalImplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                try TimestampAttributes($0)
            }
            guard let algorithm = nodes.next() else {
                throw SigningFormatError(.malformed, "a signer of the token is incomplete")
            }
            let signature = try ASN1OctetString(derEncoded: &nodes).bytes
            _ = DER.optionalImplicitlyTagged(&nodes, tagNumber: 1, tagClass: .contextSpecific) { _ in }
            return TimestampSigner(
                version: version,
                certificate: identifier.identifier == .sequence ? try CertificateReference(identifier) : nil,
                attributes: attributes,
                digestAlgorithm: hash,
                signatureAlgorithm: try Self.algorithm(algorithm, digest: hash),
                signature: signature
            )
        }
    }

    /// A signature's algorithm may be that of the key alone, `rsaEncryption`; the digest's then completes it
    /// (RFC 3370 §3.2).
    ///
    /// The parameters of RSASSA-PSS name a hash once more, which must be the digest's: the reference implementation looks
    /// at the digest alone.
    private static func algorithm(_ node: ASN1Node, digest: HashAlgorithm?) throws -> CertificateSignatureAlgorithm {
        let fields = try AlgorithmIdentifierFields(node)
        guard fields.algorithm == ObjectIdentifiers.rsaEncryption else {
            let algorithm = try CertificateSignatureAlgorithm(node)
            guard case .rsaPSS(let hash) = algorithm, hash != digest else { return algorithm }
            return .unsupported("RSASSA-PSS and another hash than its digest")
        }
        guard let digest, fields.hasNullOrAbsentParameters else { return .unsupported("RSA and an unknown digest") }
        return .rsaPKCS1(digest)
    }
}

extension TimestampSigner.CertificateReference {
    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let issuer = nodes.next() else {
                throw SigningFormatError(.malformed, "a certificate of the token is named by nothing")
            }
            return Self(issuer: try X509Name(issuer), serialNumber: try ArraySlice<UInt8>(derEncoded: &nodes))
        }
    }
}
