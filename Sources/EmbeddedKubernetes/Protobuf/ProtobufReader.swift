/// Why bytes are no message that can be read.
struct ProtobufError: Error, Sendable, Hashable, CustomStringConvertible {
    enum Problem: Sendable, Hashable {
        case malformed
        /// The envelope holds a kind that there is no description of.
        case unknownKind(String)
    }

    var problem: Problem
    var description: String {
        switch problem {
        case .malformed: "malformed protobuf"
        case .unknownKind(let kind): "no protobuf description of \(kind.prefix(64))"
        }
    }

    static let malformed = ProtobufError(problem: .malformed)
}

/// Reads the fields of one protobuf message.
///
/// Every length is checked before anything is read.
struct ProtobufReader {
    enum Field: Sendable {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
        /// Fixed-width numbers, which none of the messages here uses.
        case fixed
    }

    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard index < bytes.endIndex, shift < 64 else { throw .malformed }
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte & 0x80 == 0 { return value }
        }
        throw .malformed
    }

    private mutating func take(_ count: UInt64) throws(ProtobufError) -> ArraySlice<UInt8> {
        guard count <= UInt64(bytes.endIndex - index) else { throw .malformed }
        let start = index
        index += Int(count)
        return bytes[start..<index]
    }

    /// The next field; `nil` at the end.
    mutating func next() throws(ProtobufError) -> (number: UInt64, field: Field)? {
        guard index < bytes.endIndex else { return nil }
        let tag = try varint()
        switch tag & 7 {
        case 0: return (tag >> 3, .varint(try varint()))
        case 1:
            _ = try take(8)
            return (tag >> 3, .fixed)
        case 2: return (tag >> 3, .bytes(try take(try varint())))
        case 5:
            _ = try take(4)
            return (tag >> 3, .fixed)
        default: throw .malformed
        }
    }
}
