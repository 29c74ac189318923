/// Recursive descent over an expression's words.
///
/// Whatever lies outside the subset is an error, never ignored.
struct CELParser {
    private let tokens: [CELToken]
    private var position = 0
    private var depth = 0
    private let maximumDepth = 64

    static func parse(_ text: String) throws(CELError) -> CELSyntax {
        var parser = CELParser(tokens: try CELLexer.tokens(text))
        let syntax = try parser.expression()
        guard parser.current == .end else { throw CELError("unexpected \(parser.describe()) after the expression") }
        return syntax
    }

    private init(tokens: [CELToken]) { self.tokens = tokens }

    private var current: CELToken { position < tokens.count ? tokens[position] : .end }

    private func describe() -> String {
        switch current {
        case .identifier(let name): "'\(name)'"
        case .int(let value): "'\(value)'"
        case .double(let value): "'\(value)'"
        case .string: "string"
        case .symbol(let text): "'\(text)'"
        case .end: "end"
        }
    }

    private mutating func accept(_ symbol: String) -> Bool {
        guard current == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(CELError) {
        guard accept(symbol) else { throw CELError("expected '\(symbol)', found \(describe())") }
    }

    private mutating func expression() throws(CELError) -> CELSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= maximumDepth else { throw CELError("the expression is nested too deeply") }
        let test = try or()
        guard accept("?") else { return test }
        let left = try or()
        try expect(":")
        return .conditional(test, left, try expression())
    }

    private mutating func or() throws(CELError) -> CELSyntax {
        var left = try and()
        while accept("||") { left = .binary(.or, left, try and()) }
        return left
    }

    private mutating func and() throws(CELError) -> CELSyntax {
        var left = try relation()
        while accept("&&") { left = .binary(.and, left, try relation()) }
        return left
    }

    private mutating func relation() throws(CELError) -> CELSyntax {
        var left = try sum()
        while true {
            if current == .identifier("in") {
                position += 1
                left = .binary(.isIn, left, try sum())
            } else if case .symbol(let text) = current, let relation = CELSyntax.Operator(rawValue: text),
                [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual].contains(relation)
            {
                position += 1
                left = .binary(relation, left, try sum())
            } else {
                return left
            }
        }
    }

    private mutating func sum() throws(CELError) -> CELSyntax {
        var left = try product()
        while true {
            if accept("+") {
                left = .binary(.add, left, try product())
            } else if accept("-") {
                left = .binary(.subtract, left, try product())
            } else {
                return left
            }
        }
    }

    private mutating func product() throws(CELError) -> CELSyntax {
        var left = try unary()
        while case .symbol(let text) = current, let operation = CELSyntax.Operator(rawValue: text),
            [.multiply, .divide, .remainder].contains(operation)
        {
            position += 1
            left = .binary(operation, left, try unary())
        }
        return left
    }

    private mutating func unary() throws(CELError) -> CELSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= maximumDepth else { throw CELError("the expression is nested too deeply") }
        if accept("!") { return .not(try unary()) }
        if accept("-") { return .negate(try unary()) }
        return try member()
    }

    private mutating func member() throws(CELError) -> CELSyntax {
        var base = try primary()
        while true {
            if accept(".") {
                guard case .identifier(let name) = current else {
                    throw CELError("expected a field name, found \(describe())")
                }
                position += 1
                base = accept("(") ? try call(name, target: base) : .select(base, Self.unescape(name))
            } else if accept("[") {
                if accept("?") { throw CELError("optional indexing is not supported by this stand-in") }
                let index = try expression()
                try expect("]")
                base = .index(base, index)
            } else {
                return base
            }
        }
    }

    private mutating func primary() throws(CELError) -> CELSyntax {
        switch current {
        case .int(let value):
            position += 1
            return .literal(.int(value))
        case .double(let value):
            position += 1
            return .literal(.double(value))
        case .string(let text):
            position += 1
            return .literal(.string(text))
        case .identifier(let name):
            position += 1
            switch name {
            case "true": return .literal(.bool(true))
            case "false": return .literal(.bool(false))
            case "null": return .literal(.null)
            default: return accept("(") ? try call(name, target: nil) : .identifier(name)
            }
        case .symbol("("):
            position += 1
            let inner = try expression()
            try expect(")")
            return inner
        case .symbol("["): return try list()
        case .symbol("{"): return try map()
        default: throw CELError("unexpected \(describe())")
        }
    }

    private mutating func list() throws(CELError) -> CELSyntax {
        position += 1
        var elements: [CELSyntax] = []
        while !accept("]") {
            elements.append(try expression())
            if !accept(",") {
                try expect("]")
                break
            }
        }
        return .list(elements)
    }

    private mutating func map() throws(CELError) -> CELSyntax {
        position += 1
        var entries: [CELSyntax.Entry] = []
        while !accept("}") {
            let key = try expression()
            try expect(":")
            entries.append(CELSyntax.Entry(key: key, value: try expression()))
            if !accept(",") {
                try expect("}")
                break
            }
        }
        return .map(entries)
    }

    private mutating func call(_ name: String, target: CELSyntax?) throws(CELError) -> CELSyntax {
        var arguments: [CELSyntax] = []
        while !accept(")") {
            arguments.append(try expression())
            if !accept(",") {
                try expect(")")
                break
            }
        }
        if target == nil, name == "has" {
            guard arguments.count == 1, case .select(let base, let field) = arguments[0] else {
                throw CELError("has() takes one field selection")
            }
            return .has(base, field)
        }
        if let target, let macro = CELSyntax.Macro(rawValue: name) {
            return try comprehension(macro, target, arguments)
        }
        guard CELFunctions.exists(name, isMethod: target != nil, arity: arguments.count) else {
            throw CELError("undeclared reference to '\(name)' (or not supported by this stand-in)")
        }
        return .call(name, target: target, arguments: arguments)
    }

    private func comprehension(
        _ macro: CELSyntax.Macro,
        _ range: CELSyntax,
        _ arguments: [CELSyntax]
    ) throws(CELError) -> CELSyntax {
        guard case .identifier(let variable)? = arguments.first else {
            throw CELError("\(macro.rawValue)() takes a variable and an expression")
        }
        if macro == .map, arguments.count == 3 {
            return .comprehension(macro, range, variable, filter: arguments[1], arguments[2])
        }
        guard arguments.count == 2 else {
            throw CELError("\(macro.rawValue)() with \(arguments.count) arguments is not supported by this stand-in")
        }
        return .comprehension(macro, range, variable, filter: nil, arguments[1])
    }

    private static let reserved: Set<String> = [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ]

    /// The property that an escaped field name means (`__dash__`, `__namespace__`).
    static func unescape(_ name: String) -> String {
        guard name.contains("__") else { return name }
        if name.hasPrefix("__"), name.hasSuffix("__"), name.utf8.count > 4 {
            let inner = String(name.dropFirst(2).dropLast(2))
            if reserved.contains(inner) { return inner }
        }
        var result = ""
        var rest = Substring(name)
        let words = [("__underscores__", "__"), ("__dot__", "."), ("__dash__", "-"), ("__slash__", "/")]
        while !rest.isEmpty {
            if let (word, meaning) = words.first(where: { rest.hasPrefix($0.0) }) {
                result += meaning
                rest = rest.dropFirst(word.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}
