import SwiftASN1

/// A TimeStampToken (RFC 3161 §2.4.2): CMS signed data (RFC 5652 §5) around a ``TimestampInfo``.
///
/// Read strictly from DER, with nothing proven: who signed it, and whether that may be believed, is for others to judge.
///
/// RFC 5652 allows BER around the information. Lengths and encodings other than DER's are refused here, although the
/// reference implementation reads such as have definite lengths: no time-stamping authority is known to send them, and one
/// set of bytes then has one reading. The order of SETs is not insisted on, since some authorities do not sort.
public struct TimestampToken: Sendable, Hashable {
    /// What the authority says.
    public let info: TimestampInfo
    /// The certificates that came along, in no order.
    public let certificates: [X509Certificate]
    /// Who signed; at least one.
    public let signers: [TimestampSigner]
    /// The information as it was signed.
    let content: ArraySlice<UInt8>

    /// Reads a token; nothing may follow it.
    public init(der: [UInt8]) throws(SigningFormatError) {
        guard der.count <= SigningLimits.timestampTokenBytes else {
            throw SigningFormatError(
                .limitExceeded,
                "the token has more than \(SigningLimits.timestampTokenBytes) bytes"
            )
        }
        do {
            let node = try ASN1Node.parsed(der[...], as: "the token")
            self = try DER.sequence(node, identifier: .sequence) { nodes in
                guard try ASN1ObjectIdentifier(derEncoded: &nodes) == ObjectIdentifiers.signedData else {
                    throw SigningFormatError(.unsupported, "the token is not CMS signed data")
                }
                return try DER.explicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                    try TimestampToken(signedData: $0)
                }
            }
        } catch let error as SigningFormatError {
            throw error
        } catch {
            let code = (error as? ASN1Error).map { " (\($0.code))" } ?? ""
            throw SigningFormatError(.malformed, "the token is not the DER of a timestamp\(code)")
        }
    }

    /// Whether the digest that `signer` signed is that of the information.
    public func isSigned(by signer: TimestampSigner) -> Bool {
        guard let hash = signer.digestAlgorithm, let digest = signer.attributes?.messageDigest else { return false }
        return hash.digest(of: content).elementsEqual(digest)
    }

    private init(signedData node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            let version = try Int(derEncoded: &nodes)
            guard version == 3 else {
                throw SigningFormatError(.unsupported, "the token's signed data has version \(version), not 3")
            }
            // The list of digest algorithms only helps readers that work in one pass.
            guard let digests = nodes.next(), digests.identifier == .set, let encapsulated = nodes.next() else {
                throw SigningFormatError(.malformed, "the token is incomplete")
            }
            let content = try Self.content(encapsulated)
            let certificates = try DER.optionalImplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                try Self.certificates($0)
            }
            _ = DER.optionalImplicitlyTagged(&nodes, tagNumber: 1, tagClass: .contextSpecific) { _ in }
            guard let signers = nodes.next() else {
                throw SigningFormatError(.malformed, "the token has no list of signers")
            }
            return TimestampToken(
                info: try TimestampInfo(der: content),
                certificates: certificates ?? [],
                signers: try Self.signers(signers),
                content: content
            )
        }
    }

    private init(
        info: TimestampInfo,
        certificates: [X509Certificate],
        signers: [TimestampSigner],
        content: ArraySlice<UInt8>
    ) {
        self.info = info
        self.certificates = certificates
        self.signers = signers
        self.content = content
    }

    private static func content(_ node: ASN1Node) throws -> ArraySlice<UInt8> {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let type = try ASN1ObjectIdentifier(derEncoded: &nodes)
            guard type == ObjectIdentifiers.timestampInfo else {
                throw SigningFormatError(.unsupported, "the token holds content of type \(type), not a timestamp")
            }
            return try DER.explicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                try ASN1OctetString(derEncoded: $0).bytes
            }
        }
    }

    private static func certificates(_ node: ASN1Node) throws -> [X509Certificate] {
        let nodes = try node.children(
            of: "the token's list of certificates",
            limit: SigningLimits.timestampCertificates
        )
        return try nodes.map { node in
            guard node.identifier == .sequence else {
                throw SigningFormatError(.unsupported, "the token holds a certificate that is not an X.509 certificate")
            }
            return try X509Certificate(der: Array(node.encodedBytes))
        }
    }

    private static func signers(_ node: ASN1Node) throws -> [TimestampSigner] {
        let nodes = try node.children(
            .set,
            of: "the token's list of signers",
            limit: SigningLimits.timestampSigners
        )
        guard !nodes.isEmpty else { throw SigningFormatError(.malformed, "nobody signed the token") }
        return try nodes.map { try TimestampSigner($0) }
    }
}
