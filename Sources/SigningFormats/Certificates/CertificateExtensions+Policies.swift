import SwiftASN1

/// What a certificate says about the policies that it was issued under (RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11,
/// §4.2.1.14).
///
/// Nobody demands a policy here, so that nothing is judged by them, but they have their form.
extension CertificateExtensions {
    /// Each policy has an identifier of its own (RFC 5280 §4.2.1.4).
    ///
    /// It may be longer than numbers here can be, such as one made of a UUID, so that its numbers are not read.
    static func checkPolicies(_ policies: ASN1NodeCollection) throws {
        var seen: Set<ArraySlice<UInt8>> = []
        for policy in policies {
            guard policy.identifier == .sequence, case .constructed(let parts) = policy.content,
                let identifier = parts.first(where: { _ in true }), identifier.identifier == .objectIdentifier,
                case .primitive(let bytes) = identifier.content, isIdentifier(bytes)
            else { throw SigningFormatError(.certificate, "a certificate's policy has no identifier") }
            guard seen.insert(bytes).inserted else {
                throw SigningFormatError(.certificate, "a certificate has a policy twice")
            }
        }
    }

    /// Whether the numbers of an identifier all end, and none begins with a byte that says nothing (X.690 §8.19.2).
    private static func isIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
        var isStart = true
        for byte in bytes {
            if isStart, byte == 0x80 { return false }
            isStart = byte < 0x80
        }
        return isStart && !bytes.isEmpty
    }

    /// Each mapping is of one policy to another (RFC 5280 §4.2.1.5); which, is not read.
    static func checkPolicyMappings(_ value: ArraySlice<UInt8>) throws(SigningFormatError) {
        guard arePolicyMappings(value) else {
            throw SigningFormatError(.certificate, "a certificate's policy mappings are malformed")
        }
    }

    private static func arePolicyMappings(_ value: ArraySlice<UInt8>) -> Bool {
        var outer = DERScanner(value)
        guard let list = try? outer.next(0x30) else { return false }
        var mappings = DERScanner(list.content)
        while mappings.tag != nil {
            guard let mapping = try? mappings.next(0x30) else { return false }
            var pair = DERScanner(mapping.content)
            guard (try? pair.next(0x06)) != nil, (try? pair.next(0x06)) != nil else { return false }
        }
        return true
    }

    /// After how many certificates a policy is demanded, and after how many none is mapped (RFC 5280 §4.2.1.11).
    ///
    /// What else is there is passed over, as other verifiers do.
    static func checkPolicyConstraints(_ value: ArraySlice<UInt8>) throws(SigningFormatError) {
        guard arePolicyConstraints(value) else {
            throw SigningFormatError(.certificate, "a certificate's policy constraints are malformed")
        }
    }

    private static func arePolicyConstraints(_ value: ArraySlice<UInt8>) -> Bool {
        var outer = DERScanner(value)
        guard let list = try? outer.next(0x30) else { return false }
        var numbers = DERScanner(list.content)
        for tag: UInt8 in [0x80, 0x81] where numbers.tag == tag {
            guard let number = try? numbers.next(tag), isNumber(number) else { return false }
        }
        return true
    }

    /// After how many certificates the policy for all policies counts no more (RFC 5280 §4.2.1.14).
    static func checkInhibitAnyPolicy(_ value: ArraySlice<UInt8>) throws(SigningFormatError) {
        var outer = DERScanner(value)
        guard let number = try? outer.next(0x02), isNumber(number) else {
            throw SigningFormatError(.certificate, "a certificate's inhibition of any policy is malformed")
        }
    }

    /// Whether an element is a number that 64 bits hold.
    private static func isNumber(_ element: DERScanner.Element) -> Bool {
        element.isShortestInteger && element.content.count <= 8
    }
}
