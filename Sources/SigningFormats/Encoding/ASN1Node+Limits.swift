import SwiftASN1

/// Reading of DER whose depth and lists have limits.
extension ASN1Node {
    /// Reads one element with all that is in it, at most `SigningLimits.derDepth` levels deep; nothing may follow it.
    ///
    /// `what` names it in the error.
    static func parsed(_ bytes: ArraySlice<UInt8>, as what: String) throws -> ASN1Node {
        let node = try DER.parse(bytes)
        guard node.isNested(withinDepth: SigningLimits.derDepth) else {
            throw SigningFormatError(.limitExceeded, "\(what) is nested deeper than \(SigningLimits.derDepth)")
        }
        return node
    }

    /// Whether the tag is written in one byte (X.690 §8.1.2.2), as those of certificates are: its number is below 31.
    var hasShortTag: Bool { identifier.tagNumber < 0x1F }

    /// Whether nothing in this node lies more than `depth` levels down.
    private func isNested(withinDepth depth: Int) -> Bool {
        guard depth > 0 else { return false }
        guard case .constructed(let children) = content else { return true }
        return children.allSatisfy { $0.isNested(withinDepth: depth - 1) }
    }

    /// The children of a constructed node, at most `limit` of them.
    func children(of what: String, limit: Int) throws -> [ASN1Node] {
        guard case .constructed(let nodes) = content else {
            throw SigningFormatError(.malformed, "\(what) is not constructed")
        }
        var children: [ASN1Node] = []
        for node in nodes {
            guard children.count < limit else {
                throw SigningFormatError(.limitExceeded, "\(what) has more than \(limit) parts")
            }
            children.append(node)
        }
        return children
    }

    /// The children of a SEQUENCE or a SET, at most `limit` of them.
    func children(_ identifier: ASN1Identifier, of what: String, limit: Int) throws -> [ASN1Node] {
        guard self.identifier == identifier else {
            throw SigningFormatError(.malformed, "\(what) has the wrong type")
        }
        return try children(of: what, limit: limit)
    }
}
