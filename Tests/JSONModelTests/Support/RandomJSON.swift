import FoundationEssentials
import JSONModel
import TestTiming

/// Documents, good ones and broken ones, the same for the same seed.
struct RandomJSON: RandomNumberGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func upTo(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &self) }

    /// A document of all kinds of values, with white space here and there.
    mutating func document(depth: Int = 4) -> String {
        switch upTo(depth > 0 ? 7 : 5) {
        case 0: return ["null", "true", "false"][upTo(2)]
        case 1: return String(Int64(bitPattern: next()) >> Int64(upTo(63)))
        case 2: return ["-0", "0.5", "1e3", "-2.5E-2", "1E+2", "123456789012345678901234567890"][upTo(5)]
        case 3...5: return string()
        case 6:
            return "[" + (0..<upTo(4)).map { _ in space() + document(depth: depth - 1) }.joined(separator: ",") + "]"
        default:
            let members = (0..<upTo(4)).map { _ in
                space() + string() + space() + ":" + space() + document(depth: depth - 1) + space()
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    mutating func string() -> String {
        let parts = [
            "a", "bc", "name", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude00", "é", "\u{1F4E6}", "\u{2028}",
            "\u{85}", "{", "[", "]}", ",", "registry.example.com/shop/web", "\u{7F}",
        ]
        return "\"" + (0..<upTo(5)).map { _ in parts[upTo(parts.count - 1)] }.joined() + "\""
    }

    private mutating func space() -> String { ["", "", "", " ", "\n\t"][upTo(4)] }

    /// The document with a few bytes changed, left out, doubled or cut off.
    mutating func mutated(_ document: [UInt8]) -> [UInt8] {
        var bytes = document
        for _ in 0...upTo(2) where !bytes.isEmpty {
            let place = upTo(bytes.count - 1)
            switch upTo(4) {
            case 0: bytes[place] = UInt8(upTo(255))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            case 3: bytes[place] = Array("{}[]\",:\\u0e-".utf8)[upTo(11)]
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}

/// The whole document as a tree, read value by value; of a repeated member the later stays.
func tree(_ reader: inout JSONReader) throws -> JSONValue {
    switch try reader.kind() {
    case .object:
        var members: [String: JSONValue] = [:]
        try reader.beginObject()
        while let name = try reader.nextMember()?.string { members[name] = try tree(&reader) }
        return .object(members)
    case .array:
        var elements: [JSONValue] = []
        try reader.beginArray()
        while try reader.nextElement() { elements.append(try tree(&reader)) }
        return .array(elements)
    case .string: return .string(try reader.string())
    case .bool: return .bool(try reader.bool())
    case .null: return try reader.null() ? .null : .string("no null")
    case .number:
        let text = String(decoding: try reader.raw(), as: UTF8.self)
        return try JSONReader.read(Array(text.utf8)) { number in
            if let integer = Int64(text) {
                guard try number.integer() == integer else { throw JSONError(.invalidNumber, offset: 0) }
                return .integer(integer)
            }
            return .number(try number.double())
        }
    }
}
