/// One CBOR data item (RFC 8949).
///
/// Byte strings are slices of the document, not copies.
public indirect enum CBORValue: Sendable, Hashable {
    /// Major type 0.
    case unsigned(UInt64)
    /// Major type 1; the value is `-1 - argument`.
    case negative(UInt64)
    /// Major type 2.
    case bytes(ArraySlice<UInt8>)
    /// Major type 3, valid UTF-8.
    case text(String)
    /// Major type 4.
    case array([CBORValue])
    /// Major type 5, without duplicate keys, in the order of the document.
    case map([Entry])
    /// Major type 6.
    case tagged(UInt64, CBORValue)
    /// `true` or `false`.
    case bool(Bool)
    /// The simple value 22.
    case null
    /// The simple value 23.
    case undefined
    /// Any other simple value.
    case simple(UInt8)
    /// A floating-point number of 16, 32 or 64 bits.
    case float(Double)

    /// One pair of a map.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public let key: CBORValue
        /// The value.
        public let value: CBORValue
        /// Creates a pair.
        public init(key: CBORValue, value: CBORValue) {
            self.key = key
            self.value = value
        }
    }

    /// The integer, when this is one that fits 64 bits with sign.
    public var integer: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let argument): Int64(exactly: argument).map { -1 - $0 }
        default: nil
        }
    }

    /// The text, when this is one.
    public var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// The bytes, when this is a byte string.
    public var bytes: ArraySlice<UInt8>? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    /// The elements, when this is an array.
    public var array: [CBORValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// Whether a tag stands anywhere in this item.
    var containsTag: Bool {
        switch self {
        case .tagged: true
        case .array(let elements): elements.contains(where: \.containsTag)
        case .map(let entries): entries.contains { $0.key.containsTag || $0.value.containsTag }
        default: false
        }
    }
}
