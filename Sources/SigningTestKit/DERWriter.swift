import FoundationEssentials

/// Writes DER, right or deliberately wrong: it checks nothing.
public enum DERWriter {
    /// One element with a tag byte.
    public static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var output: [UInt8] = [tag]
        switch content.count {
        case 0..<0x80: output.append(UInt8(content.count))
        case 0x80..<0x100: output += [0x81, UInt8(content.count)]
        case 0x100..<0x1_0000: output += [0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)]
        case 0x100_0000...:
            output += [
                0x84, UInt8(truncatingIfNeeded: content.count >> 24), UInt8(truncatingIfNeeded: content.count >> 16),
                UInt8(truncatingIfNeeded: content.count >> 8), UInt8(truncatingIfNeeded: content.count),
            ]
        default:
            output += [
                0x83, UInt8(truncatingIfNeeded: content.count >> 16), UInt8(truncatingIfNeeded: content.count >> 8),
                UInt8(truncatingIfNeeded: content.count),
            ]
        }
        return output + content
    }

    /// A SEQUENCE.
    public static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts.flatMap { $0 }) }
    /// A SET, in the order given.
    public static func set(_ parts: [UInt8]...) -> [UInt8] { element(0x31, parts.flatMap { $0 }) }
    /// An INTEGER that is not negative.
    public static func integer(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        repeat {
            bytes.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        } while rest > 0
        if bytes[0] & 0x80 != 0 { bytes.insert(0, at: 0) }
        return element(0x02, bytes)
    }
    /// A BOOLEAN.
    public static func boolean(_ value: Bool) -> [UInt8] { element(0x01, [value ? 0xFF : 0x00]) }
    /// A BIT STRING of whole bytes.
    public static func bitString(_ bytes: [UInt8], padding: UInt8 = 0) -> [UInt8] { element(0x03, [padding] + bytes) }
    /// An OCTET STRING.
    public static func octetString(_ bytes: [UInt8]) -> [UInt8] { element(0x04, bytes) }
    /// NULL.
    public static let null: [UInt8] = [0x05, 0x00]
    /// An explicit context tag.
    public static func tagged(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { element(0xA0 | number, content) }

    /// An OBJECT IDENTIFIER written with dots.
    public static func objectIdentifier(_ dotted: String) -> [UInt8] {
        let parts = dotted.split(separator: ".").compactMap { Int($0) }
        var bytes: [UInt8] = []
        for part in [parts[0] * 40 + parts[1]] + parts.dropFirst(2) {
            var groups: [UInt8] = [UInt8(part & 0x7F)]
            var rest = part >> 7
            while rest > 0 {
                groups.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
                rest >>= 7
            }
            bytes += groups
        }
        return element(0x06, bytes)
    }

    /// GeneralizedTime, whatever the year.
    static func generalizedTime(_ date: Date) -> [UInt8] {
        let text = date.formatted(.iso8601).utf8.filter { (UInt8(0x30)...0x39).contains($0) } + [UInt8(ascii: "Z")]
        return element(0x18, text)
    }

    /// UTCTime up to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5).
    static func time(_ date: Date) -> [UInt8] {
        let text = date.formatted(.iso8601).utf8.filter { (UInt8(0x30)...0x39).contains($0) } + [UInt8(ascii: "Z")]
        let isUTCTime = date < Date(timeIntervalSince1970: 2_524_608_000)
        return isUTCTime ? element(0x17, Array(text.dropFirst(2))) : element(0x18, text)
    }
}
