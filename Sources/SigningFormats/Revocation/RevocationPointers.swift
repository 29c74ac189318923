import SwiftASN1

/// The places that an extension names to find out about revocation (RFC 5280 §4.2.1.13, §4.2.2.1, §5.2.6).
public struct RevocationPointers: Sendable, Hashable {
    /// The URLs, in the order of the extension, as written: of any scheme, at most
    /// ``SigningLimits/revocationPointers``.
    public private(set) var urls: [String] = []
    /// Whether the extension also names a place in a way that cannot be asked here: no URL, a list that another than the
    /// issuer signs, more places than the limit.
    public private(set) var hasUnusable = false

    /// The OCSP responders of an AuthorityInfoAccess; `nil` when there is none among its descriptions.
    init?(authorityInformationAccess node: ASN1Node) throws {
        var isThere = false
        for description in try Self.elements(of: node, "access description") {
            var nodes = try Self.elements(of: description, "access description").makeIterator()
            guard try ASN1ObjectIdentifier(limited: &nodes) == ObjectIdentifiers.ocsp else { continue }
            isThere = true
            guard let location = nodes.next() else {
                throw SigningFormatError(.certificate, "an access description has no location")
            }
            add(location)
        }
        if !isThere { return nil }
    }

    /// The places of a CRLDistributionPoints or FreshestCRL extension.
    init(distributionPoints node: ASN1Node) throws {
        for point in try Self.elements(of: node, "distribution point") {
            let before = urls.count
            for field in try Self.elements(of: point, "distribution point") {
                switch (field.identifier.tagClass, field.identifier.tagNumber) {
                case (.contextSpecific, 0): try add(namesOf: field)
                // Reasons narrow what the list is about, which the list itself must say.
                case (.contextSpecific, 1): break
                // Another issuer than the certificate's: an indirect list.
                case (.contextSpecific, 2): hasUnusable = true
                default: throw SigningFormatError(.certificate, "a distribution point has an unknown field")
                }
            }
            if urls.count == before { hasUnusable = true }
        }
    }

    /// The places of a DistributionPointName in its explicit tag.
    init(distributionPointName node: ASN1Node) throws { try add(namesOf: node) }

    /// Reads a DistributionPointName in its explicit tag.
    private mutating func add(namesOf field: ASN1Node) throws {
        guard case .constructed(let names) = field.content else {
            throw SigningFormatError(.certificate, "a distribution point has a malformed name")
        }
        for name in names {
            guard name.identifier.tagClass == .contextSpecific, name.identifier.tagNumber == 0,
                case .constructed(let general) = name.content
            else {
                hasUnusable = true
                continue
            }
            for location in general { add(location) }
        }
    }

    /// Adds a GeneralName, if it is a URL.
    private mutating func add(_ location: ASN1Node) {
        guard location.identifier.tagClass == .contextSpecific, location.identifier.tagNumber == 6,
            case .primitive(let bytes) = location.content,
            !bytes.isEmpty, bytes.count <= SigningLimits.revocationURLBytes,
            urls.count < SigningLimits.revocationPointers,
            bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            hasUnusable = true
            return
        }
        urls.append(String(decoding: bytes, as: UTF8.self))
    }

    private static func elements(of node: ASN1Node, _ what: String) throws -> ASN1NodeCollection {
        guard node.identifier == .sequence, case .constructed(let nodes) = node.content else {
            throw SigningFormatError(.certificate, "a certificate's \(what) is not a sequence")
        }
        return nodes
    }
}
