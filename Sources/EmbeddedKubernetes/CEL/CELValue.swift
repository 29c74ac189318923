internal import FoundationEssentials
internal import JSONModel

/// A value while an expression is evaluated.
enum CELValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list([CELValue])
    case map([String: CELValue])
    /// Nanoseconds.
    case duration(Int64)
    /// Nanoseconds since 1970.
    case timestamp(Int64)

    /// The name of the value's type, for errors.
    var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .duration: "google.protobuf.Duration"
        case .timestamp: "google.protobuf.Timestamp"
        }
    }

    /// CEL equality: numbers compare across types.
    func isEqual(_ other: CELValue) -> Bool {
        switch (self, other) {
        case (.int(let left), .double(let right)): Double(left) == right
        case (.double(let left), .int(let right)): left == Double(right)
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isEqual($1) }
        case (.map(let left), .map(let right)):
            left.count == right.count
                && left.allSatisfy { key, value in right[key].map { value.isEqual($0) } ?? false }
        default: self == other
        }
    }
}

extension CELValue {
    /// The value as its schema types it: `date-time` strings are timestamps, `duration` strings durations.
    init(_ value: JSONValue, schema: StructuralSchema?) {
        switch value {
        case .null: self = .null
        case .bool(let truth): self = .bool(truth)
        case .integer(let number): self = schema?.type == "number" ? .double(Double(number)) : .int(number)
        case .number(let number): self = .double(number)
        case .string(let text): self = CELValue.string(text, format: schema?.constraints.format)
        case .array(let elements): self = .list(elements.map { CELValue($0, schema: schema?.items) })
        case .object(let members):
            var entries: [String: CELValue] = [:]
            for (name, member) in members {
                entries[name] = CELValue(member, schema: schema?.properties[name] ?? schema?.additionalProperties)
            }
            self = .map(entries)
        }
    }

    private static func string(_ text: String, format: String?) -> CELValue {
        switch format {
        case "date-time": Timestamps.parse(text).map { .timestamp(Timestamps.nanoseconds($0)) } ?? .string(text)
        case "duration": GoDuration.parse(text).map(CELValue.duration) ?? .string(text)
        case "byte": Data(base64Encoded: text).map { .bytes(Array($0)) } ?? .string(text)
        default: .string(text)
        }
    }
}
