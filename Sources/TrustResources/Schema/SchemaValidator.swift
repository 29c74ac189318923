import JSONModel
import KubernetesAPI

/// Compares values with schema nodes and collects what does not fit.
struct SchemaValidator {
    /// What was found, in the order of the members' names.
    private(set) var problems: [FieldProblem] = []
    private let maximumProblems = 64
    /// Longer texts are not shown.
    private static let shownCharacters = 80

    mutating func report(_ path: String, _ message: String) {
        if problems.count < maximumProblems { problems.append(FieldProblem(path: path, message: message)) }
    }

    mutating func validate(_ value: JSONValue, against node: SchemaNode, path: String) {
        guard problems.count < maximumProblems else { return }
        guard !value.isNull else {
            report(path, "is empty: write a value or remove the line")
            return
        }
        switch (node.shape, value) {
        case (.object(let properties), .object(let members)): validate(members, properties, path)
        case (.map(let values, let maximum), .object(let members)):
            if members.count > maximum { report(path, "has \(members.count) entries, at most \(maximum) are allowed") }
            for (key, value) in members.sorted(by: { $0.key < $1.key }).prefix(maximum) {
                validate(value, against: values, path: "\(path)[\(key.cut(to: Self.shownCharacters))]")
            }
        case (.array(let items, let count, let kind), .array(let elements)):
            validate(elements, items, count, path)
            checkUniqueness(elements, kind, path)
        case (.string(let rules), .string(let text)): validate(text, rules, path)
        case (.integer(let range), .integer(let number)):
            if !range.contains(number) {
                report(path, "is \(number), expected \(range.lowerBound) to \(range.upperBound)")
            }
        default: report(path, "is \(Self.article(value.typeName)), expected \(Self.article(node.shape.typeName))")
        }
    }

    private mutating func validate(_ members: [String: JSONValue], _ properties: [SchemaProperty], _ path: String) {
        let names = properties.map(\.name)
        for name in members.keys.sorted() where !names.contains(name) {
            let shown = name.cut(to: Self.shownCharacters)
            report("\(path).\(shown)", "is no known field\(Suggestion.text(for: name, among: names))")
        }
        for property in properties {
            if let value = members[property.name] {
                validate(value, against: property.node, path: "\(path).\(property.name)")
            } else if property.isRequired, property.node.defaultValue == nil {
                report("\(path).\(property.name)", "is missing")
            }
        }
    }

    private mutating func validate(
        _ elements: [JSONValue],
        _ items: SchemaNode,
        _ count: ClosedRange<Int>,
        _ path: String
    ) {
        if elements.count > count.upperBound {
            report(path, "has \(elements.count) entries, at most \(count.upperBound) are allowed")
        } else if elements.count < count.lowerBound {
            report(path, "has \(elements.count) entries, at least \(count.lowerBound) expected")
        }
        for (index, element) in elements.prefix(count.upperBound).enumerated() {
            validate(element, against: items, path: "\(path)[\(index)]")
        }
    }

    private mutating func checkUniqueness(_ elements: [JSONValue], _ kind: SchemaNode.ListKind, _ path: String) {
        var seen: [[JSONValue?]: Int] = [:]
        for (index, element) in elements.enumerated() {
            let key: [JSONValue?]
            switch kind {
            case .atomic: return
            case .set: key = [element]
            case .map(let keys): key = keys.map { element[$0] }
            }
            if let first = seen[key] {
                report("\(path)[\(index)]", "repeats \(path)[\(first)]")
            } else {
                seen[key] = index
            }
        }
    }

    private mutating func validate(_ text: String, _ rules: SchemaNode.StringRules, _ path: String) {
        if let values = rules.values {
            guard !values.contains(text) else { return }
            let suggestion = Suggestion.text(for: text, among: values)
            report(path, "is \(Self.quoted(text)), expected one of \(values.joined(separator: ", "))\(suggestion)")
            return
        }
        let length = text.unicodeScalars.count
        guard length <= rules.length.upperBound else {
            report(path, "has \(length) characters, at most \(rules.length.upperBound) are allowed")
            return
        }
        guard length >= rules.length.lowerBound else {
            report(
                path,
                length == 0 ? "is empty" : "has \(length) characters, at least \(rules.length.lowerBound) expected"
            )
            return
        }
        if let pattern = rules.pattern, !AnchoredPattern.matches(pattern, text) {
            report(path, "is \(Self.quoted(text)), expected the form \(pattern)")
        }
        if rules.isTime, KubernetesTime(text) == nil {
            report(path, "is \(Self.quoted(text)), expected an RFC 3339 time such as 2027-01-01T00:00:00Z")
        }
    }

    private static func quoted(_ text: String) -> String { "\"\(text.cut(to: shownCharacters))\"" }

    private static func article(_ type: String) -> String {
        switch type {
        case "null": "null"
        case "integer", "object", "array": "an \(type)"
        default: "a \(type)"
        }
    }
}

extension SchemaNode.Shape {
    /// The type in the words of JSON Schema.
    var typeName: String {
        switch self {
        case .object, .map: "object"
        case .array: "array"
        case .string: "string"
        case .integer: "integer"
        }
    }
}

extension SchemaNode {
    /// `value` with the defaults of every member that is missing.
    func applyingDefaults(to value: JSONValue) -> JSONValue {
        switch (shape, value) {
        case (.object(let properties), .object(var members)):
            for property in properties {
                if let value = members[property.name] ?? property.node.defaultValue {
                    members[property.name] = property.node.applyingDefaults(to: value)
                }
            }
            return .object(members)
        case (.array(let items, _, _), .array(let elements)):
            return .array(elements.map { items.applyingDefaults(to: $0) })
        default: return value
        }
    }
}

/// Regular expressions that must match from the first character to the last.
enum AnchoredPattern {
    /// Whether all of `text` matches; a pattern that cannot be read matches nothing.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        guard let expression = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return false }
        return (try? expression.wholeMatch(in: text)) != nil
    }
}
