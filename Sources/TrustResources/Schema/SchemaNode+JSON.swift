public import JSONModel

extension SchemaNode {
    /// The node as `openAPIV3Schema` writes it.
    public var json: JSONValue {
        var members = shapeMembers
        let description = self.description
        if !description.isEmpty { members["description"] = .string(description) }
        if let defaultValue { members["default"] = defaultValue }
        if !rules.isEmpty {
            members["x-kubernetes-validations"] = .array(
                rules.map { .object(["rule": .string($0.expression), "message": .string($0.message)]) }
            )
        }
        return .object(members)
    }

    private var shapeMembers: [String: JSONValue] {
        switch shape {
        case .object(let properties):
            var members: [String: JSONValue] = ["type": "object"]
            let pairs = properties.map { ($0.name, $0.node.json) }
            members["properties"] = .object(Dictionary(pairs) { first, _ in first })
            let required = properties.filter(\.isRequired).map(\.name).sorted()
            if !required.isEmpty { members["required"] = .array(required.map(JSONValue.string)) }
            return members
        case .map(let values, let maximumCount):
            return [
                "type": "object", "additionalProperties": values.json, "maxProperties": .integer(Int64(maximumCount)),
            ]
        case .array(let items, let count, let kind): return Self.arrayMembers(items, count, kind)
        case .string(let rules): return Self.stringMembers(rules)
        case .integer(let range):
            var members: [String: JSONValue] = ["type": "integer", "format": "int64"]
            members["minimum"] = .integer(range.lowerBound)
            if range.upperBound < Int64.max { members["maximum"] = .integer(range.upperBound) }
            return members
        }
    }

    private static func arrayMembers(
        _ items: SchemaNode,
        _ count: ClosedRange<Int>,
        _ kind: ListKind
    ) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "type": "array", "items": items.json, "maxItems": .integer(Int64(count.upperBound)),
        ]
        if count.lowerBound > 0 { members["minItems"] = .integer(Int64(count.lowerBound)) }
        switch kind {
        case .atomic: members["x-kubernetes-list-type"] = "atomic"
        case .set: members["x-kubernetes-list-type"] = "set"
        case .map(let keys):
            members["x-kubernetes-list-type"] = "map"
            members["x-kubernetes-list-map-keys"] = .array(keys.map(JSONValue.string))
        }
        return members
    }

    private static func stringMembers(_ rules: StringRules) -> [String: JSONValue] {
        var members: [String: JSONValue] = ["type": "string"]
        if let values = rules.values {
            members["enum"] = .array(values.map(JSONValue.string))
            return members
        }
        members["maxLength"] = .integer(Int64(rules.length.upperBound))
        if rules.length.lowerBound > 0 { members["minLength"] = .integer(Int64(rules.length.lowerBound)) }
        if let pattern = rules.pattern { members["pattern"] = .string(pattern) }
        if rules.isTime { members["format"] = "date-time" }
        return members
    }

    /// The text, followed by choice or bounds, default and example.
    public var description: String {
        guard !text.isEmpty else { return "" }
        var sentences = [text]
        switch shape {
        case .object: break
        case .map(_, let maximumCount): sentences.append("At most \(maximumCount) entries.")
        case .array(_, let count, _):
            sentences.append(
                count.lowerBound > 0
                    ? "\(count.lowerBound) to \(count.upperBound) entries." : "At most \(count.upperBound) entries."
            )
        case .string(let rules):
            if let values = rules.values {
                sentences.append("One of: \(values.joined(separator: ", ")).")
            } else if rules.isTime {
                sentences.append("An RFC 3339 time.")
            } else {
                sentences.append("At most \(rules.length.upperBound) characters.")
            }
        case .integer(let range):
            sentences.append(
                range.upperBound < Int64.max
                    ? "\(range.lowerBound) to \(range.upperBound)." : "\(range.lowerBound) or more."
            )
        }
        if let defaultValue { sentences.append("Default: \(Self.plain(defaultValue)).") }
        if let example { sentences.append("Example: \(example)") }
        return sentences.joined(separator: " ")
    }

    private static func plain(_ value: JSONValue) -> String { value.string ?? JSONSerializer().string(value) }
}
