/// CBOR to be written, right or wrong.
///
/// Its encoder is its own, apart from any decoder.
public indirect enum TestCBOR: Sendable, Hashable {
    case integer(Int)
    case bytes([UInt8])
    case text(String)
    case array([TestCBOR])
    case map([Pair])
    case tagged(UInt64, TestCBOR)
    case bool(Bool)
    case null
    case double(Double)
    /// These bytes as they are.
    case raw([UInt8])
    /// An array of indefinite length.
    case indefiniteArray([TestCBOR])
    /// The item with its argument in eight bytes, however small.
    case long(TestCBOR)

    /// One pair of a map.
    public struct Pair: Sendable, Hashable {
        /// The key.
        public var key: TestCBOR
        /// The value.
        public var value: TestCBOR
        /// Creates a pair.
        public init(_ key: TestCBOR, _ value: TestCBOR) {
            self.key = key
            self.value = value
        }
    }

    /// The encoding.
    public var encoded: [UInt8] { encode(long: false) }

    private func encode(long: Bool) -> [UInt8] {
        switch self {
        case .integer(let value) where value >= 0: return Self.head(0, UInt64(value), long: long)
        case .integer(let value): return Self.head(1, UInt64(-1 - value), long: long)
        case .bytes(let bytes): return Self.head(2, UInt64(bytes.count), long: long) + bytes
        case .text(let text): return Self.head(3, UInt64(text.utf8.count), long: long) + Array(text.utf8)
        case .array(let items): return Self.head(4, UInt64(items.count), long: long) + items.flatMap(\.encoded)
        case .map(let pairs):
            return Self.head(5, UInt64(pairs.count), long: long) + pairs.flatMap { $0.key.encoded + $0.value.encoded }
        case .tagged(let tag, let item): return Self.head(6, tag, long: long) + item.encoded
        case .bool(let value): return [value ? 0xF5 : 0xF4]
        case .null: return [0xF6]
        case .double(let value):
            let bits = value.bitPattern
            return [0xFB] + (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
        case .raw(let bytes): return bytes
        case .indefiniteArray(let items): return [0x9F] + items.flatMap(\.encoded) + [0xFF]
        case .long(let item): return item.encode(long: true)
        }
    }

    private static func head(_ major: UInt8, _ argument: UInt64, long: Bool) -> [UInt8] {
        func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: argument >> UInt64(8 * (count - 1 - $0))) }
        }
        let type = major << 5
        if long { return [type | 27] + bytes(8) }
        switch argument {
        case 0..<24: return [type | UInt8(argument)]
        case 24..<0x100: return [type | 24] + bytes(1)
        case 0x100..<0x1_0000: return [type | 25] + bytes(2)
        case 0x1_0000..<0x1_0000_0000: return [type | 26] + bytes(4)
        default: return [type | 27] + bytes(8)
        }
    }
}
