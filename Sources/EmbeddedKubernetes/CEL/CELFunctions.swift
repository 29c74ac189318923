internal import FoundationEssentials

/// The functions of the subset.
///
/// Each is total: a wrong argument is an error, never a trap.
enum CELFunctions {
    private static let functions: [String: Int] = [
        "size": 1, "string": 1, "int": 1, "double": 1, "bool": 1, "duration": 1, "timestamp": 1, "isURL": 1,
    ]
    private static let methods: [String: ClosedRange<Int>] = [
        "size": 0...0, "matches": 1...1, "startsWith": 1...1, "endsWith": 1...1, "contains": 1...1,
        "lowerAscii": 0...0, "upperAscii": 0...0, "trim": 0...0, "split": 1...1, "join": 0...1, "replace": 2...2,
        "substring": 1...2, "indexOf": 1...1, "getSeconds": 0...0, "getMinutes": 0...0, "getHours": 0...0,
    ]

    static func exists(_ name: String, isMethod: Bool, arity: Int) -> Bool {
        isMethod ? methods[name]?.contains(arity) == true : functions[name] == arity
    }

    static func call(_ name: String, _ argument: CELValue) throws(CELError) -> CELValue {
        switch (name, argument) {
        case ("size", _): return .int(Int64(try size(argument)))
        case ("string", .string): return argument
        case ("string", .int(let value)): return .string(String(value))
        case ("string", .double(let value)): return .string("\(value)")
        case ("string", .bool(let value)): return .string(String(value))
        case ("string", .timestamp(let value)):
            return .string(Timestamps.seconds(Timestamps.date(nanoseconds: value)))
        case ("string", .duration(let value)): return .string("\(Double(value) / 1e9)s")
        case ("int", .int): return argument
        case ("int", .string(let text)): return .int(try unwrap(Int64(text), "int('\(text.prefix(32))')"))
        case ("int", .double(let value)):
            return .int(try unwrap(Int64(exactly: value.rounded(.towardZero)), "int(\(value))"))
        case ("double", .double): return argument
        case ("double", .int(let value)): return .double(Double(value))
        case ("double", .string(let text)): return .double(try unwrap(Double(text), "double('\(text.prefix(32))')"))
        case ("bool", .bool): return argument
        case ("bool", .string("true")): return .bool(true)
        case ("bool", .string("false")): return .bool(false)
        case ("duration", .duration), ("timestamp", .timestamp): return argument
        case ("duration", .string(let text)):
            return .duration(try unwrap(GoDuration.parse(text), "duration('\(text.prefix(32))')"))
        case ("timestamp", .string(let text)):
            let date = try unwrap(Timestamps.parse(text), "timestamp('\(text.prefix(48))')")
            return .timestamp(Timestamps.nanoseconds(date))
        case ("isURL", .string(let text)): return .bool(StringFormat.isValid(text, format: "uri"))
        default: throw noOverload(name, [argument])
        }
    }

    static func call(_ name: String, on target: CELValue, _ arguments: [CELValue]) throws(CELError) -> CELValue {
        switch (target, arguments.first) {
        case (_, nil) where name == "size": return .int(Int64(try size(target)))
        case (.string(let text), .string(let other)?): return try binary(name, text, other, arguments)
        case (.string(let text), nil): return try unary(name, text)
        case (.string(let text), .int(let start)?) where name == "substring":
            return try substring(text, from: start, to: arguments.dropFirst().first)
        case (.list(let elements), let separator) where name == "join":
            var texts: [String] = []
            for element in elements {
                guard case .string(let text) = element else { throw noOverload(name, [element]) }
                texts.append(text)
            }
            guard case .string(let text) = separator ?? .string("") else { throw noOverload(name, arguments) }
            return .string(texts.joined(separator: text))
        case (.list(let elements), let wanted?) where name == "indexOf":
            return .int(Int64(elements.firstIndex { $0.isEqual(wanted) } ?? -1))
        case (.duration(let value), nil): return try component(name, value)
        default: throw noOverload(name, [target] + arguments)
        }
    }

    static func size(_ value: CELValue) throws(CELError) -> Int {
        switch value {
        case .string(let text): text.unicodeScalars.count
        case .bytes(let bytes): bytes.count
        case .list(let elements): elements.count
        case .map(let entries): entries.count
        default: throw noOverload("size", [value])
        }
    }

    private static func unary(_ name: String, _ text: String) throws(CELError) -> CELValue {
        switch name {
        case "lowerAscii": return .string(ascii(text) { (0x41...0x5A).contains($0) ? $0 + 32 : $0 })
        case "upperAscii": return .string(ascii(text) { (0x61...0x7A).contains($0) ? $0 - 32 : $0 })
        case "trim":
            let isSpace: (Character) -> Bool = { $0.isWhitespace }
            let front = text.drop(while: isSpace)
            let trimmed = front.reversed().drop(while: isSpace).reversed()
            return .string(String(trimmed))
        default: throw noOverload(name, [.string(text)])
        }
    }

    private static func ascii(_ text: String, _ change: (UInt8) -> UInt8) -> String {
        String(decoding: text.utf8.map(change), as: UTF8.self)
    }

    private static func binary(
        _ name: String,
        _ text: String,
        _ other: String,
        _ arguments: [CELValue]
    ) throws(CELError) -> CELValue {
        switch name {
        case "matches":
            guard RegularExpressions.shared.isValid(other) else { throw CELError("invalid regular expression") }
            return .bool(RegularExpressions.shared.matches(other, text))
        case "startsWith": return .bool(text.unicodeScalars.starts(with: other.unicodeScalars))
        case "endsWith": return .bool(text.unicodeScalars.reversed().starts(with: other.unicodeScalars.reversed()))
        case "contains": return .bool(other.isEmpty || text.contains(other))
        case "split":
            let parts =
                other.isEmpty
                ? text.map(String.init)
                : text.split(separator: other, omittingEmptySubsequences: false).map(String.init)
            return .list(parts.map(CELValue.string))
        case "replace":
            guard case .string(let new)? = arguments.dropFirst().first else { throw noOverload(name, arguments) }
            return .string(other.isEmpty ? text : text.replacing(other, with: new))
        case "indexOf":
            guard let range = text.firstRange(of: other) else { return .int(-1) }
            return .int(Int64(text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound)))
        default: throw noOverload(name, [.string(text)] + arguments)
        }
    }

    private static func substring(_ text: String, from start: Int64, to end: CELValue?) throws(CELError) -> CELValue {
        let scalars = Array(text.unicodeScalars)
        var last = Int64(scalars.count)
        if let end {
            guard case .int(let value) = end else { throw noOverload("substring", [end]) }
            last = value
        }
        guard start >= 0, start <= last, last <= Int64(scalars.count) else { throw CELError("index out of range") }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[Int(start)..<Int(last)])
        return .string(String(view))
    }

    private static func component(_ name: String, _ nanoseconds: Int64) throws(CELError) -> CELValue {
        switch name {
        case "getSeconds": .int(nanoseconds / 1_000_000_000)
        case "getMinutes": .int(nanoseconds / 60_000_000_000)
        case "getHours": .int(nanoseconds / 3_600_000_000_000)
        default: throw noOverload(name, [.duration(nanoseconds)])
        }
    }

    private static func unwrap<Value>(_ value: Value?, _ what: String) throws(CELError) -> Value {
        guard let value else { throw CELError("type conversion error in \(what)") }
        return value
    }

    static func noOverload(_ name: String, _ values: [CELValue]) -> CELError {
        CELError("no such overload: \(name)(\(values.map(\.typeName).joined(separator: ", ")))")
    }
}
