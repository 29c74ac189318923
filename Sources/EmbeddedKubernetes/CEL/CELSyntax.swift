/// An expression of the Common Expression Language, as far as this stand-in understands it.
indirect enum CELSyntax: Sendable, Hashable {
    enum Macro: String, Sendable, Hashable {
        case all
        case exists
        case existsOne = "exists_one"
        case filter
        case map
    }

    enum Operator: String, Sendable, Hashable {
        case or = "||"
        case and = "&&"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in"
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"
    }

    /// One entry of a map literal.
    struct Entry: Sendable, Hashable {
        var key: CELSyntax
        var value: CELSyntax
    }

    case literal(CELValue)
    case identifier(String)
    case select(CELSyntax, String)
    case has(CELSyntax, String)
    case index(CELSyntax, CELSyntax)
    case call(String, target: CELSyntax?, arguments: [CELSyntax])
    case list([CELSyntax])
    case map([Entry])
    case not(CELSyntax)
    case negate(CELSyntax)
    case binary(Operator, CELSyntax, CELSyntax)
    case conditional(CELSyntax, CELSyntax, CELSyntax)
    /// A macro over a list or map: the range, the variable, the filter of a three-argument `map`, the body.
    case comprehension(Macro, CELSyntax, String, filter: CELSyntax?, CELSyntax)

    /// Whether a variable occurs.
    func mentions(_ name: String) -> Bool {
        switch self {
        case .literal: false
        case .identifier(let own): own == name
        case .select(let inner, _), .has(let inner, _), .not(let inner), .negate(let inner): inner.mentions(name)
        case .index(let left, let right), .binary(_, let left, let right): left.mentions(name) || right.mentions(name)
        case .call(_, let target, let arguments):
            target?.mentions(name) == true || arguments.contains { $0.mentions(name) }
        case .list(let elements): elements.contains { $0.mentions(name) }
        case .map(let entries): entries.contains { $0.key.mentions(name) || $0.value.mentions(name) }
        case .conditional(let test, let left, let right):
            test.mentions(name) || left.mentions(name) || right.mentions(name)
        case .comprehension(_, let range, _, let filter, let body):
            range.mentions(name) || filter?.mentions(name) == true || body.mentions(name)
        }
    }
}
