import SwiftASN1

/// What the certificate of a CA says about the names that it may certify (RFC 5280 §4.2.1.10).
///
/// Nothing is judged by it, but it has its form.
extension CertificateExtensions {
    /// Looks at the names that are permitted and those that are not: one list of each at most, in this order, and a name in
    /// one of them.
    static func checkNameConstraints(_ lists: ASN1NodeCollection) throws {
        var last: UInt?
        var count = 0
        for list in lists {
            let number = list.identifier.tagNumber
            guard list.identifier.tagClass == .contextSpecific, number <= 1, last.map({ $0 < number }) ?? true,
                case .constructed(let subtrees) = list.content
            else { throw SigningFormatError(.certificate, "a certificate's name constraints are malformed") }
            last = number
            for subtree in subtrees {
                guard isSubtree(subtree) else {
                    throw SigningFormatError(.certificate, "a certificate's name constraints have a malformed name")
                }
                count += 1
            }
        }
        guard count > 0 else { throw SigningFormatError(.certificate, "a certificate's name constraints are empty") }
    }

    /// A GeneralSubtree: a name and, unread, which levels below it count, for they are always all of them.
    private static func isSubtree(_ node: ASN1Node) -> Bool {
        guard node.identifier == .sequence, case .constructed(let parts) = node.content,
            let base = parts.first(where: { _ in true }), base.hasShortTag
        else { return false }
        guard base.identifier.tagClass == .contextSpecific, case .primitive(let bytes) = base.content else {
            return true
        }
        return switch base.identifier.tagNumber {
        case 1: NameText.isMailConstraint(bytes)
        case 2: NameText.isDomainConstraint(bytes)
        // A host, and never an address.
        case 6: NameText.isDomainConstraint(bytes) && !AddressText.isAddress(bytes)
        case 7: isRange(bytes)
        default: true
        }
    }

    /// An IPv4 or IPv6 address and its mask, whose ones come before its zeros (RFC 4632 §3.1).
    private static func isRange(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == 8 || bytes.count == 32 else { return false }
        var isOver = false
        for byte in bytes.suffix(bytes.count / 2) {
            let zeros = ~byte
            guard !isOver || byte == 0, zeros & (zeros &+ 1) == 0 else { return false }
            isOver = byte != 0xFF
        }
        return true
    }
}
