extension JSONReader {
    /// Reads one value of any kind and forgets it.
    public mutating func skip() throws(JSONError) {
        var open = OpenContainers()
        while true {
            try skipOpening(&open)
            // A value is complete; so may be what it stands in.
            while true {
                guard let isObject = open.innermost else { return }
                skipWhitespace()
                if peek == UInt8(ascii: ",") {
                    offset += 1
                    if isObject { _ = try memberName() }
                    break
                }
                guard peek == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw unexpected() }
                offset += 1
                open.leave()
            }
        }
    }

    /// Skips a scalar or an empty container, or enters containers up to the first such value.
    private mutating func skipOpening(_ open: inout OpenContainers) throws(JSONError) {
        while true {
            switch try kind() {
            case .string:
                _ = try stringContent()
                return
            case .number:
                _ = try skipNumber()
                return
            case .bool: return try literal(peek == UInt8(ascii: "t") ? "true" : "false")
            case .null: return try literal("null")
            case .object:
                offset += 1
                skipWhitespace()
                guard peek != UInt8(ascii: "}") else {
                    offset += 1
                    return
                }
                open.enter(isObject: true)
                try checkDepth(nesting + open.count)
                _ = try memberName()
            case .array:
                offset += 1
                skipWhitespace()
                guard peek != UInt8(ascii: "]") else {
                    offset += 1
                    return
                }
                open.enter(isObject: false)
                try checkDepth(nesting + open.count)
            }
        }
    }

    mutating func literal(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[index] else { throw unexpected() }
            offset += 1
        }
    }

    /// Reads a number, and says whether it has neither fraction nor exponent.
    mutating func skipNumber() throws(JSONError) -> Bool {
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
        return isInteger
    }

    private mutating func digits() throws(JSONError) {
        guard let first = peek, (0x30...0x39).contains(first) else { throw JSONError(.invalidNumber, offset: offset) }
        while let byte = peek, (0x30...0x39).contains(byte) { offset += 1 }
    }
}

/// Which of the containers around a value are objects, a bit each; only deep documents cost memory.
private struct OpenContainers {
    private var bits: UInt64 = 0
    private var deeper: [UInt64] = []
    private(set) var count = 0

    /// Whether the innermost container is an object; `nil` outside of all.
    var innermost: Bool? { count == 0 ? nil : bits & 1 == 1 }

    mutating func enter(isObject: Bool) {
        if count > 0, count % 64 == 0 {
            deeper.append(bits)
            bits = 0
        }
        bits = bits << 1 | (isObject ? 1 : 0)
        count += 1
    }

    mutating func leave() {
        count -= 1
        bits >>= 1
        if count > 0, count % 64 == 0, let outer = deeper.popLast() { bits = outer }
    }
}
