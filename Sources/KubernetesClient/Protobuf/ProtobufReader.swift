/// Why bytes are not what an API server writes in Protocol Buffers.
enum ProtobufError: Error, Hashable, CustomStringConvertible {
    /// They end inside a field.
    case incomplete
    /// A field has a number or a type that no message has.
    case malformedField
    /// They lack the four bytes that stand before every object.
    case noEnvelope
    /// A frame holds no type, or no object.
    case noEvent
    /// There is more text in them than is taken, in bytes.
    case tooLong(limit: Int)

    var description: String {
        switch self {
        case .incomplete: "it ends inside a field"
        case .malformedField: "a field has a number or a type that no message has"
        case .noEnvelope: "the object has no envelope"
        case .noEvent: "type or object is missing"
        case .tooLong(let limit): "what is read of it is longer than \(limit) bytes"
        }
    }
}

/// Reads the fields of a message one after the other, as they lie in memory (Protocol Buffers, Encoding).
///
/// Nothing is copied; the bytes must outlive the reader and what it gives.
struct ProtobufReader {
    /// What a field holds.
    enum Value {
        case number(UInt64)
        /// A text, or a message.
        case bytes(UnsafeRawBufferPointer)
        /// A number of fixed size, of which no object has any that are read.
        case skipped
    }

    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    /// The next field; `nil` at the end.
    mutating func next() throws(ProtobufError) -> (number: UInt64, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let key = try varint()
        let number = key >> 3
        guard number > 0, number < 1 << 29 else { throw .malformedField }
        switch key & 7 {
        case 0: return (number, .number(try varint()))
        case 1:
            _ = try take(8)
            return (number, .skipped)
        case 2: return (number, .bytes(try take(try varint())))
        case 5:
            _ = try take(4)
            return (number, .skipped)
        default: throw .malformedField
        }
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<10 {
            guard let byte = rest.popFirst() else { throw .incomplete }
            // The tenth byte has room for one bit.
            guard place < 9 || byte <= 1 else { throw .malformedField }
            value |= UInt64(byte & 0x7F) << UInt64(place * 7)
            if byte < 0x80 { return value }
        }
        throw .malformedField
    }

    private mutating func take(_ count: UInt64) throws(ProtobufError) -> UnsafeRawBufferPointer {
        guard count <= UInt64(rest.count) else { throw .incomplete }
        let taken = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        return UnsafeRawBufferPointer(rebasing: taken)
    }
}
