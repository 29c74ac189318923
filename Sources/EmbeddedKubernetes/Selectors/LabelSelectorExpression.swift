/// A `labelSelector` parameter: `app=web,tier in (a,b),!legacy`.
struct LabelSelectorExpression: Sendable, Hashable {
    enum Requirement: Sendable, Hashable {
        case isIn(String, Set<String>)
        case notIn(String, Set<String>)
        case exists(String)
        case absent(String)
        case greater(String, Int64)
        case less(String, Int64)
    }

    let requirements: [Requirement]

    static let everything = LabelSelectorExpression(requirements: [])

    private init(requirements: [Requirement]) { self.requirements = requirements }

    /// Reads a selector; an empty text selects everything.
    ///
    /// - Throws: a 400 ``APIFailure``.
    init(_ text: String) throws(APIFailure) {
        var requirements: [Requirement] = []
        for part in Self.split(text) {
            guard let requirement = Self.requirement(part) else {
                throw .badRequest(
                    "unable to parse requirement: found '\(part.prefix(64))', which is no label requirement"
                )
            }
            requirements.append(requirement)
        }
        self.requirements = requirements
    }

    var isEverything: Bool { requirements.isEmpty }

    /// Cuts at commas outside parentheses.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append(trim(part))
                part = ""
            } else {
                part.append(character)
            }
        }
        let last = trim(part)
        return last.isEmpty && parts.isEmpty ? [] : parts + [last]
    }

    private static func trim(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func requirement(_ part: String) -> Requirement? {
        if part.hasPrefix("!") {
            let key = trim(part.dropFirst())
            return NameRules.isQualifiedName(key) ? .absent(key) : nil
        }
        for (word, negated) in [("!=", true), ("==", false), ("=", false)] {
            guard let range = part.firstRange(of: word) else { continue }
            let key = trim(part[..<range.lowerBound])
            let value = trim(part[range.upperBound...])
            guard NameRules.isQualifiedName(key), NameRules.isLabelValue(value) else { return nil }
            return negated ? .notIn(key, [value]) : .isIn(key, [value])
        }
        for (word, greater) in [(">", true), ("<", false)] {
            guard let range = part.firstRange(of: word) else { continue }
            let key = trim(part[..<range.lowerBound])
            guard NameRules.isQualifiedName(key), let value = Int64(trim(part[range.upperBound...])) else { return nil }
            return greater ? .greater(key, value) : .less(key, value)
        }
        if let open = part.firstIndex(of: "("), part.hasSuffix(")") {
            let words = part[..<open].split(separator: " ").map(String.init)
            guard words.count == 2, NameRules.isQualifiedName(words[0]) else { return nil }
            let list = part[part.index(after: open)...].dropLast().split(
                separator: ",",
                omittingEmptySubsequences: false
            )
            let values = Set(list.map(trim))
            switch words[1] {
            case "in": return .isIn(words[0], values)
            case "notin": return .notIn(words[0], values)
            default: return nil
            }
        }
        return NameRules.isQualifiedName(part) ? .exists(part) : nil
    }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .notIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .absent(let key): labels[key] == nil
            case .greater(let key, let bound): labels[key].flatMap { Int64($0) }.map { $0 > bound } ?? false
            case .less(let key, let bound): labels[key].flatMap { Int64($0) }.map { $0 < bound } ?? false
            }
        }
    }
}
