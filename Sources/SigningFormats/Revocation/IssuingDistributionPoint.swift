import SwiftASN1

/// What a revocation list is about, where that is not everything its issuer issued (RFC 5280 §5.2.5).
public struct IssuingDistributionPoint: Sendable, Hashable {
    /// The places of the list, when it names them: it is about certificates that name one of them as well.
    public private(set) var places: RevocationPointers?
    /// Whether it is about certificates of end entities only.
    public private(set) var isForUsersOnly = false
    /// Whether it is about certificates of CAs only.
    public private(set) var isForAuthoritiesOnly = false
    /// Whether it is about attribute certificates only.
    public private(set) var isForAttributesOnly = false
    /// Whether it leaves out revocations for some reasons.
    public private(set) var isForSomeReasonsOnly = false
    /// Whether it is also about certificates of other issuers.
    public private(set) var isIndirect = false
    /// The DER: two lists are about the same when these bytes are.
    let der: ArraySlice<UInt8>

    init(_ value: ArraySlice<UInt8>) throws {
        der = value
        let node = try DER.parse(value)
        guard node.identifier == .sequence, case .constructed(let fields) = node.content else {
            throw SigningFormatError(.malformed, "its issuing distribution point is not a sequence")
        }
        var last: UInt?
        for field in fields {
            let number = field.identifier.tagNumber
            guard field.identifier.tagClass == .contextSpecific, number <= 5, last.map({ $0 < number }) ?? true else {
                throw SigningFormatError(.malformed, "its issuing distribution point has an unknown field")
            }
            last = number
            switch number {
            case 0: places = try RevocationPointers(distributionPointName: field)
            case 1: isForUsersOnly = try Self.flag(field)
            case 2: isForAuthoritiesOnly = try Self.flag(field)
            case 3: isForSomeReasonsOnly = true
            case 4: isIndirect = try Self.flag(field)
            default: isForAttributesOnly = try Self.flag(field)
            }
        }
    }

    /// An implicitly tagged BOOLEAN DEFAULT FALSE.
    private static func flag(_ node: ASN1Node) throws -> Bool {
        guard case .primitive(let bytes) = node.content, bytes.count == 1, bytes.first == 0xFF else {
            throw SigningFormatError(.malformed, "its issuing distribution point is not in its shortest form")
        }
        return true
    }
}
