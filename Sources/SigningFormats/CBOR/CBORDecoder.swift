/// Reads CBOR (RFC 8949) within limits: definite lengths only, no duplicate map keys, no reserved encodings.
///
/// Lengths and integers need not be in their shortest form: COSE demands that of what is signed over, which is rebuilt,
/// and not of what is received (RFC 9052 §9).
public struct CBORDecoder {
    private let bytes: ArraySlice<UInt8>
    private var index: Int
    private var items = 0

    /// Prepares to read `bytes`.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    /// Reads one item that fills the whole document.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(SigningFormatError) -> CBORValue {
        var decoder = CBORDecoder(bytes)
        let value = try decoder.next()
        guard decoder.isAtEnd else { throw Self.malformed("content follows the item") }
        return value
    }

    /// Whether everything has been read.
    public var isAtEnd: Bool { index == bytes.endIndex }

    /// Reads the next item.
    public mutating func next() throws(SigningFormatError) -> CBORValue { try item(depth: 0) }

    private static func malformed(_ what: String) -> SigningFormatError {
        SigningFormatError(.malformed, "malformed CBOR: \(what)")
    }

    private var remaining: Int { bytes.endIndex - index }

    private mutating func byte() throws(SigningFormatError) -> UInt8 {
        guard index < bytes.endIndex else { throw Self.malformed("it ends too early") }
        defer { index += 1 }
        return bytes[index]
    }

    private mutating func take(_ count: UInt64) throws(SigningFormatError) -> ArraySlice<UInt8> {
        guard count <= UInt64(remaining) else { throw Self.malformed("it ends too early") }
        let end = index + Int(count)
        defer { index = end }
        return bytes[index..<end]
    }

    private mutating func bigEndian(_ count: UInt64) throws(SigningFormatError) -> UInt64 {
        try take(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func argument(_ information: UInt8) throws(SigningFormatError) -> UInt64 {
        switch information {
        case 0..<24: return UInt64(information)
        case 24: return try bigEndian(1)
        case 25: return try bigEndian(2)
        case 26: return try bigEndian(4)
        case 27: return try bigEndian(8)
        case 31: throw Self.malformed("an indefinite length, which is not allowed here")
        default: throw Self.malformed("a reserved length")
        }
    }

    private mutating func item(depth: Int) throws(SigningFormatError) -> CBORValue {
        guard depth <= SigningLimits.cborDepth else {
            throw SigningFormatError(.limitExceeded, "CBOR is nested deeper than \(SigningLimits.cborDepth)")
        }
        items += 1
        guard items <= SigningLimits.cborItems else {
            throw SigningFormatError(.limitExceeded, "CBOR has more than \(SigningLimits.cborItems) items")
        }
        let initial = try byte()
        let information = initial & 0x1F
        guard initial >> 5 != 7 else { return try simple(information) }
        let argument = try argument(information)
        switch initial >> 5 {
        case 0: return .unsigned(argument)
        case 1: return .negative(argument)
        case 2: return .bytes(try take(argument))
        case 3:
            guard let text = String(validating: try take(argument), as: UTF8.self) else {
                throw Self.malformed("text that is not UTF-8")
            }
            return .text(text)
        case 4: return .array(try array(count: argument, depth: depth + 1))
        case 5: return .map(try map(count: argument, depth: depth + 1))
        default: return .tagged(argument, try item(depth: depth + 1))
        }
    }

    /// Each element takes at least one byte, so a count beyond the bytes left is false before anything is reserved for it.
    private mutating func array(count: UInt64, depth: Int) throws(SigningFormatError) -> [CBORValue] {
        guard count <= UInt64(remaining) else { throw Self.malformed("it ends too early") }
        try checkItems(count)
        var elements: [CBORValue] = []
        elements.reserveCapacity(Int(count))
        for _ in 0..<count { elements.append(try item(depth: depth)) }
        return elements
    }

    private mutating func map(count: UInt64, depth: Int) throws(SigningFormatError) -> [CBORValue.Entry] {
        guard count <= UInt64(remaining / 2) else { throw Self.malformed("it ends too early") }
        try checkItems(count)
        var entries: [CBORValue.Entry] = []
        entries.reserveCapacity(Int(count))
        var seen: Set<CBORValue> = []
        for _ in 0..<count {
            let key = try item(depth: depth)
            guard seen.insert(key).inserted else { throw Self.malformed("the same map key twice") }
            entries.append(CBORValue.Entry(key: key, value: try item(depth: depth)))
        }
        return entries
    }

    private func checkItems(_ count: UInt64) throws(SigningFormatError) {
        guard count <= UInt64(SigningLimits.cborItems - items) else {
            throw SigningFormatError(.limitExceeded, "CBOR has more than \(SigningLimits.cborItems) items")
        }
    }

    private mutating func simple(_ information: UInt8) throws(SigningFormatError) -> CBORValue {
        switch information {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 23: return .undefined
        case 0..<20: return .simple(information)
        case 24:
            let value = try byte()
            guard value >= 32 else { throw Self.malformed("a simple value in a reserved form") }
            return .simple(value)
        case 25: return .float(Self.half(UInt16(truncatingIfNeeded: try bigEndian(2))))
        case 26: return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try bigEndian(4)))))
        case 27: return .float(Double(bitPattern: try bigEndian(8)))
        case 31: throw Self.malformed("a break outside an indefinite length")
        default: throw Self.malformed("a reserved simple value")
        }
    }

    /// IEEE 754 binary16, by hand because `Float16` does not exist on every platform.
    private static func half(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF)
        let magnitude: Double =
            switch exponent {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            default: (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
            }
        return bits & 0x8000 == 0 ? magnitude : -magnitude
    }
}
