import SwiftASN1

/// Reading of object identifiers whose numbers have a limit, as other verifiers set it.
extension ASN1ObjectIdentifier {
    /// Reads the next element, whose numbers take at most `SigningLimits.objectIdentifierBits` each.
    init(limited nodes: inout ASN1NodeCollection.Iterator) throws {
        try self.init(derEncoded: &nodes)
        try checkNumbers()
    }

    /// Refuses a number of more than `SigningLimits.objectIdentifierBits`.
    func checkNumbers() throws(SigningFormatError) {
        let limit = UInt(1) << UInt(SigningLimits.objectIdentifierBits)
        var numbers = oidComponents[...]
        // The first two are written as one (X.690 §8.19.4).
        guard let root = numbers.popFirst(), let arc = numbers.popFirst(), root <= limit / 40,
            arc < limit, root * 40 + arc < limit, numbers.allSatisfy({ $0 < limit })
        else {
            throw SigningFormatError(
                .limitExceeded,
                "an object identifier has a number of more than \(SigningLimits.objectIdentifierBits) bits"
            )
        }
    }
}
