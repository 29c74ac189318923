import SwiftASN1

/// An AlgorithmIdentifier (RFC 5280 §4.1.1.2), taken apart.
struct AlgorithmIdentifierFields {
    let algorithm: ASN1ObjectIdentifier
    let parameters: ASN1Node?

    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            Self(algorithm: try ASN1ObjectIdentifier(derEncoded: &nodes), parameters: nodes.next())
        }
    }

    private init(algorithm: ASN1ObjectIdentifier, parameters: ASN1Node?) {
        self.algorithm = algorithm
        self.parameters = parameters
    }

    var hasNullOrAbsentParameters: Bool { parameters == nil || parameters?.identifier == .null }

    /// Looks at what is not read further when the algorithm is not known here, in a certificate.
    func checkForm() throws(SigningFormatError) {
        try algorithm.checkNumbers()
        guard parameters?.hasShortTag ?? true else {
            throw SigningFormatError(.certificate, "a certificate names an algorithm with malformed parameters")
        }
    }
}

/// How a certificate is signed.
///
/// Only what may be used has a case of its own.
enum CertificateSignatureAlgorithm: Sendable, Hashable {
    case rsaPKCS1(HashAlgorithm)
    case rsaPSS(HashAlgorithm)
    case ecdsa(HashAlgorithm)
    /// Anything else, SHA-1 included; the text names it.
    case unsupported(String)

    init(_ node: ASN1Node) throws {
        let fields = try AlgorithmIdentifierFields(node)
        let name = Self.names[fields.algorithm] ?? "algorithm \(fields.algorithm)"
        switch fields.algorithm {
        case ObjectIdentifiers.sha256WithRSA where fields.hasNullOrAbsentParameters: self = .rsaPKCS1(.sha256)
        case ObjectIdentifiers.sha384WithRSA where fields.hasNullOrAbsentParameters: self = .rsaPKCS1(.sha384)
        case ObjectIdentifiers.sha512WithRSA where fields.hasNullOrAbsentParameters: self = .rsaPKCS1(.sha512)
        case ObjectIdentifiers.ecdsaWithSHA256 where fields.parameters == nil: self = .ecdsa(.sha256)
        case ObjectIdentifiers.ecdsaWithSHA384 where fields.parameters == nil: self = .ecdsa(.sha384)
        case ObjectIdentifiers.ecdsaWithSHA512 where fields.parameters == nil: self = .ecdsa(.sha512)
        case ObjectIdentifiers.rsaPSS:
            self =
                try fields.parameters.flatMap(Self.pssHash).map { .rsaPSS($0) }
                ?? .unsupported("RSASSA-PSS with other parameters")
        default: self = .unsupported(name)
        }
    }

    private static let names: [ASN1ObjectIdentifier: String] = [
        ObjectIdentifiers.sha1WithRSA: "SHA-1 with RSA",
        ObjectIdentifiers.ecdsaWithSHA1: "ECDSA with SHA-1",
    ]

    /// The hash of RSASSA-PSS-params (RFC 4055 §3.1) when all of it is explicit and agrees: one hash for message and
    /// MGF1, a salt of the hash's length, the default trailer.
    ///
    /// The defaults are SHA-1, so an omitted field is a refusal.
    private static func pssHash(_ node: ASN1Node) throws -> HashAlgorithm? {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let hash = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific, digest)
            let mask = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 1, tagClass: .contextSpecific) { node in
                let fields = try AlgorithmIdentifierFields(node)
                return fields.algorithm == ObjectIdentifiers.mgf1 ? try fields.parameters.flatMap(digest) : nil
            }
            let salt = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 2, tagClass: .contextSpecific) {
                try Int(derEncoded: $0)
            }
            let trailer = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 3, tagClass: .contextSpecific) {
                try Int(derEncoded: $0)
            }
            guard let hash = hash ?? nil, hash == mask ?? nil, salt == hash.byteCount, (trailer ?? 1) == 1 else {
                return nil
            }
            return hash
        }
    }

    private static func digest(_ node: ASN1Node) throws -> HashAlgorithm? {
        HashAlgorithm(try AlgorithmIdentifierFields(node))
    }
}
