import JSONModel

/// What a plain scalar means in the YAML 1.1 that Kubernetes reads (yaml.org/type: null, bool, int, float).
///
/// Timestamps stay text, as JSON has none. So do sexagesimal numbers (`1:30`), which Kubernetes' reader does not know.
enum YAMLScalar {
    static func resolve(_ text: String) -> JSONValue {
        guard text.utf8.count <= 64 else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL":
            return .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
            return .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
            return .bool(false)
        default:
            return integer(text).map(JSONValue.integer) ?? float(text).map(JSONValue.number) ?? .string(text)
        }
    }

    private static func integer(_ text: String) -> Int64? {
        guard let first = text.utf8.first, isDigit(first) || isSign(first) else { return nil }
        let sign = first == UInt8(ascii: "-") ? "-" : ""
        let digits = text.drop { $0 == "+" || $0 == "-" }
        guard text.utf8.count - digits.utf8.count <= 1, let lead = digits.utf8.first, isDigit(lead) else { return nil }
        let plain = digits.filter { $0 != "_" }
        for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where plain.hasPrefix(prefix) {
            return Int64(sign + plain.dropFirst(2), radix: radix)
        }
        guard plain.utf8.allSatisfy(isDigit) else { return nil }
        if plain.count > 1, plain.first == "0" { return Int64(sign + plain, radix: 8) }
        return Int64(sign + plain)
    }

    private static func float(_ text: String) -> Double? {
        // `Double` also knows words and hexadecimal fractions, which YAML does not.
        guard text.utf8.contains(where: isDigit), text.utf8.allSatisfy(isFloatByte) else { return nil }
        guard let first = text.utf8.first, first != UInt8(ascii: "e"), first != UInt8(ascii: "E") else { return nil }
        guard let number = Double(text.filter { $0 != "_" }), number.isFinite else { return nil }
        return number
    }

    private static func isFloatByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || isSign(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "_")].contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
}
