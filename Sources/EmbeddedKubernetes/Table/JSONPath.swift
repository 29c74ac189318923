internal import JSONModel

/// The JSONPath subset of printer columns and selectable fields: members, quoted members, indexes, `[*]`, and
/// filters that compare one member with a literal (`[?(@.type=="Ready")]`).
struct JSONPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        case index(Int)
        case everything
        case filter(path: [String], equals: Bool, JSONValue)
    }

    struct Malformed: Error, Sendable, CustomStringConvertible {
        var description: String
    }

    let text: String
    let steps: [Step]

    /// Reads a path such as `.spec.image`.
    ///
    /// - Throws: ``Malformed`` for anything outside the subset.
    init(_ text: String) throws(Malformed) {
        self.text = text
        var rest = Substring(text)
        if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast() }
        if rest.hasPrefix("$") { rest = rest.dropFirst() }
        var steps: [Step] = []
        while let first = rest.first {
            guard steps.count < 64 else { throw Malformed(description: "the path is too long") }
            if first == "." {
                rest = rest.dropFirst()
                let name = Self.member(&rest)
                guard !name.isEmpty else {
                    if rest.isEmpty, steps.isEmpty { break }
                    if rest.first == "[" { continue }
                    throw Malformed(description: "empty member name in '\(text)'")
                }
                steps.append(name == "*" ? .everything : .member(name))
            } else if first == "[" {
                steps.append(try Self.bracket(&rest, in: text))
            } else {
                let name = Self.member(&rest)
                guard steps.isEmpty, !name.isEmpty else {
                    throw Malformed(description: "unexpected '\(first)' in '\(text)'")
                }
                steps.append(.member(name))
            }
        }
        self.steps = steps
    }

    private static func member(_ rest: inout Substring) -> String {
        var name = ""
        while let character = rest.first, character != ".", character != "[" {
            rest = rest.dropFirst()
            // `\.` is a dot inside the name.
            if character == "\\", let next = rest.first {
                name.append(next)
                rest = rest.dropFirst()
            } else {
                name.append(character)
            }
        }
        return name
    }

    private static func bracket(_ rest: inout Substring, in text: String) throws(Malformed) -> Step {
        var depth = 0
        var quote: Character?
        var inner = ""
        var isClosed = false
        rest = rest.dropFirst()
        while let character = rest.first {
            rest = rest.dropFirst()
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "[" || character == "(" {
                depth += 1
            } else if character == ")" {
                depth -= 1
            } else if character == "]" {
                if depth == 0 {
                    isClosed = true
                    break
                }
                depth -= 1
            }
            inner.append(character)
        }
        guard isClosed else { throw Malformed(description: "unterminated '[' in '\(text)'") }
        if inner == "*" { return .everything }
        if let index = Int(inner) { return .index(index) }
        if let name = unquoted(inner) { return .member(name) }
        if inner.hasPrefix("?("), inner.hasSuffix(")") { return try filter(inner.dropFirst(2).dropLast(), in: text) }
        throw Malformed(description: "'[\(inner)]' is not supported in '\(text)'")
    }

    private static func unquoted(_ text: some StringProtocol) -> String? {
        guard text.count >= 2, let first = text.first, first == "'" || first == "\"", text.last == first else {
            return nil
        }
        return String(text.dropFirst().dropLast())
    }

    private static func filter(_ inner: Substring, in text: String) throws(Malformed) -> Step {
        for (word, equals) in [("==", true), ("!=", false)] {
            guard let range = inner.firstRange(of: word) else { continue }
            let left = inner[..<range.lowerBound].filter { $0 != " " }
            let right = inner[range.upperBound...].drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            let literal = String(right)
            guard left.hasPrefix("@.") else { break }
            let path = left.dropFirst(2).split(separator: ".").map(String.init)
            if let text = unquoted(literal) { return .filter(path: path, equals: equals, .string(text)) }
            if literal == "true" || literal == "false" {
                return .filter(path: path, equals: equals, .bool(literal == "true"))
            }
            if let number = Int64(literal) { return .filter(path: path, equals: equals, .integer(number)) }
        }
        throw Malformed(description: "the filter '\(inner)' is not supported in '\(text)'")
    }

    /// Every value the path leads to, in order.
    func values(in root: JSONValue) -> [JSONValue] {
        var current = [root]
        for step in steps {
            current = current.flatMap { Self.apply(step, to: $0) }
            if current.isEmpty { return [] }
        }
        return current
    }

    private static func apply(_ step: Step, to value: JSONValue) -> [JSONValue] {
        switch step {
        case .member(let name): return value[name].map { [$0] } ?? []
        case .index(let index):
            guard let elements = value.array else { return [] }
            let at = index < 0 ? elements.count + index : index
            return elements.indices.contains(at) ? [elements[at]] : []
        case .everything:
            if let elements = value.array { return elements }
            return value.object.map { members in members.keys.sorted().compactMap { members[$0] } } ?? []
        case .filter(let path, let equals, let literal):
            return (value.array ?? []).filter { ($0.value(path: path) == literal) == equals }
        }
    }
}
