internal import JSONModel

/// Duplicates in lists that a schema declares to be sets or maps.
enum ListUniqueness {
    static func errors(in value: JSONValue, schema: StructuralSchema, path: String) -> [FieldError] {
        switch value {
        case .object(let members):
            return members.keys.sorted().flatMap { name -> [FieldError] in
                guard let member = members[name], let child = schema.properties[name] ?? schema.additionalProperties
                else { return [] }
                return errors(in: member, schema: child, path: SchemaValidator.join(path, name))
            }
        case .array(let elements):
            var found = duplicates(elements, schema: schema, path: path)
            guard let items = schema.items else { return found }
            for (index, element) in elements.enumerated() {
                found += errors(in: element, schema: items, path: "\(path)[\(index)]")
            }
            return found
        default: return []
        }
    }

    private static func duplicates(_ elements: [JSONValue], schema: StructuralSchema, path: String) -> [FieldError] {
        guard let listType = schema.listType, listType != .atomic else { return [] }
        var seen: Set<JSONValue> = []
        var found: [FieldError] = []
        for (index, element) in elements.enumerated() {
            var key = element
            if listType == .map {
                var members: [String: JSONValue] = [:]
                for name in schema.listMapKeys {
                    members[name] = element[name] ?? schema.items?.properties[name]?.defaultValue
                }
                key = .object(members)
            }
            if !seen.insert(key).inserted { found.append(.duplicate("\(path)[\(index)]", key)) }
        }
        return found
    }
}
