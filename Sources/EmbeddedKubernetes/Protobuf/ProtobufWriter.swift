internal import FoundationEssentials
internal import JSONModel

/// Why an object cannot be written as protobuf.
struct ProtobufWriterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with the member.
    enum Problem: Sendable, Hashable {
        /// The shape has no such member, and what it says would be lost.
        case unknownMember
        case wrongType(expected: String)
    }

    /// What is wrong.
    var problem: Problem
    /// The member: `spec.containers[0].image`; empty for the object itself.
    var path = ""

    /// A sentence for people.
    var description: String {
        switch problem {
        case .unknownMember: "no protobuf field for \(path)"
        case .wrongType(let expected): "\(path.isEmpty ? "the object" : path) must be \(expected)"
        }
    }

    fileprivate static func wrongType(_ expected: String) -> Self { .init(problem: .wrongType(expected: expected)) }

    /// The same error, seen from the message around it.
    fileprivate func inside(_ name: String) -> Self {
        guard !name.isEmpty else { return self }
        let isDirect = path.isEmpty || path.hasPrefix("[")
        return .init(problem: problem, path: isDirect ? "\(name)\(path)" : "\(name).\(path)")
    }
}

/// Writes the fields of one protobuf message, as Go's marshaller lays them out.
///
/// Fields stand in the order of their numbers and entries of maps in the order of their keys. Empty strings and zeros
/// are written too where the field is no pointer.
struct ProtobufWriter {
    /// What is written so far.
    private(set) var bytes: [UInt8] = []

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func append(_ number: UInt64, varint value: UInt64) {
        append(varint: number << 3)
        append(varint: value)
    }

    private mutating func append(_ number: UInt64, _ content: some Collection<UInt8>) {
        append(varint: number << 3 | 2)
        append(varint: UInt64(content.count))
        bytes.append(contentsOf: content)
    }
}

/// Objects and the messages around them.
extension ProtobufWriter {
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    /// The message of an object, without an envelope.
    ///
    /// - Throws: ``ProtobufWriterError``, naming the first member that the shape does not have, or not so.
    static func message(_ object: JSONValue, _ shape: ProtobufMessage) throws(ProtobufWriterError) -> [UInt8] {
        guard let members = object.object else { throw .wrongType("an object") }
        var writer = ProtobufWriter()
        try writer.append(members, shape)
        return writer.bytes
    }

    /// An object as it is sent: the message, and around it what kind it is.
    static func envelope(apiVersion: String, kind: String, raw: [UInt8]) -> [UInt8] {
        var type = ProtobufWriter()
        type.append(1, apiVersion.utf8)
        type.append(2, kind.utf8)
        var unknown = ProtobufWriter()
        unknown.append(1, type.bytes)
        unknown.append(2, raw)
        // The encoding and the type of the content.
        unknown.append(3, [])
        unknown.append(4, [])
        return magic + unknown.bytes
    }

    /// A pod in its envelope.
    static func pod(_ pod: JSONValue) throws(ProtobufWriterError) -> [UInt8] {
        envelope(apiVersion: "v1", kind: "Pod", raw: try message(pod, .pod))
    }

    /// A list of pods in its envelope.
    static func podList(_ list: JSONValue) throws(ProtobufWriterError) -> [UInt8] {
        envelope(apiVersion: "v1", kind: "PodList", raw: try message(list, .podList))
    }

    /// A status in its envelope.
    static func status(_ status: JSONValue) throws(ProtobufWriterError) -> [UInt8] {
        envelope(apiVersion: "v1", kind: "Status", raw: try message(status, .status))
    }

    /// An event of a watch, around an object in its envelope.
    static func watchFrame(type: String, object: [UInt8]) -> [UInt8] {
        var extended = ProtobufWriter()
        extended.append(1, object)
        var event = ProtobufWriter()
        event.append(1, type.utf8)
        event.append(2, extended.bytes)
        let length = UInt32(clamping: event.bytes.count)
        return withUnsafeBytes(of: length.bigEndian, Array.init) + event.bytes
    }
}

/// Members by their shapes.
extension ProtobufWriter {
    private mutating func append(
        _ members: [String: JSONValue],
        _ shape: ProtobufMessage
    ) throws(ProtobufWriterError) {
        // Members have no order: the first is that of the alphabet.
        if let unknown = members.keys.filter({ !shape.names.contains($0) }).min() {
            throw .init(problem: .unknownMember, path: unknown)
        }
        try appendFields(members, shape)
    }

    private mutating func appendFields(
        _ members: [String: JSONValue],
        _ shape: ProtobufMessage
    ) throws(ProtobufWriterError) {
        for (number, field) in shape.ordered {
            if field.isInlined, case .message(let inner) = field.type {
                var writer = ProtobufWriter()
                try writer.appendFields(members, inner)
                append(number, writer.bytes)
                continue
            }
            do throws(ProtobufWriterError) {
                switch members[field.name] {
                case nil, .null: if field.isAlwaysWritten { try appendZero(number, field.type) }
                case .array(let elements) where field.isRepeated: try append(number, field.type, elements)
                case .some where field.isRepeated: throw .wrongType("an array")
                case .some(let value): try append(number, field.type, value)
                }
            } catch {
                throw error.inside(field.name)
            }
        }
    }

    private mutating func append(
        _ number: UInt64,
        _ type: ProtobufMessage.FieldType,
        _ elements: [JSONValue]
    ) throws(ProtobufWriterError) {
        for (index, element) in elements.enumerated() {
            do throws(ProtobufWriterError) {
                try append(number, type, element)
            } catch {
                throw error.inside("[\(index)]")
            }
        }
    }

    private mutating func append(
        _ number: UInt64,
        _ type: ProtobufMessage.FieldType,
        _ value: JSONValue
    ) throws(ProtobufWriterError) {
        switch type {
        case .string:
            guard let text = value.string else { throw .wrongType("a string") }
            append(number, text.utf8)
        case .bytes: append(number, try Self.data(value))
        case .int: append(number, varint: UInt64(bitPattern: try Self.integer(value)))
        case .bool:
            guard let truth = value.bool else { throw .wrongType("a boolean") }
            append(number, varint: truth ? 1 : 0)
        case .time: append(number, try Self.time(value))
        case .quantity: append(number, try Self.quantity(value))
        case .intOrString: append(number, try Self.intOrString(value))
        case .rawJSON:
            var raw = ProtobufWriter()
            raw.append(1, JSONSerializer().bytes(value))
            append(number, raw.bytes)
        case .message(let shape): append(number, try Self.message(value, shape))
        case .stringMap:
            try appendEntries(number, value) { value throws(ProtobufWriterError) in
                guard let text = value.string else { throw .wrongType("a string") }
                return Array(text.utf8)
            }
        case .bytesMap: try appendEntries(number, value, Self.data)
        case .quantityMap: try appendEntries(number, value, Self.quantity)
        }
    }

    /// Writes a field that JSON leaves out, as Go does.
    private mutating func appendZero(
        _ number: UInt64,
        _ type: ProtobufMessage.FieldType
    ) throws(ProtobufWriterError) {
        switch type {
        case .int, .bool: append(number, varint: 0)
        case .quantity: append(number, try Self.quantity("0"))
        case .intOrString: append(number, try Self.intOrString(0))
        case .message(let shape): append(number, try Self.message([:], shape))
        // The zero time is an empty message.
        case .string, .bytes, .time, .rawJSON: append(number, [])
        case .stringMap, .bytesMap, .quantityMap: break
        }
    }

    private mutating func appendEntries(
        _ number: UInt64,
        _ value: JSONValue,
        _ content: (JSONValue) throws(ProtobufWriterError) -> [UInt8]
    ) throws(ProtobufWriterError) {
        guard let entries = value.object else { throw .wrongType("an object") }
        // Go compares bytes.
        let sorted = entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (key, value) in sorted {
            var entry = ProtobufWriter()
            entry.append(1, key.utf8)
            do throws(ProtobufWriterError) {
                entry.append(2, try content(value))
            } catch {
                throw error.inside("[\(key)]")
            }
            append(number, entry.bytes)
        }
    }

    private static func integer(_ value: JSONValue) throws(ProtobufWriterError) -> Int64 {
        switch value {
        case .integer(let number): return number
        case .number(let number):
            if let whole = Int64(exactly: number) { return whole }
        default: break
        }
        throw .wrongType("an integer")
    }

    private static func data(_ value: JSONValue) throws(ProtobufWriterError) -> [UInt8] {
        guard let text = value.string, let data = Data(base64Encoded: text) else { throw .wrongType("base64") }
        return Array(data)
    }

    private static func time(_ value: JSONValue) throws(ProtobufWriterError) -> [UInt8] {
        guard let date = value.string.flatMap(Timestamps.parse),
            let seconds = Int64(exactly: date.timeIntervalSince1970.rounded(.down))
        else { throw .wrongType("a time") }
        var writer = ProtobufWriter()
        writer.append(1, varint: UInt64(bitPattern: seconds))
        // What is below a second is not kept.
        writer.append(2, varint: 0)
        return writer.bytes
    }

    private static func quantity(_ value: JSONValue) throws(ProtobufWriterError) -> [UInt8] {
        let text: String
        switch value {
        case .string(let string): text = string
        case .integer(let number): text = String(number)
        case .number(let number): text = "\(number)"
        default: throw .wrongType("a quantity")
        }
        var writer = ProtobufWriter()
        writer.append(1, text.utf8)
        return writer.bytes
    }

    private static func intOrString(_ value: JSONValue) throws(ProtobufWriterError) -> [UInt8] {
        var writer = ProtobufWriter()
        let text = value.string
        let number = text == nil ? try integer(value) : 0
        writer.append(1, varint: text == nil ? 0 : 1)
        writer.append(2, varint: UInt64(bitPattern: number))
        writer.append(3, (text ?? "").utf8)
        return writer.bytes
    }
}
