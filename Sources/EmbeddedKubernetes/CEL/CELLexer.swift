/// One word of an expression.
enum CELToken: Sendable, Hashable {
    case identifier(String)
    case int(Int64)
    case double(Double)
    case string(String)
    case symbol(String)
    case end
}

/// Cuts an expression into words.
struct CELLexer {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    /// Longer expressions are refused.
    static let maximumLength = 16_384

    init(_ text: String) throws(CELError) {
        guard text.utf8.count <= Self.maximumLength else { throw CELError("the expression is too long") }
        scalars = Array(text.unicodeScalars)
    }

    static func tokens(_ text: String) throws(CELError) -> [CELToken] {
        var lexer = try CELLexer(text)
        var tokens: [CELToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens + [.end]
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        let at = position + ahead
        return at < scalars.count ? scalars[at] : nil
    }

    private mutating func next() throws(CELError) -> CELToken? {
        while let scalar = peek() {
            if scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" {
                position += 1
            } else if scalar == "/", peek(1) == "/" {
                while let scalar = peek(), scalar != "\n" { position += 1 }
            } else {
                break
            }
        }
        guard let first = peek() else { return nil }
        if first == "r" || first == "R", peek(1) == "'" || peek(1) == "\"" {
            position += 1
            return .string(try string(isRaw: true))
        }
        if Self.isLetter(first) { return word() }
        if Self.isDigit(first) || (first == "." && peek(1).map(Self.isDigit) == true) { return try number() }
        if first == "'" || first == "\"" { return .string(try string(isRaw: false)) }
        return try symbol(first)
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private func text(from start: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<position])
        return String(view)
    }

    private mutating func word() -> CELToken {
        let start = position
        while let scalar = peek(), Self.isLetter(scalar) || Self.isDigit(scalar) { position += 1 }
        return .identifier(text(from: start))
    }

    private mutating func number() throws(CELError) -> CELToken {
        let start = position
        var isInteger = true
        if peek() == "0", peek(1) == "x" || peek(1) == "X" {
            position += 2
            let digits = position
            while let scalar = peek(), Self.isDigit(scalar) || Self.isLetter(scalar) { position += 1 }
            guard let value = Int64(text(from: digits), radix: 16) else { throw CELError("malformed number") }
            return .int(value)
        }
        while let scalar = peek() {
            if scalar == "." || scalar == "e" || scalar == "E" {
                isInteger = false
            } else if scalar == "-" || scalar == "+", position > start,
                scalars[position - 1] == "e" || scalars[position - 1] == "E"
            {
            } else if !Self.isDigit(scalar) {
                break
            }
            position += 1
        }
        let text = text(from: start)
        if peek() == "u" || peek() == "U" { throw CELError("unsigned literals are not supported by this stand-in") }
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else { throw CELError("malformed number '\(text.prefix(32))'") }
        return .double(value)
    }

    private mutating func string(isRaw: Bool) throws(CELError) -> String {
        guard let quote = peek() else { throw CELError("unterminated string") }
        let isTriple = peek(1) == quote && peek(2) == quote
        position += isTriple ? 3 : 1
        var view = String.UnicodeScalarView()
        while let scalar = peek() {
            if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                position += isTriple ? 3 : 1
                return String(view)
            }
            position += 1
            if scalar == "\\", !isRaw {
                view.append(try escape())
            } else if scalar == "\n", !isTriple {
                throw CELError("a string may not span lines")
            } else {
                view.append(scalar)
            }
        }
        throw CELError("unterminated string")
    }

    private mutating func escape() throws(CELError) -> Unicode.Scalar {
        guard let scalar = peek() else { throw CELError("unterminated string") }
        position += 1
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "\\", "'", "\"", "`", "?": return scalar
        case "x", "X": return try hex(2)
        case "u": return try hex(4)
        case "U": return try hex(8)
        default: throw CELError("unknown escape '\\\(scalar)'")
        }
    }

    private mutating func hex(_ count: Int) throws(CELError) -> Unicode.Scalar {
        let start = position
        guard position + count <= scalars.count else { throw CELError("unterminated string") }
        position += count
        guard let value = UInt32(text(from: start), radix: 16), let scalar = Unicode.Scalar(value) else {
            throw CELError("malformed escape")
        }
        return scalar
    }

    private static let symbols = ["&&", "||", "==", "!=", "<=", ">="]
    private static let single: Set<Unicode.Scalar> = [
        "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}",
    ]

    private mutating func symbol(_ first: Unicode.Scalar) throws(CELError) -> CELToken {
        if let second = peek(1) {
            let both = "\(first)\(second)"
            if Self.symbols.contains(both) {
                position += 2
                return .symbol(both)
            }
        }
        guard Self.single.contains(first) else { throw CELError("unexpected character '\(first)'") }
        position += 1
        return .symbol(String(first))
    }
}
