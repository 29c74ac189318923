/// The static type of an expression, as far as the schema tells.
indirect enum CELType: Sendable, Equatable {
    case dynamic
    case bool
    case int
    case double
    case string
    case bytes
    case null
    case duration
    case timestamp
    case list(CELType)
    case map(CELType)
    case object(StructuralSchema, isRoot: Bool)

    init(_ schema: StructuralSchema?, isRoot: Bool = false) {
        guard let schema, !schema.isIntOrString else {
            self = .dynamic
            return
        }
        switch schema.type {
        case "boolean": self = .bool
        case "integer": self = .int
        case "number": self = .double
        case "string":
            switch schema.constraints.format {
            case "date-time": self = .timestamp
            case "duration": self = .duration
            case "byte": self = .bytes
            default: self = .string
            }
        case "array": self = .list(CELType(schema.items))
        case "object":
            if let additional = schema.additionalProperties {
                self = .map(CELType(additional))
            } else if schema.properties.isEmpty, schema.preservesUnknownFields {
                self = .dynamic
            } else {
                self = .object(schema, isRoot: isRoot || schema.isEmbeddedResource)
            }
        default: self = .dynamic
        }
    }

    static func == (left: CELType, right: CELType) -> Bool {
        switch (left, right) {
        case (.dynamic, .dynamic), (.bool, .bool), (.int, .int), (.double, .double), (.string, .string),
            (.bytes, .bytes), (.null, .null), (.duration, .duration), (.timestamp, .timestamp):
            true
        case (.list(let left), .list(let right)), (.map(let left), .map(let right)): left == right
        case (.object(let left, _), .object(let right, _)): left === right
        default: false
        }
    }

    /// Whether a value of one type may be compared with one of the other.
    func isComparable(to other: CELType) -> Bool {
        switch (self, other) {
        case (.dynamic, _), (_, .dynamic), (.null, _), (_, .null): true
        case (.int, .double), (.double, .int): true
        case (.list(let left), .list(let right)), (.map(let left), .map(let right)): left.isComparable(to: right)
        case (.object, .map), (.map, .object), (.object, .object): true
        default: self == other
        }
    }

    var name: String {
        switch self {
        case .dynamic: "dyn"
        case .bool: "bool"
        case .int: "int"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .null: "null"
        case .duration: "google.protobuf.Duration"
        case .timestamp: "google.protobuf.Timestamp"
        case .list(let element): "list(\(element.name))"
        case .map(let value): "map(string, \(value.name))"
        case .object: "object"
        }
    }
}

/// Finds undefined fields and impossible comparisons before an expression is ever run.
struct CELTypeChecker {
    private var variables: [String: CELType]

    init(variables: [String: CELType]) { self.variables = variables }

    mutating func type(of syntax: CELSyntax) throws(CELError) -> CELType {
        switch syntax {
        case .literal(let value): return Self.type(of: value)
        case .identifier(let name):
            guard let type = variables[name] else {
                throw CELError("undeclared reference to '\(name)' (in container '')")
            }
            return type
        case .select(let base, let name): return try field(name, of: try type(of: base))
        case .has(let base, let name):
            _ = try field(name, of: try type(of: base))
            return .bool
        case .index(let base, let index): return try element(of: try type(of: base), at: try type(of: index))
        case .call(let name, let target, let arguments): return try call(name, target, arguments)
        case .list(let elements):
            var types: [CELType] = []
            for element in elements { types.append(try type(of: element)) }
            guard let first = types.first, types.allSatisfy({ $0 == first }) else { return .list(.dynamic) }
            return .list(first)
        case .map(let entries):
            for entry in entries {
                let key = try type(of: entry.key)
                guard key == .string || key == .dynamic else {
                    throw CELError("map keys other than strings are not supported by this stand-in")
                }
                _ = try type(of: entry.value)
            }
            return .map(.dynamic)
        case .not(let inner):
            try expect(.bool, inner)
            return .bool
        case .negate(let inner): return try type(of: inner)
        case .binary(let operation, let left, let right): return try binary(operation, left, right)
        case .conditional(let test, let left, let right):
            try expect(.bool, test)
            let first = try type(of: left)
            let second = try type(of: right)
            return first == second ? first : .dynamic
        case .comprehension(let macro, let range, let variable, let filter, let body):
            return try comprehension(macro, range, variable, filter, body)
        }
    }

    private static func type(of value: CELValue) -> CELType {
        switch value {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .duration: .duration
        case .timestamp: .timestamp
        case .list: .list(.dynamic)
        case .map: .map(.dynamic)
        }
    }

    private mutating func expect(_ wanted: CELType, _ syntax: CELSyntax) throws(CELError) {
        let found = try type(of: syntax)
        guard found == wanted || found == .dynamic else {
            throw CELError("found no matching overload: expected \(wanted.name), found \(found.name)")
        }
    }

    private func field(_ name: String, of base: CELType) throws(CELError) -> CELType {
        switch base {
        case .dynamic: return .dynamic
        case .map(let value): return value
        case .object(let schema, let isRoot):
            if let property = schema.properties[name], !(isRoot && name == "metadata") { return CELType(property) }
            if isRoot {
                if name == "apiVersion" || name == "kind" { return .string }
                if name == "metadata" { return .map(.dynamic) }
            }
            if schema.preservesUnknownFields { return .dynamic }
            throw CELError("undefined field '\(name)'")
        default: throw CELError("type '\(base.name)' does not support field selection")
        }
    }

    private func element(of base: CELType, at index: CELType) throws(CELError) -> CELType {
        switch (base, index) {
        case (.dynamic, _): return .dynamic
        case (.list(let element), .int), (.list(let element), .dynamic): return element
        case (.map(let value), .string), (.map(let value), .dynamic): return value
        default: throw CELError("found no matching overload for '_[_]' applied to '(\(base.name), \(index.name))'")
        }
    }

    private mutating func call(_ name: String, _ target: CELSyntax?, _ arguments: [CELSyntax]) throws(CELError)
        -> CELType
    {
        let receiver: CELType? = if let target { try type(of: target) } else { nil }
        var types: [CELType] = []
        for argument in arguments { types.append(try type(of: argument)) }
        switch name {
        case "matches", "startsWith", "endsWith", "contains":
            for type in [receiver, types.first] {
                guard type == .string || type == .dynamic else {
                    throw CELError("found no matching overload for '\(name)' applied to '\(type?.name ?? "")'")
                }
            }
            return .bool
        case "size":
            switch receiver ?? types.first ?? .null {
            case .dynamic, .string, .bytes, .list, .map: return .int
            case let other: throw CELError("found no matching overload for 'size' applied to '(\(other.name))'")
            }
        case "int", "indexOf", "getSeconds", "getMinutes", "getHours": return .int
        case "double": return .double
        case "bool", "isURL": return .bool
        case "duration": return .duration
        case "timestamp": return .timestamp
        case "split": return .list(.string)
        default: return .string
        }
    }

    private mutating func binary(
        _ operation: CELSyntax.Operator,
        _ left: CELSyntax,
        _ right: CELSyntax
    ) throws(CELError) -> CELType {
        if operation == .and || operation == .or {
            try expect(.bool, left)
            try expect(.bool, right)
            return .bool
        }
        let first = try type(of: left)
        let second = try type(of: right)
        func refuse() -> CELError {
            CELError(
                "found no matching overload for '_\(operation.rawValue)_' applied to '(\(first.name), \(second.name))'"
            )
        }
        switch operation {
        case .isIn:
            switch second {
            case .list(let element) where element.isComparable(to: first): return .bool
            case .map, .dynamic: return .bool
            default: throw refuse()
            }
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard first.isComparable(to: second) else { throw refuse() }
            return .bool
        default:
            if first == .dynamic || second == .dynamic { return .dynamic }
            if first == .timestamp || first == .duration || second == .timestamp {
                return first == .timestamp && second == .timestamp
                    ? .duration : first == .duration && second == .duration ? .duration : .timestamp
            }
            guard first.isComparable(to: second), first != .bool else { throw refuse() }
            return first
        }
    }

    private mutating func comprehension(
        _ macro: CELSyntax.Macro,
        _ range: CELSyntax,
        _ variable: String,
        _ filter: CELSyntax?,
        _ body: CELSyntax
    ) throws(CELError) -> CELType {
        let element: CELType
        switch try type(of: range) {
        case .list(let inner): element = inner
        case .map: element = .string
        case .dynamic: element = .dynamic
        case let other: throw CELError("expression of type '\(other.name)' cannot be range of a comprehension")
        }
        let shadowed = variables[variable]
        variables[variable] = element
        defer { variables[variable] = shadowed }
        if let filter { try expect(.bool, filter) }
        switch macro {
        case .all, .exists, .existsOne:
            try expect(.bool, body)
            return .bool
        case .filter:
            try expect(.bool, body)
            return .list(element)
        case .map: return .list(try type(of: body))
        }
    }
}
