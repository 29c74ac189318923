/// The uid of an object in the least memory.
///
/// API servers give UUIDs in their lower-case form (RFC 9562, section 4), of which 16 bytes are kept; any other text is
/// kept as it is. Equal exactly when the texts are.
public struct ObjectUID: Sendable, Hashable, CustomStringConvertible {
    private enum Content: Sendable, Hashable {
        case uuid(UInt64, UInt64)
        case text(String)
    }

    private let content: Content

    /// Keeps `text`.
    public init(_ text: String) { content = Self.uuid(text) ?? .text(text) }

    /// The uid as the server wrote it.
    public var description: String {
        switch content {
        case .uuid(let high, let low): Self.text(high, low)
        case .text(let text): text
        }
    }

    private static let length = 36
    /// Where the hyphens are.
    private static let hyphens = [8, 13, 18, 23]

    private static func uuid(_ text: String) -> Content? {
        var (high, low): (UInt64, UInt64) = (0, 0)
        var (position, digits) = (0, 0)
        for byte in text.utf8 {
            guard position < length else { return nil }
            if hyphens.contains(position) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = digit(byte) else { return nil }
                if digits < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
                digits += 1
            }
            position += 1
        }
        return position == length ? .uuid(high, low) : nil
    }

    /// The value of a hexadecimal digit; upper-case ones would not come out as they went in.
    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        for index in 0..<32 {
            if hyphens.contains(bytes.count) { bytes.append(UInt8(ascii: "-")) }
            let half = index < 16 ? high : low
            bytes.append(digits[Int(half >> UInt64(60 - index % 16 * 4) & 0xF)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
