internal import FoundationEssentials
internal import JSONModel

/// Reading the protobuf bodies that typed clients send, into the JSON form of the same object.
enum KubernetesProtobuf {
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
    private static let maximumDepth = 16

    /// Reads an envelope and the object inside.
    ///
    /// - Throws: ``ProtobufError``.
    static func decode(_ body: [UInt8]) throws(ProtobufError) -> JSONValue {
        guard body.starts(with: magic) else { throw .malformed }
        var envelope = ProtobufReader(body.dropFirst(magic.count))
        var apiVersion = ""
        var kind = ""
        var raw: ArraySlice<UInt8> = []
        while let (number, field) = try envelope.next() {
            guard case .bytes(let bytes) = field else { continue }
            if number == 1 {
                var type = ProtobufReader(bytes)
                while let (number, field) = try type.next() {
                    guard case .bytes(let bytes) = field else { continue }
                    if number == 1 { apiVersion = try text(bytes) }
                    if number == 2 { kind = try text(bytes) }
                }
            } else if number == 2 {
                raw = bytes
            }
        }
        guard let shape = ProtobufMessage.kinds[kind] else { throw ProtobufError(problem: .unknownKind(kind)) }
        var object = try message(raw, shape, depth: 0)
        object["apiVersion"] = .string(apiVersion)
        object["kind"] = .string(kind)
        return .object(object)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return text
    }

    private static func message(
        _ bytes: ArraySlice<UInt8>,
        _ shape: ProtobufMessage,
        depth: Int
    ) throws(ProtobufError) -> [String: JSONValue] {
        guard depth <= maximumDepth else { throw .malformed }
        var reader = ProtobufReader(bytes)
        var members: [String: JSONValue] = [:]
        while let (number, field) = try reader.next() {
            guard let description = shape.fields[number] else { continue }
            guard let value = try value(field, description, depth: depth) else { continue }
            if description.isInlined {
                members.merge(value.object ?? [:]) { _, new in new }
            } else if description.isRepeated {
                members[description.name] = .array((members[description.name]?.array ?? []) + [value])
            } else if let entries = members[description.name]?.object, let more = value.object {
                members[description.name] = .object(entries.merging(more) { _, new in new })
            } else {
                members[description.name] = value
            }
        }
        return members
    }

    /// A field's value; `nil` for the empty values that Go always writes and JSON leaves out.
    private static func value(
        _ field: ProtobufReader.Field,
        _ description: ProtobufMessage.Field,
        depth: Int
    ) throws(ProtobufError) -> JSONValue? {
        switch (description.type, field) {
        case (.int, .varint(let number)):
            let value = Int64(bitPattern: number)
            return value == 0 && description.dropsZero ? nil : .integer(value)
        case (.bool, .varint(let number)): return number == 0 && description.dropsZero ? nil : .bool(number != 0)
        case (.string, .bytes(let bytes)):
            let text = try text(bytes)
            return text.isEmpty && !description.isRepeated && !description.keepsEmpty ? nil : .string(text)
        case (.bytes, .bytes(let bytes)): return .string(Data(bytes).base64EncodedString())
        case (.time, .bytes(let bytes)): return try time(bytes)
        case (.message(let shape), .bytes(let bytes)):
            let members = try message(bytes, shape, depth: depth + 1)
            return members.isEmpty && !description.keepsEmpty ? nil : .object(members)
        case (.quantity, .bytes(let bytes)): return .string(try text(first(in: bytes) ?? []))
        case (.intOrString, .bytes(let bytes)): return try intOrString(bytes)
        case (.rawJSON, .bytes(let bytes)): return try rawJSON(bytes)
        case (.stringMap, .bytes(let bytes)): return try entry(bytes, text)
        case (.bytesMap, .bytes(let bytes)): return try entry(bytes) { Data($0).base64EncodedString() }
        case (.quantityMap, .bytes(let bytes)):
            return try entry(bytes) { bytes throws(ProtobufError) in try text(first(in: bytes) ?? []) }
        default: throw .malformed
        }
    }

    private static func time(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> JSONValue? {
        var reader = ProtobufReader(bytes)
        var seconds: Int64?
        while let (number, field) = try reader.next() {
            if number == 1, case .varint(let value) = field { seconds = Int64(bitPattern: value) }
        }
        guard let seconds, abs(Double(seconds)) < 1e11 else { return nil }
        return .string(Timestamps.seconds(Date(timeIntervalSince1970: Double(seconds))))
    }

    /// What the messages around one text hold: the bytes of field 1.
    private static func first(in bytes: ArraySlice<UInt8>) throws(ProtobufError) -> ArraySlice<UInt8>? {
        var reader = ProtobufReader(bytes)
        var content: ArraySlice<UInt8>?
        while let (number, field) = try reader.next() {
            if number == 1, case .bytes(let bytes) = field { content = bytes }
        }
        return content
    }

    private static func intOrString(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> JSONValue {
        var reader = ProtobufReader(bytes)
        var isString = false
        var integer: Int64 = 0
        var string = ""
        while let (number, field) = try reader.next() {
            switch (number, field) {
            case (1, .varint(let type)): isString = type == 1
            case (2, .varint(let value)): integer = Int64(bitPattern: value)
            case (3, .bytes(let bytes)): string = try text(bytes)
            default: continue
            }
        }
        return isString ? .string(string) : .integer(integer)
    }

    private static func rawJSON(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> JSONValue? {
        guard let text = try first(in: bytes), !text.isEmpty else { return nil }
        guard let value = try? JSONParser().parse(Array(text)) else { throw .malformed }
        return value
    }

    private static func entry(
        _ bytes: ArraySlice<UInt8>,
        _ convert: (ArraySlice<UInt8>) throws(ProtobufError) -> String
    ) throws(ProtobufError) -> JSONValue {
        var reader = ProtobufReader(bytes)
        var key = ""
        var value = ""
        while let (number, field) = try reader.next() {
            guard case .bytes(let bytes) = field else { throw .malformed }
            if number == 1 { key = try text(bytes) }
            if number == 2 { value = try convert(bytes) }
        }
        return .object([key: .string(value)])
    }
}
