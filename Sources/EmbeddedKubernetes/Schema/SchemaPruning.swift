internal import JSONModel

/// Removing what a schema does not know, and filling in what it defaults.
enum SchemaPruning {
    private static let objectFields: Set<String> = ["apiVersion", "kind", "metadata"]

    /// The paths of fields the schema does not know, in document order by name.
    static func unknownFields(
        in value: JSONValue,
        schema: StructuralSchema,
        path: String,
        isObject: Bool = false
    ) -> [String] {
        switch value {
        case .object(let members):
            var unknown: [String] = []
            for name in members.keys.sorted() {
                guard let member = members[name] else { continue }
                let at = SchemaValidator.join(path, name)
                if isObject || schema.isEmbeddedResource, objectFields.contains(name) { continue }
                if let property = schema.properties[name] {
                    unknown += unknownFields(in: member, schema: property, path: at)
                } else if let additional = schema.additionalProperties {
                    unknown += unknownFields(in: member, schema: additional, path: at)
                } else if !schema.preservesUnknownFields {
                    unknown.append(at)
                }
            }
            return unknown
        case .array(let elements):
            guard let items = schema.items else { return [] }
            return elements.enumerated().flatMap { index, element in
                unknownFields(in: element, schema: items, path: "\(path)[\(index)]")
            }
        default: return []
        }
    }

    /// The value without the fields the schema does not know.
    static func prune(_ value: JSONValue, schema: StructuralSchema, isObject: Bool = false) -> JSONValue {
        switch value {
        case .object(let members):
            var kept: [String: JSONValue] = [:]
            for (name, member) in members {
                if isObject || schema.isEmbeddedResource, objectFields.contains(name) {
                    kept[name] = member
                } else if let property = schema.properties[name] {
                    kept[name] = prune(member, schema: property)
                } else if let additional = schema.additionalProperties {
                    kept[name] = prune(member, schema: additional)
                } else if schema.preservesUnknownFields {
                    kept[name] = member
                }
            }
            return .object(kept)
        case .array(let elements):
            guard let items = schema.items else { return value }
            return .array(elements.map { prune($0, schema: items) })
        default: return value
        }
    }

    /// The value with the schema's defaults in the places of missing members (and of `null` where it is not allowed).
    static func fillDefaults(_ value: JSONValue, schema: StructuralSchema) -> JSONValue {
        guard schema.hasDefaults else { return value }
        switch value {
        case .object(var members):
            for (name, property) in schema.properties {
                let isUnwantedNull = members[name]?.isNull == true && !property.isNullable
                if let standard = property.defaultValue, members[name] == nil || isUnwantedNull {
                    members[name] = standard
                }
                if let member = members[name] { members[name] = fillDefaults(member, schema: property) }
            }
            if let additional = schema.additionalProperties {
                for (name, member) in members { members[name] = fillDefaults(member, schema: additional) }
            }
            return .object(members)
        case .array(let elements):
            guard let items = schema.items else { return value }
            return .array(elements.map { fillDefaults($0, schema: items) })
        default: return value
        }
    }

    /// The value without `null` members where `null` is not allowed: they count as absent, with a default or without
    /// (apiextensions `defaulting.PruneNonNullableNullsWithoutDefaults`).
    static func dropNulls(_ value: JSONValue, schema: StructuralSchema) -> JSONValue {
        switch value {
        case .object(let members):
            var kept: [String: JSONValue] = [:]
            for (name, member) in members {
                let child = schema.properties[name] ?? schema.additionalProperties
                if member.isNull, let child, !child.isNullable { continue }
                kept[name] = child.map { dropNulls(member, schema: $0) } ?? member
            }
            return .object(kept)
        case .array(let elements):
            guard let items = schema.items else { return value }
            return .array(elements.map { dropNulls($0, schema: items) })
        default: return value
        }
    }
}
