import SwiftASN1

/// The form of keys that verify nothing here, in certificates that come along with others.
extension CertificateKey {
    /// Looks at a key that is neither RSA nor EC; one of a kind that is not listed may be anything.
    static func checkForm(_ fields: AlgorithmIdentifierFields, _ key: ArraySlice<UInt8>) throws(SigningFormatError) {
        let isGood =
            switch fields.algorithm {
            // RFC 8410 §3, §4.
            case ObjectIdentifiers.ed25519: fields.parameters == nil && key.count == 32
            case ObjectIdentifiers.dsa: isDSA(key, parameters: fields.parameters)
            default: true
            }
        guard isGood else {
            throw SigningFormatError(.certificate, "a certificate's public key is not what its algorithm wants")
        }
    }

    /// One number, and three more in the parameters (RFC 3279 §2.3.2).
    private static func isDSA(_ key: ArraySlice<UInt8>, parameters: ASN1Node?) -> Bool {
        var outer = DERScanner(parameters?.encodedBytes ?? [])
        guard let list = try? outer.next(0x30) else { return false }
        var key = DERScanner(key)
        var numbers = DERScanner(list.content)
        return hasPositive(&key) && hasPositive(&numbers) && hasPositive(&numbers) && hasPositive(&numbers)
    }

    /// Whether the next element is a number above zero.
    private static func hasPositive(_ scanner: inout DERScanner) -> Bool {
        guard let number = try? scanner.next(0x02), number.isShortestInteger, let first = number.content.first else {
            return false
        }
        return first < 0x80 && number.content.contains { $0 != 0 }
    }
}
