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
        case ObjectIdentifiers.authorityKeyIdentifier, ObjectIdentifiers.nameConstraints: _ = try parts(of: value)
        case ObjectIdentifiers.subjectAltName, ObjectIdentifiers.issuerAltName:
            for name in try parts(of: value) { try checkName(name) }
        case ObjectIdentifiers.certificatePolicies:
            for policy in try parts(of: value) { try checkPolicy(policy) }
        default: break
        }
    }

    /// What must not be critical (RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1).
    private static let neverCritical: Set<ASN1ObjectIdentifier> = [
        ObjectIdentifiers.authorityKeyIdentifier, ObjectIdentifiers.subjectKeyIdentifier,
        ObjectIdentifiers.authorityInformationAccess,
    ]

    private static func parts(of value: ArraySlice<UInt8>) throws -> ASN1NodeCollection {
        let node = try ASN1Node.parsed(value, as: "an extension of a certificate")
        guard node.identifier == .sequence, case .constructed(let parts) = node.content else {
            throw SigningFormatError(.certificate, "a certificate's extension is not a sequence")
        }
        return parts
    }

    private static func checkPolicy(_ node: ASN1Node) throws {
        guard node.identifier == .sequence, case .constructed(let parts) = node.content,
            let identifier = parts.first(where: { _ in true })
        else { throw SigningFormatError(.certificate, "a certificate's policy has no identifier") }
        _ = try ASN1ObjectIdentifier(derEncoded: identifier)
    }

    /// A GeneralName (RFC 5280 §4.2.1.6): addresses, host names and URIs are ASCII, and an IP address has 4 or 16 bytes.
    private static func checkName(_ node: ASN1Node) throws {
        guard node.identifier.tagClass == .contextSpecific, node.identifier.tagNumber <= 8 else {
            throw SigningFormatError(.certificate, "a certificate has an alternative name of no known kind")
        }
        guard case .primitive(let bytes) = node.content else { return }
        let isGood =
            switch node.identifier.tagNumber {
            case 1, 2, 6: bytes.allSatisfy { $0 < 0x80 }
            case 7: bytes.count == 4 || bytes.count == 16
            default: true
            }
        guard isGood else { throw SigningFormatError(.certificate, "a certificate has a malformed alternative name") }
    }
}
