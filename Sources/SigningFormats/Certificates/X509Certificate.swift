import Crypto
public import FoundationEssentials
import SwiftASN1

/// One X.509 certificate (RFC 5280 §4), read strictly from DER.
///
/// Reading proves nothing about it: see ``CertificateChain``.
public struct X509Certificate: Sendable, Hashable, CustomStringConvertible {
    /// The whole certificate.
    ///
    /// Two certificates are the same when these bytes are.
    public let der: [UInt8]
    /// Who it is for.
    public let subject: X509Name
    /// Who issued it.
    public let issuer: X509Name
    /// The serial number, big-endian.
    public let serialNumber: ArraySlice<UInt8>
    /// The first moment of validity.
    public let notBefore: Date
    /// The last moment of validity.
    public let notAfter: Date
    let tbsBytes: ArraySlice<UInt8>
    let key: CertificateKey
    /// The bytes of the public key, without its algorithm: what OCSP identifies an issuer's key by.
    let publicKeyBits: ArraySlice<UInt8>
    let signatureAlgorithm: CertificateSignatureAlgorithm
    let signature: ArraySlice<UInt8>
    let extensions: CertificateExtensions

    /// Certificates are compared byte by byte.
    public static func == (left: X509Certificate, right: X509Certificate) -> Bool { left.der == right.der }

    /// Hashes the DER, as one piece: an array would be hashed byte by byte.
    public func hash(into hasher: inout Hasher) { der.withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// The subject, for people.
    public var description: String { subject.description }

    /// Whether it may issue others (BasicConstraints CA).
    public var isCertificateAuthority: Bool { extensions.basicConstraints?.isAuthority ?? false }

    /// Whether it has a key usage and that includes signing certificates.
    public var mayIssueCertificates: Bool { extensions.keyUsage?.contains(.keyCertSign) ?? false }

    /// Whether subject and issuer are the same bytes.
    public var isSelfIssued: Bool { subject == issuer }

    /// Whether it names itself as issuer and its own key made its signature.
    ///
    /// The name alone proves nothing.
    public var isSelfSigned: Bool { isSelfIssued && hasValidSignature(from: self) }

    /// Where OCSP responders are asked about it (AIA); `nil` when it names none.
    public var ocspResponders: RevocationPointers? { extensions.ocspResponders }

    /// Where the revocation lists are that it would be on (CRLDistributionPoints); `nil` when it names none.
    public var revocationLists: RevocationPointers? { extensions.revocationLists }

    /// Where delta lists are that it would be on (FreshestCRL); `nil` when it names none.
    public var freshestLists: RevocationPointers? { extensions.freshestLists }

    /// Whether it says where to find out if it was revoked.
    public var isRevocable: Bool { ocspResponders != nil || revocationLists != nil || freshestLists != nil }

    /// Whether it has a key usage and that includes signing revocation lists (RFC 5280 §4.2.1.3, cRLSign).
    public var maySignRevocationLists: Bool { extensions.keyUsage?.contains(.cRLSign) ?? false }

    /// Why it may not answer OCSP requests in its issuer's stead (RFC 6960 §4.2.2.2), as a clause; `nil` when it may.
    public var rejectionAsOCSPResponder: String? {
        guard extensions.extendedKeyUsages?.contains(ObjectIdentifiers.ocspSigning) == true else {
            return "lacks the extended key usage OCSPSigning"
        }
        guard extensions.keyUsage?.contains(.digitalSignature) ?? true else {
            return "lacks the key usage digitalSignature"
        }
        let unknown = extensions.unknownCritical.first { $0 != ObjectIdentifiers.ocspNoCheck.description }
        return unknown.map { "has the critical extension \($0), which is not understood here" }
    }

    /// Whether its issuer says that an OCSP responder with it is not to be asked about (RFC 6960 §4.2.2.2.1).
    public var hasOCSPNoCheck: Bool { extensions.hasOCSPNoCheck }

    /// Whether `date` lies within the validity, both ends included.
    public func isValid(at date: Date) -> Bool { notBefore <= date && date <= notAfter }

    /// The algorithm its key signs envelopes with; `nil` when the key may not sign any.
    public var envelopeAlgorithm: SignatureAlgorithm? { key.signatureAlgorithm }

    /// The SHA-256 of the DER, in lower-case hex.
    public var fingerprint: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in SHA256.hash(data: der) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether the key of `issuer` made this certificate's signature.
    public func hasValidSignature(from issuer: X509Certificate) -> Bool {
        issuer.key.isValid(certificateSignature: signature, for: tbsBytes, algorithm: signatureAlgorithm)
    }
}

// MARK: - Reading

extension X509Certificate {
    /// Reads one certificate; nothing may follow it.
    public init(der: [UInt8]) throws(SigningFormatError) {
        guard der.count <= SigningLimits.certificateBytes else {
            throw SigningFormatError(
                .limitExceeded,
                "a certificate has more than \(SigningLimits.certificateBytes) bytes"
            )
        }
        do {
            let node = try ASN1Node.parsed(der[...], as: "a certificate")
            self = try DER.sequence(node, identifier: .sequence) { nodes in
                guard let tbs = nodes.next(), let algorithm = nodes.next() else {
                    throw SigningFormatError(.certificate, "a certificate is incomplete")
                }
                let signature = try ASN1BitString(derEncoded: &nodes)
                guard signature.paddingBits == 0 else {
                    throw SigningFormatError(.certificate, "a certificate's signature is not a whole number of bytes")
                }
                return try X509Certificate(der: der, tbs: tbs, algorithm: algorithm, signature: signature.bytes)
            }
        } catch let error as SigningFormatError {
            throw error
        } catch {
            throw SigningFormatError(.certificate, "a certificate cannot be read: \(Self.summary(error))")
        }
    }

    /// A short text for an error of the DER reader; its own may quote the data.
    private static func summary(_ error: any Error) -> String {
        guard let error = error as? ASN1Error else { return "its public key is not valid" }
        return "not the DER of a certificate (\(error.code))"
    }

    private init(der: [UInt8], tbs: ASN1Node, algorithm: ASN1Node, signature: ArraySlice<UInt8>) throws {
        let fields = try Fields(tbs)
        try AlgorithmIdentifierFields(fields.algorithm).checkForm()
        guard fields.algorithm.encodedBytes == algorithm.encodedBytes else {
            throw SigningFormatError(.certificate, "a certificate names two different signature algorithms")
        }
        self.der = der
        subject = fields.subject
        issuer = fields.issuer
        serialNumber = fields.serialNumber
        notBefore = fields.notBefore
        notAfter = fields.notAfter
        tbsBytes = tbs.encodedBytes
        key = fields.key
        publicKeyBits = fields.publicKeyBits
        signatureAlgorithm = try CertificateSignatureAlgorithm(algorithm)
        self.signature = signature
        extensions = fields.extensions
    }

    /// The TBSCertificate, in the order of RFC 5280 §4.1.
    private struct Fields {
        var serialNumber: ArraySlice<UInt8> = []
        var algorithm: ASN1Node
        var issuer: X509Name
        var subject: X509Name
        var notBefore: Date
        var notAfter: Date
        var key: CertificateKey
        var publicKeyBits: ArraySlice<UInt8>
        var extensions: CertificateExtensions

        init(_ node: ASN1Node) throws {
            self = try DER.sequence(node, identifier: .sequence) { nodes in
                let version = try DER.decodeDefaultExplicitlyTagged(
                    &nodes,
                    tagNumber: 0,
                    tagClass: .contextSpecific,
                    defaultValue: 0
                )
                guard (0...2).contains(version) else {
                    throw SigningFormatError(.certificate, "a certificate has an unknown version")
                }
                let serialNumber = try ArraySlice<UInt8>(derEncoded: &nodes)
                guard let algorithm = nodes.next(), let issuer = nodes.next(), let validity = nodes.next(),
                    let subject = nodes.next(), let key = nodes.next()
                else { throw SigningFormatError(.certificate, "a certificate is incomplete") }
                let (notBefore, notAfter) = try Self.validity(validity)
                return Fields(
                    serialNumber: serialNumber,
                    algorithm: algorithm,
                    issuer: try X509Name(issuer),
                    subject: try X509Name(subject),
                    notBefore: notBefore,
                    notAfter: notAfter,
                    key: try CertificateKey(subjectPublicKeyInfo: key),
                    publicKeyBits: try CertificateKey.bits(subjectPublicKeyInfo: key),
                    extensions: try Self.extensions(&nodes, version: version)
                )
            }
        }

        private init(
            serialNumber: ArraySlice<UInt8>,
            algorithm: ASN1Node,
            issuer: X509Name,
            subject: X509Name,
            notBefore: Date,
            notAfter: Date,
            key: CertificateKey,
            publicKeyBits: ArraySlice<UInt8>,
            extensions: CertificateExtensions
        ) {
            self.serialNumber = serialNumber
            self.algorithm = algorithm
            self.issuer = issuer
            self.subject = subject
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.key = key
            self.publicKeyBits = publicKeyBits
            self.extensions = extensions
        }

        /// Skips the unique identifiers, which nothing uses, and reads the extensions, which only version 3 may have.
        private static func extensions(
            _ nodes: inout ASN1NodeCollection.Iterator,
            version: Int
        ) throws -> CertificateExtensions {
            var lastTag: UInt = 0
            while let node = nodes.next() {
                let tag = node.identifier.tagNumber
                guard node.identifier.tagClass == .contextSpecific, (1...3).contains(tag), tag > lastTag else {
                    throw SigningFormatError(.certificate, "a certificate has an unknown field")
                }
                lastTag = tag
                guard tag == 3 else {
                    // A BIT STRING under another tag, which DER does not take apart (X.690 §10.2). Other readers stop at one
                    // that is, and see no extensions.
                    guard case .primitive = node.content else {
                        throw SigningFormatError(.certificate, "a certificate's unique identifier is not in DER")
                    }
                    continue
                }
                guard version == 2 else {
                    throw SigningFormatError(.certificate, "only a version 3 certificate has extensions")
                }
                return try CertificateExtensions(explicitlyTagged: node)
            }
            return CertificateExtensions()
        }

        private static func validity(_ node: ASN1Node) throws -> (Date, Date) {
            try DER.sequence(node, identifier: .sequence) { nodes in
                guard let first = nodes.next(), let last = nodes.next() else {
                    throw SigningFormatError(.certificate, "a certificate has no validity")
                }
                return (try DERTime.date(first), try DERTime.date(last))
            }
        }
    }
}
