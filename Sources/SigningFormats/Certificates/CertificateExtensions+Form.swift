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
        case ObjectIdentifiers.nameConstraints: try checkConstraints(try parts(of: value))
        case ObjectIdentifiers.subjectAltName: for name in try parts(of: value) { try checkName(name) }
        case ObjectIdentifiers.certificatePolicies: try checkPolicies(try parts(of: value))
        default: break
        }
    }

    /// What must not be critical (RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1).
    private static let neverCritical: Set<ASN1ObjectIdentifier> = [
        ObjectIdentifiers.authorityKeyIdentifier, ObjectIdentifiers.subjectKeyIdentifier,
        ObjectIdentifiers.authorityInformationAccess,
    ]

    private static func parts(of value: ArraySlice<UInt8>) throws -> ASN1NodeCollection {
        guard case .constructed(let parts) = try sequence(value).content else {
            throw SigningFormatError(.certificate, "a certificate's extension is not a sequence")
        }
        return parts
    }

    /// Each policy has an identifier of its own (RFC 5280 §4.2.1.4).
    ///
    /// It may be longer than numbers here can be, such as one made of a UUID, so that its numbers are not read.
    private static func checkPolicies(_ policies: ASN1NodeCollection) throws {
        var seen: Set<ArraySlice<UInt8>> = []
        for policy in policies {
            guard policy.identifier == .sequence, case .constructed(let parts) = policy.content,
                let identifier = parts.first(where: { _ in true }), identifier.identifier == .objectIdentifier,
                case .primitive(let bytes) = identifier.content, let last = bytes.last, last < 0x80
            else { throw SigningFormatError(.certificate, "a certificate's policy has no identifier") }
            guard seen.insert(bytes).inserted else {
                throw SigningFormatError(.certificate, "a certificate has a policy twice")
            }
        }
    }

    /// Names that are permitted, names that are not, or both (RFC 5280 §4.2.1.10); which, is not read.
    private static func checkConstraints(_ subtrees: ASN1NodeCollection) throws {
        var count = 0
        for node in subtrees {
            guard node.identifier.tagClass == .contextSpecific, node.identifier.tagNumber <= 1 else {
                throw SigningFormatError(.certificate, "a certificate's name constraints are malformed")
            }
            count += 1
        }
        guard (1...2).contains(count) else {
            throw SigningFormatError(.certificate, "a certificate's name constraints are empty or malformed")
        }
    }

    /// A GeneralName (RFC 5280 §4.2.1.6): addresses, host names and URIs are ASCII, and an IP address has 4 or 16 bytes.
    private static func checkName(_ node: ASN1Node) throws {
        guard node.identifier.tagClass == .contextSpecific, case .primitive(let bytes) = node.content else { return }
        let isGood =
            switch node.identifier.tagNumber {
            case 1, 2, 6: bytes.allSatisfy { $0 < 0x80 }
            case 7: bytes.count == 4 || bytes.count == 16
            default: true
            }
        guard isGood else { throw SigningFormatError(.certificate, "a certificate has a malformed alternative name") }
    }
}
