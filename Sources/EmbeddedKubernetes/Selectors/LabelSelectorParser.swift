/// Reads a label selector word by word, and refuses it in the API server's words (apimachinery/pkg/labels/selector.go).
struct LabelSelectorParser {
    typealias Requirement = LabelSelectorExpression.Requirement

    private static let symbols: Set<Character> = ["=", "!", "(", ")", ",", ">", "<"]
    private static let operators: Set<String> = ["=", "==", "!=", ">", "<", "in", "notin"]

    /// Names, values and symbols, without the spaces between them.
    private let words: [String]
    private var index = 0

    init(_ text: String) { words = Self.words(text) }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace {
                rest = rest.dropFirst()
            } else if symbols.contains(first) {
                let pair = rest.prefix(2)
                let word = pair == "==" || pair == "!=" ? pair : rest.prefix(1)
                words.append(String(word))
                rest = rest.dropFirst(word.count)
            } else {
                let word = rest.prefix { !$0.isWhitespace && !symbols.contains($0) }
                words.append(String(word))
                rest = rest.dropFirst(word.count)
            }
        }
        return words
    }

    /// The next word; empty at the end.
    private var next: String { index < words.count ? words[index] : "" }
    private var isAtName: Bool { Self.isName(next) }

    private static func isName(_ word: String) -> Bool { word.first.map { !symbols.contains($0) } ?? false }

    private mutating func take() -> String {
        let word = next
        index += 1
        return word
    }

    // MARK: - Grammar

    /// Everything the selector asks for.
    ///
    /// - Throws: a 400 ``APIFailure``.
    mutating func requirements() throws(APIFailure) -> [Requirement] {
        var requirements: [Requirement] = []
        guard !next.isEmpty else { return [] }
        guard isAtName || next == "!" else {
            throw .badRequest("found '\(next)', expected: !, identifier, or 'end of string'")
        }
        while true {
            requirements.append(try requirement())
            let word = take()
            if word.isEmpty { return requirements }
            guard word == "," else { throw .badRequest("found '\(word)', expected: ',' or 'end of string'") }
            guard isAtName || next == "!" else {
                throw .badRequest("found '\(next)', expected: identifier after ','")
            }
        }
    }

    private static func refuse(_ why: String) -> APIFailure { .badRequest("unable to parse requirement: \(why)") }

    private mutating func requirement() throws(APIFailure) -> Requirement {
        let isNegated = next == "!"
        if isNegated { index += 1 }
        guard isAtName else { throw Self.refuse("found '\(next)', expected: identifier") }
        let key = take()
        if let problem = LabelText.problem(key: key) {
            throw Self.refuse("<nil>: Invalid value: \(PolicyRule.quoted(key)): \(problem)")
        }
        if isNegated { return .absent(key) }
        if next.isEmpty || next == "," { return .exists(key) }
        let word = take()
        guard Self.operators.contains(word) else {
            throw Self.refuse("found '\(word)', expected: in, notin, =, ==, !=, gt, lt")
        }
        let isList = word == "in" || word == "notin"
        let values = try isList ? list() : [exactValue()]
        return try Self.requirement(key, word, values)
    }

    /// One value; nothing stands for the empty text.
    private mutating func exactValue() throws(APIFailure) -> String {
        if next.isEmpty || next == "," { return "" }
        guard isAtName else { throw Self.refuse("found '\(next)', expected: identifier") }
        return take()
    }

    /// Values in parentheses; what is missing between commas is the empty text.
    private mutating func list() throws(APIFailure) -> Set<String> {
        guard next == "(" else { throw Self.refuse("found '\(next)' expected: '('") }
        index += 1
        var values: Set<String> = []
        while true {
            values.insert(isAtName ? take() : "")
            if next == ")" { break }
            guard next == "," else { throw Self.refuse("found '\(next)', expected: ',' or ')'") }
            index += 1
        }
        index += 1
        return values
    }

    private static func requirement(
        _ key: String,
        _ word: String,
        _ values: Set<String>
    ) throws(APIFailure) -> Requirement {
        let bound = values.first.flatMap { Int64($0) }
        if word == ">" || word == "<", bound == nil {
            let value = PolicyRule.quoted(values.first ?? "")
            let why = "for 'Gt', 'Lt' operators, the value must be an integer"
            throw refuse("values[0]: Invalid value: \(value): \(why)")
        }
        for (index, value) in values.sorted().enumerated() {
            guard let problem = LabelText.problem(value: value) else { continue }
            throw refuse("values[\(index)][\(key)]: Invalid value: \(PolicyRule.quoted(value)): \(problem)")
        }
        switch word {
        case ">": return .greater(key, bound ?? 0)
        case "<": return .less(key, bound ?? 0)
        case "!=", "notin": return .notIn(key, values)
        default: return .isIn(key, values)
        }
    }
}

/// What is wrong with the keys and values of labels, in the API server's words.
enum LabelText {
    static func problem(key: String) -> String? {
        guard !NameRules.isQualifiedName(key) else { return nil }
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            return "a valid label key \(rule(NameRules.qualifiedRule)) with an optional DNS subdomain prefix and '/' "
                + "(e.g. 'example.com/MyName')"
        }
        if parts.count == 2, !NameRules.isSubdomain(String(parts[0])) {
            return parts[0].isEmpty ? "prefix part must be non-empty" : "prefix part \(NameRules.subdomainRule)"
        }
        let name = parts.last ?? ""
        if name.isEmpty { return "name part must be non-empty" }
        return name.utf8.count > 63 ? "name part must be no more than 63 bytes" : NameRules.qualifiedRule
    }

    static func problem(value: String) -> String? {
        guard !NameRules.isLabelValue(value) else { return nil }
        return value.utf8.count > 63 ? "must be no more than 63 bytes" : NameRules.labelValueRule
    }

    /// A rule without the part that it is about.
    private static func rule(_ text: String) -> String { String(text.dropFirst("name part ".count)) }
}
