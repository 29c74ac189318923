import SwiftASN1

/// The form of extensions that do not decide what a certificate may do here.
///
/// A certificate that breaks their rules is none (RFC 5280 §4.2.1). The verifiers of others refuse it, and whoever issued it
/// cannot be relied upon.
extension CertificateExtensions {
    /// Looks at an extension; one of a type that is not listed in RFC 5280 §4.2 may be anything.
    ///
    /// - Throws: `SigningFormatError`, and what `SwiftASN1` throws of bytes that are no DER.
    static func checkForm(_ identifier: ASN1ObjectIdentifier, isCritical: Bool, value: ArraySlice<UInt8>) throws {
        if isCritical, neverCritical.contains(identifier) {
            throw SigningFormatError(.certificate, "a certificate says that extension \(identifier) is critical")
        }
        switch identifier {
        case ObjectIdentifiers.subjectKeyIdentifier: _ = try ASN1OctetString(derEncoded: value)
        case ObjectIdentifiers.authorityKeyIdentifier: _ = try parts(of: value)
        case ObjectIdentifiers.nameConstraints: try checkNameConstraints(try parts(of: value))
        case ObjectIdentifiers.subjectAltName: for name in try parts(of: value) { try checkName(name) }
        case ObjectIdentifiers.certificatePolicies: try checkPolicies(try parts(of: value))
        case ObjectIdentifiers.policyMappings: try checkPolicyMappings(value)
        case ObjectIdentifiers.policyConstraints: try checkPolicyConstraints(value)
        case ObjectIdentifiers.inhibitAnyPolicy: try checkInhibitAnyPolicy(value)
        case ObjectIdentifiers.crlDistributionPoints: try checkPoints(try parts(of: value))
        default: break
        }
    }

    /// What must not be critical (RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1).
    private static let neverCritical: Set<ASN1ObjectIdentifier> = [
        ObjectIdentifiers.authorityKeyIdentifier, ObjectIdentifiers.subjectKeyIdentifier,
        ObjectIdentifiers.authorityInformationAccess,
    ]

    /// What is in the value of an extension that is a SEQUENCE.
    static func parts(of value: ArraySlice<UInt8>) throws -> ASN1NodeCollection {
        guard case .constructed(let parts) = try sequence(value).content else {
            throw SigningFormatError(.certificate, "a certificate's extension is not a sequence")
        }
        return parts
    }

    /// A distribution point that begins with a name begins it with a whole one.
    ///
    /// RFC 5280 §4.2.1.13 advises against names relative to the issuer, and other verifiers do not read them.
    private static func checkPoints(_ points: ASN1NodeCollection) throws {
        for point in points {
            guard case .constructed(let fields) = point.content, let field = fields.first(where: { _ in true }),
                field.isTagged(0), case .constructed(let names) = field.content
            else { continue }
            guard let name = names.first(where: { _ in true }), name.isTagged(0), case .constructed = name.content
            else {
                throw SigningFormatError(.certificate, "a distribution point has no full name")
            }
        }
    }

    /// A GeneralName (RFC 5280 §4.2.1.6): mail addresses and host names are ASCII, a URI is one, and an IP address has 4 or
    /// 16 bytes.
    private static func checkName(_ node: ASN1Node) throws(SigningFormatError) {
        guard isName(node) else {
            throw SigningFormatError(.certificate, "a certificate has a malformed alternative name")
        }
    }

    private static func isName(_ node: ASN1Node) -> Bool {
        guard node.identifier.tagClass == .contextSpecific, case .primitive(let bytes) = node.content else {
            return node.hasShortTag
        }
        return switch node.identifier.tagNumber {
        case 1, 2: bytes.allSatisfy { $0 < 0x80 }
        case 6: URIText.isReference(bytes)
        case 7: bytes.count == 4 || bytes.count == 16
        default: node.hasShortTag
        }
    }
}
