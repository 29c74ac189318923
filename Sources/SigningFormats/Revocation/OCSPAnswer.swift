public import FoundationEssentials
import SwiftASN1

/// What an OCSP responder says about one certificate (RFC 6960 §4.2.1, SingleResponse).
public struct OCSPAnswer: Sendable {
    /// What is known about the certificate.
    public enum Status: Sendable, Hashable {
        /// It is not revoked.
        case good
        /// It is revoked, permanently or on hold.
        case revoked(Date, RevocationReason)
        /// The responder does not know it.
        case unknown
    }

    /// What is known about the certificate.
    public let status: Status
    /// When that was last known to be right.
    public let thisUpdate: Date
    /// When there will be newer information at the latest.
    public let nextUpdate: Date?
    /// Since when the certificate's key is known or suspected to have been bad.
    public private(set) var invalidityDate: Date?
    /// Critical extensions of the answer whose meaning is not known here, as dotted identifiers.
    public private(set) var unknownCritical: [String] = []
    private let identifier: CertificateIdentifier

    /// Whether this is about `certificate`, which `issuer` issued: both hashes and the serial number agree.
    public func isAbout(_ certificate: X509Certificate, issuedBy issuer: X509Certificate) -> Bool {
        identifier.names(certificate, issuedBy: issuer)
    }

    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let identifier = nodes.next(), let status = nodes.next(), let time = nodes.next() else {
                throw SigningFormatError(.malformed, "an answer is incomplete")
            }
            let nextUpdate = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                try DERTime.generalized($0)
            }
            let extensions = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 1, tagClass: .contextSpecific) {
                try RevocationExtension.list($0)
            }
            var answer = OCSPAnswer(
                identifier: try CertificateIdentifier(identifier),
                status: try Self.status(status),
                thisUpdate: try DERTime.generalized(time),
                nextUpdate: nextUpdate
            )
            try answer.read(extensions ?? [])
            return answer
        }
    }

    private init(identifier: CertificateIdentifier, status: Status, thisUpdate: Date, nextUpdate: Date?) {
        self.identifier = identifier
        self.status = status
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
    }

    private mutating func read(_ extensions: [RevocationExtension]) throws {
        for item in extensions {
            if item.identifier == ObjectIdentifiers.invalidityDate {
                invalidityDate = try DERTime.generalized(try DER.parse(item.value))
            } else if item.isCritical {
                unknownCritical.append(item.identifier.description)
            }
        }
    }

    private static func status(_ node: ASN1Node) throws -> Status {
        if node.isTagged(1), case .constructed(let fields) = node.content {
            var nodes = fields.makeIterator()
            guard let time = nodes.next() else { throw SigningFormatError(.malformed, "a revocation has no date") }
            let reason = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                try RevocationReason(enumerated: $0)
            }
            guard nodes.next() == nil else { throw SigningFormatError(.malformed, "a revocation has an unknown field") }
            return .revoked(try DERTime.generalized(time), reason ?? .unspecified)
        }
        guard case .primitive(let bytes) = node.content, bytes.isEmpty, node.isTagged(0) || node.isTagged(2) else {
            throw SigningFormatError(.malformed, "an answer has an unknown status")
        }
        return node.isTagged(0) ? .good : .unknown
    }
}
