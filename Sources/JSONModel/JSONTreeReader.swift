/// The recursive descent under ``JSONParser``.
///
/// Every read is bounds-checked by `peek`.
struct JSONTreeReader {
    let buffer: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    let refusesDuplicates: Bool
    private(set) var duplicates: [String] = []
    private var offset = 0
    private var values = 0
    private var path: [PathElement] = []

    private enum PathElement {
        case member(String)
        case element(Int)
    }

    init(buffer: UnsafeBufferPointer<UInt8>, limits: JSONLimits, refusesDuplicates: Bool) {
        self.buffer = buffer
        self.limits = limits
        self.refusesDuplicates = refusesDuplicates
    }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try self.value(depth: 0)
        skipWhitespace()
        guard offset == buffer.count else { throw JSONError(.trailingContent, offset: offset) }
        return value
    }

    private var peek: UInt8? { offset < buffer.count ? buffer[offset] : nil }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private func unexpected() -> JSONError {
        JSONError(offset < buffer.count ? .unexpectedByte : .unexpectedEnd, offset: offset)
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.maximumValues else {
            throw JSONError(.limitExceeded("more than \(limits.maximumValues) values"), offset: offset)
        }
        skipWhitespace()
        switch peek {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        default: throw unexpected()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard let byte = peek, byte == word.utf8Start[index] else { throw unexpected() }
            offset += 1
        }
        return value
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= limits.maximumDepth else {
            throw JSONError(.limitExceeded("nested deeper than \(limits.maximumDepth)"), offset: offset)
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> [String: JSONValue] {
        try checkDepth(depth)
        offset += 1
        var members: [String: JSONValue] = [:]
        skipWhitespace()
        if peek == UInt8(ascii: "}") {
            offset += 1
            return members
        }
        while true {
            skipWhitespace()
            let start = offset
            guard peek == UInt8(ascii: "\"") else { throw unexpected() }
            let key = try string()
            skipWhitespace()
            guard peek == UInt8(ascii: ":") else { throw unexpected() }
            offset += 1
            path.append(.member(key))
            let value = try self.value(depth: depth)
            if members.updateValue(value, forKey: key) != nil {
                guard !refusesDuplicates else { throw JSONError(.duplicateKey(key), offset: start) }
                if duplicates.count < 100 { duplicates.append(pathText) }
            }
            path.removeLast()
            skipWhitespace()
            switch peek {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "}"):
                offset += 1
                return members
            default: throw unexpected()
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try checkDepth(depth)
        offset += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if peek == UInt8(ascii: "]") {
            offset += 1
            return elements
        }
        while true {
            path.append(.element(elements.count))
            elements.append(try value(depth: depth))
            path.removeLast()
            skipWhitespace()
            switch peek {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "]"):
                offset += 1
                return elements
            default: throw unexpected()
            }
        }
    }

    private var pathText: String {
        var text = ""
        for element in path {
            switch element {
            case .member(let name): text += text.isEmpty ? name : ".\(name)"
            case .element(let index): text += "[\(index)]"
            }
        }
        return text
    }
}

// MARK: - Scalars

extension JSONTreeReader {
    private mutating func digits() throws(JSONError) {
        guard let first = peek, (0x30...0x39).contains(first) else { throw JSONError(.invalidNumber, offset: offset) }
        while let byte = peek, (0x30...0x39).contains(byte) { offset += 1 }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        if peek == UInt8(ascii: "-") { offset += 1 }
        if peek == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        var isInteger = true
        if peek == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        guard offset - start <= 128 else { throw JSONError(.invalidNumber, offset: start) }
        let text = String(decoding: buffer[start..<offset], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw JSONError(.invalidNumber, offset: start) }
        return .number(double)
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        guard let end = peek else { throw JSONError(.unexpectedEnd, offset: offset) }
        guard end >= 0x20 else { throw JSONError(.invalidString, offset: offset) }
        if end == UInt8(ascii: "\"") {
            offset += 1
            return try text(buffer[start..<(offset - 1)], start: start)
        }
        return try escapedString(start: start)
    }

    private func text(_ bytes: some Collection<UInt8>, start: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONError(.invalidString, offset: start)
        }
        return text
    }

    private mutating func escapedString(start: Int) throws(JSONError) -> String {
        var bytes = Array(buffer[start..<offset])
        while let byte = peek {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(bytes, start: start)
            case UInt8(ascii: "\\"): try escape(into: &bytes)
            case 0..<0x20: throw JSONError(.invalidString, offset: offset - 1)
            default: bytes.append(byte)
            }
        }
        throw JSONError(.unexpectedEnd, offset: offset)
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw JSONError(.unexpectedEnd, offset: offset) }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: Array(try unicodeEscape().utf8))
        default: throw JSONError(.invalidString, offset: offset - 1)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Character {
        let start = offset
        let first = try fourHexDigits()
        var scalar = first
        if (0xD800..<0xDC00).contains(first) {
            guard peek == UInt8(ascii: "\\") else { throw JSONError(.invalidString, offset: start) }
            offset += 1
            guard peek == UInt8(ascii: "u") else { throw JSONError(.invalidString, offset: start) }
            offset += 1
            let second = try fourHexDigits()
            guard (0xDC00..<0xE000).contains(second) else { throw JSONError(.invalidString, offset: start) }
            scalar = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        }
        guard let unicode = Unicode.Scalar(scalar) else { throw JSONError(.invalidString, offset: start) }
        return Character(unicode)
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek else { throw JSONError(.unexpectedEnd, offset: offset) }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw JSONError(.invalidString, offset: offset)
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}
