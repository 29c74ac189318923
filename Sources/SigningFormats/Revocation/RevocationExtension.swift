import SwiftASN1

/// One extension of a revocation list, of one of its entries, or of an OCSP response.
struct RevocationExtension {
    let identifier: ASN1ObjectIdentifier
    let isCritical: Bool
    let value: ArraySlice<UInt8>

    /// Reads a list of extensions, none of which may be there twice.
    static func list(_ node: ASN1Node) throws -> [RevocationExtension] {
        let nodes = try node.children(
            .sequence,
            of: "its list of extensions",
            limit: SigningLimits.revocationExtensions
        )
        var list: [RevocationExtension] = []
        for node in nodes {
            let next = try DER.sequence(node, identifier: .sequence) { nodes in
                RevocationExtension(
                    identifier: try ASN1ObjectIdentifier(derEncoded: &nodes),
                    isCritical: try DER.decodeDefault(&nodes, defaultValue: false),
                    value: try ASN1OctetString(derEncoded: &nodes).bytes
                )
            }
            guard !list.contains(where: { $0.identifier == next.identifier }) else {
                throw SigningFormatError(.malformed, "it has extension \(next.identifier) twice")
            }
            list.append(next)
        }
        return list
    }

    /// The one element inside an explicit tag.
    static func inside(_ node: ASN1Node) throws -> ASN1Node {
        guard case .constructed(let content) = node.content else {
            throw SigningFormatError(.malformed, "an explicit tag holds nothing")
        }
        var nodes = content.makeIterator()
        guard let inner = nodes.next(), nodes.next() == nil else {
            throw SigningFormatError(.malformed, "an explicit tag does not hold one element")
        }
        return inner
    }
}

extension ASN1Node {
    /// Whether this is the context-specific tag of that number.
    func isTagged(_ number: UInt) -> Bool {
        identifier.tagClass == .contextSpecific && identifier.tagNumber == number
    }
}
