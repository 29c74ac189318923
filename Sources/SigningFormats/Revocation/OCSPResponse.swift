public import FoundationEssentials
import SwiftASN1

/// The answer of an OCSP responder (RFC 6960 §4.2), of the basic type.
///
/// Reading proves nothing about it: see ``isSigned(by:)`` and ``names(_:)``.
public struct OCSPResponse: Sendable {
    /// How a responder names itself.
    enum Responder: Sendable {
        case name(X509Name)
        case key([UInt8])
    }

    /// When the answer was signed.
    public let producedAt: Date
    /// What it says, about any number of certificates.
    public let answers: [OCSPAnswer]
    /// The certificates that it brings along, one of which may be the responder's.
    public let certificates: [X509Certificate]
    /// Critical extensions of the whole response, as dotted identifiers; none is understood here.
    public let unknownCritical: [String]
    private let responder: Responder
    private let signedBytes: ArraySlice<UInt8>
    private let algorithm: CertificateSignatureAlgorithm
    private let signature: ArraySlice<UInt8>

    /// Reads one response; nothing may follow it.
    ///
    /// - Throws: ``SigningFormatError``, with code `unsupported` for a responder that says that it gives no answer.
    public init(_ bytes: [UInt8]) throws(SigningFormatError) {
        guard bytes.count <= SigningLimits.ocspResponseBytes else {
            throw SigningFormatError(.limitExceeded, "it has more than \(SigningLimits.ocspResponseBytes) bytes")
        }
        do {
            try self.init(basic: try Self.basic(bytes))
        } catch let error as SigningFormatError {
            throw error
        } catch {
            throw SigningFormatError(.malformed, "it is not the DER of an OCSP response")
        }
    }

    /// The BasicOCSPResponse inside.
    private static func basic(_ bytes: [UInt8]) throws -> ArraySlice<UInt8> {
        let node = try ASN1Node.parsed(bytes[...], as: "it")
        return try DER.sequence(node, identifier: .sequence) { nodes in
            guard let status = nodes.next(), status.identifier == .enumerated,
                case .primitive(let code) = status.content, code.count == 1, let code = code.first
            else { throw SigningFormatError(.malformed, "it has no status") }
            guard code == 0 else {
                throw SigningFormatError(
                    .unsupported,
                    "the responder says \(failures[code] ?? "that it failed with code \(code)")"
                )
            }
            let content = try DER.explicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { $0 }
            return try DER.sequence(content, identifier: .sequence) { nodes in
                guard try ASN1ObjectIdentifier(derEncoded: &nodes) == ObjectIdentifiers.basicOCSPResponse else {
                    throw SigningFormatError(.unsupported, "it is not of the basic type")
                }
                return try ASN1OctetString(derEncoded: &nodes).bytes
            }
        }
    }

    private static let failures: [UInt8: String] = [
        1: "malformedRequest", 2: "internalError", 3: "tryLater", 5: "sigRequired", 6: "unauthorized",
    ]

    private init(basic bytes: ArraySlice<UInt8>) throws {
        let node = try ASN1Node.parsed(bytes, as: "it")
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let data = nodes.next(), let algorithm = nodes.next() else {
                throw SigningFormatError(.malformed, "it is incomplete")
            }
            let signature = try ASN1BitString(derEncoded: &nodes)
            guard signature.paddingBits == 0 else {
                throw SigningFormatError(.malformed, "its signature is not a whole number of bytes")
            }
            return OCSPResponse(
                data: try ResponseData(data),
                signedBytes: data.encodedBytes,
                algorithm: try CertificateSignatureAlgorithm(algorithm),
                signature: signature.bytes,
                certificates: try Self.certificates(nodes.next())
            )
        }
    }

    private init(
        data: ResponseData,
        signedBytes: ArraySlice<UInt8>,
        algorithm: CertificateSignatureAlgorithm,
        signature: ArraySlice<UInt8>,
        certificates: [X509Certificate]
    ) {
        producedAt = data.producedAt
        answers = data.answers
        unknownCritical = data.unknownCritical
        responder = data.responder
        self.signedBytes = signedBytes
        self.algorithm = algorithm
        self.signature = signature
        self.certificates = certificates
    }

    private static func certificates(_ node: ASN1Node?) throws -> [X509Certificate] {
        guard let node else { return [] }
        guard node.isTagged(0) else { throw SigningFormatError(.malformed, "it has an unknown field") }
        let limit = SigningLimits.ocspCertificates
        return try RevocationExtension.inside(node).children(.sequence, of: "its list of certificates", limit: limit)
            .map { try X509Certificate(der: Array($0.encodedBytes)) }
    }

    /// Whether the responder names itself as `certificate`.
    public func names(_ certificate: X509Certificate) -> Bool {
        switch responder {
        case .name(let name): name == certificate.subject
        case .key(let hash): hash == CertificateIdentifier.keyHash(certificate)
        }
    }

    /// Whether the key of `certificate` made the signature over the response.
    public func isSigned(by certificate: X509Certificate) -> Bool {
        certificate.key.isValid(certificateSignature: signature, for: signedBytes, algorithm: algorithm)
    }

    /// What it is signed with, when that is no algorithm that may be used.
    public var unsupportedAlgorithm: String? { algorithm.unsupportedName }
}

extension CertificateSignatureAlgorithm {
    /// The name of an algorithm that may not be used; `nil` for one that may.
    var unsupportedName: String? {
        guard case .unsupported(let name) = self else { return nil }
        return name
    }
}

/// ResponseData (RFC 6960 §4.2.1).
private struct ResponseData {
    let responder: OCSPResponse.Responder
    let producedAt: Date
    let answers: [OCSPAnswer]
    let unknownCritical: [String]

    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            let version = try DER.decodeDefaultExplicitlyTagged(
                &nodes,
                tagNumber: 0,
                tagClass: .contextSpecific,
                defaultValue: 0
            )
            guard version == 0 else { throw SigningFormatError(.unsupported, "it is of an unknown version") }
            guard let responder = nodes.next(), let time = nodes.next(), let list = nodes.next() else {
                throw SigningFormatError(.malformed, "it is incomplete")
            }
            let extensions = try nodes.next().map { node in
                guard node.isTagged(1) else { throw SigningFormatError(.malformed, "it has an unknown field") }
                return try RevocationExtension.list(try RevocationExtension.inside(node))
            }
            return Self(
                responder: try Self.responder(responder),
                producedAt: try DERTime.generalized(time),
                answers: try Self.answers(list),
                unknownCritical: (extensions ?? []).filter(\.isCritical).map(\.identifier.description)
            )
        }
    }

    private init(
        responder: OCSPResponse.Responder,
        producedAt: Date,
        answers: [OCSPAnswer],
        unknownCritical: [String]
    ) {
        self.responder = responder
        self.producedAt = producedAt
        self.answers = answers
        self.unknownCritical = unknownCritical
    }

    private static func responder(_ node: ASN1Node) throws -> OCSPResponse.Responder {
        let inner = try RevocationExtension.inside(node)
        if node.isTagged(1) { return .name(try X509Name(inner)) }
        guard node.isTagged(2) else { throw SigningFormatError(.malformed, "it does not say who answers") }
        return .key(Array(try ASN1OctetString(derEncoded: inner).bytes))
    }

    private static func answers(_ node: ASN1Node) throws -> [OCSPAnswer] {
        try node.children(.sequence, of: "its list of answers", limit: SigningLimits.ocspAnswers).map {
            try OCSPAnswer($0)
        }
    }
}
