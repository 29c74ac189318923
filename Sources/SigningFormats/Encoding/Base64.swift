/// Strict base64 (RFC 4648): no white space, no other alphabet, no non-zero trailing bits.
///
/// Two texts never decode to the same bytes, so a signed text cannot be rewritten unnoticed.
public enum Base64 {
    /// `base64url` without padding (§5), as JOSE uses it (RFC 7515 §2).
    ///
    /// - Returns: the bytes, or `nil` when the text is not exactly that.
    public static func decodeURL(_ text: String) -> [UInt8]? {
        decode(text) { count, utf8 in
            unpadded(count, utf8, table: urlTable)
        }
    }

    /// Standard base64 with padding (§4), as `x5c` uses it.
    ///
    /// - Returns: the bytes, or `nil` when the text is not exactly that.
    public static func decodeStandard(_ text: String) -> [UInt8]? {
        decode(text) { count, utf8 in
            guard count % 4 == 0 else { return nil }
            var length = count
            while length > 0, count - length < 2, utf8[length - 1] == UInt8(ascii: "=") { length -= 1 }
            // A length of 4n+1 without padding never comes from whole bytes; `unpadded` refuses it.
            return unpadded(length, utf8, table: standardTable)
        }
    }

    private static func decode(
        _ text: String,
        _ body: (Int, UnsafeBufferPointer<UInt8>) -> [UInt8]?
    ) -> [UInt8]? {
        var text = text
        return text.withUTF8 { body($0.count, $0) }
    }

    private static func unpadded(_ count: Int, _ utf8: UnsafeBufferPointer<UInt8>, table: [UInt8]) -> [UInt8]? {
        guard count % 4 != 1 else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count / 4 * 3 + 2) { output, filled in
            var accumulator: UInt32 = 0
            var bits = 0
            for index in 0..<count {
                let value = table[Int(utf8[index])]
                guard value < 64 else {
                    isValid = false
                    return
                }
                accumulator = accumulator << 6 | UInt32(value)
                bits += 6
                if bits >= 8 {
                    bits -= 8
                    output[filled] = UInt8(truncatingIfNeeded: accumulator >> UInt32(bits))
                    filled += 1
                    accumulator &= (1 << UInt32(bits)) - 1
                }
            }
            isValid = accumulator == 0
        }
        return isValid ? bytes : nil
    }

    private static let standardTable = table(plus: UInt8(ascii: "+"), slash: UInt8(ascii: "/"))
    private static let urlTable = table(plus: UInt8(ascii: "-"), slash: UInt8(ascii: "_"))

    private static func table(plus: UInt8, slash: UInt8) -> [UInt8] {
        var table = [UInt8](repeating: 0xFF, count: 256)
        var value: UInt8 = 0
        for range in [UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z")] {
            for byte in range {
                table[Int(byte)] = value
                value += 1
            }
        }
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") {
            table[Int(byte)] = value
            value += 1
        }
        table[Int(plus)] = 62
        table[Int(slash)] = 63
        return table
    }
}
