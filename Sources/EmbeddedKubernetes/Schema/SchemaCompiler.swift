internal import JSONModel

/// Reads an `openAPIV3Schema` and refuses what is not structural, naming each field.
struct SchemaCompiler {
    private(set) var errors: [FieldError] = []
    /// Deeper schemas are refused.
    private let maximumDepth = 48

    /// Compiles the schema at `path` (`spec.versions[0].schema.openAPIV3Schema`); the errors say what is wrong with it.
    static func compile(_ source: JSONValue, path: String) -> (schema: StructuralSchema?, errors: [FieldError]) {
        var compiler = SchemaCompiler()
        let schema = compiler.node(source, path: path, depth: 0, isRoot: true)
        if let schema, compiler.errors.isEmpty { compiler.compileDefaults(schema, path: path) }
        return (compiler.errors.isEmpty ? schema : nil, compiler.errors)
    }

    private static let refused = [
        "$ref", "definitions", "dependencies", "id", "patternProperties", "additionalItems",
    ]

    private mutating func node(_ source: JSONValue, path: String, depth: Int, isRoot: Bool = false) -> StructuralSchema?
    {
        guard depth <= maximumDepth, let members = source.object else {
            errors.append(
                .invalid(path, depth > maximumDepth ? "the schema is nested too deeply" : "must be an object")
            )
            return nil
        }
        for word in Self.refused where members[word] != nil {
            errors.append(.forbidden("\(path).\(word)", "\(word) is not supported"))
        }
        var parts = SchemaParts()
        parts.source = source
        readFlags(members, into: &parts)
        checkType(parts, path: path, isRoot: isRoot)
        parts.constraints = constraints(members, path: path, depth: depth)
        if let properties = members["properties"]?.object {
            for name in properties.keys.sorted() {
                if let value = properties[name] {
                    parts.properties[name] = node(value, path: "\(path).properties[\(name)]", depth: depth + 1)
                }
            }
        }
        readAdditionalProperties(members, into: &parts, path: path, depth: depth)
        if let items = members["items"] {
            if items.array != nil {
                errors.append(.forbidden("\(path).items", "items must be a schema object and not an array"))
            } else {
                parts.items = node(items, path: "\(path).items", depth: depth + 1)
            }
        }
        if parts.type == "array", parts.items == nil {
            errors.append(.required("\(path).items", "must be specified"))
        }
        checkLists(parts, path: path)
        parts.rules = rules(members["x-kubernetes-validations"], parts: parts, path: path, isRoot: isRoot)
        return StructuralSchema(parts)
    }

    private func readFlags(_ members: [String: JSONValue], into parts: inout SchemaParts) {
        parts.type = members["type"]?.string
        parts.description = members["description"]?.string ?? ""
        parts.required = members["required"]?.array?.compactMap(\.string) ?? []
        parts.defaultValue = members["default"]
        parts.isNullable = members["nullable"]?.bool ?? false
        parts.preservesUnknownFields = members["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
        parts.isEmbeddedResource = members["x-kubernetes-embedded-resource"]?.bool ?? false
        parts.isIntOrString = members["x-kubernetes-int-or-string"]?.bool ?? false
        parts.listType = members["x-kubernetes-list-type"]?.string.flatMap(StructuralSchema.ListType.init)
        parts.listMapKeys = members["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? []
    }

    private static let types: Set<String> = ["object", "array", "string", "integer", "number", "boolean"]

    private mutating func checkType(_ parts: SchemaParts, path: String, isRoot: Bool) {
        if let type = parts.type {
            if !Self.types.contains(type) {
                errors.append(
                    .notSupported("\(path).type", .string(type), supported: Self.types.sorted().map(JSONValue.string))
                )
            } else if isRoot, type != "object" {
                errors.append(.invalid("\(path).type", .string(type), "must be object at the root"))
            } else if parts.isIntOrString {
                errors.append(.forbidden("\(path).type", "must be empty if x-kubernetes-int-or-string is true"))
            }
        } else if !parts.isIntOrString, !parts.preservesUnknownFields || isRoot {
            errors.append(
                .required(
                    "\(path).type",
                    isRoot ? "must not be empty at the root" : "must not be empty for specified object fields"
                )
            )
        }
    }

    private mutating func readAdditionalProperties(
        _ members: [String: JSONValue],
        into parts: inout SchemaParts,
        path: String,
        depth: Int
    ) {
        guard let additional = members["additionalProperties"] else { return }
        if additional == .bool(true) {
            parts.preservesUnknownFields = true
        } else if additional.object != nil {
            if !parts.properties.isEmpty {
                errors.append(
                    .forbidden(
                        "\(path).additionalProperties",
                        "additionalProperties and properties are mutual exclusive"
                    )
                )
            }
            parts.additionalProperties = node(additional, path: "\(path).additionalProperties", depth: depth + 1)
        } else {
            errors.append(.forbidden("\(path).additionalProperties", "additionalProperties cannot be set to false"))
        }
    }

    private mutating func checkLists(_ parts: SchemaParts, path: String) {
        guard let listType = parts.listType else { return }
        if parts.type != "array" {
            errors.append(
                .invalid(
                    "\(path).type",
                    .string(parts.type ?? ""),
                    "must be array if x-kubernetes-list-type is specified"
                )
            )
        }
        guard listType == .map else { return }
        if parts.listMapKeys.isEmpty {
            errors.append(
                .required("\(path).x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map")
            )
        }
        for key in parts.listMapKeys {
            guard let property = parts.items?.properties[key] else {
                errors.append(
                    .invalid("\(path).x-kubernetes-list-map-keys", .string(key), "must be a property of the items")
                )
                continue
            }
            if parts.items?.required.contains(key) != true, property.defaultValue == nil {
                errors.append(
                    .required(
                        "\(path).items.properties[\(key)].default",
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required "
                            + "property"
                    )
                )
            }
        }
    }
}

// MARK: - Constraints

extension SchemaCompiler {
    private mutating func constraints(_ members: [String: JSONValue], path: String, depth: Int) -> SchemaConstraints {
        var result = SchemaConstraints()
        result.enumeration = members["enum"]?.array
        result.format = members["format"]?.string
        if let pattern = members["pattern"]?.string {
            result.pattern = pattern
            if !RegularExpressions.shared.isValid(pattern) {
                errors.append(.invalid("\(path).pattern", .string(pattern), "must be a valid regular expression"))
            }
        }
        result.minLength = members["minLength"]?.integer
        result.maxLength = members["maxLength"]?.integer
        result.minimum = members["minimum"]
        result.maximum = members["maximum"]
        result.exclusiveMinimum = members["exclusiveMinimum"]?.bool ?? false
        result.exclusiveMaximum = members["exclusiveMaximum"]?.bool ?? false
        result.multipleOf = members["multipleOf"]
        result.minItems = members["minItems"]?.integer
        result.maxItems = members["maxItems"]?.integer
        result.minProperties = members["minProperties"]?.integer
        result.maxProperties = members["maxProperties"]?.integer
        if members["uniqueItems"]?.bool == true {
            errors.append(
                .forbidden(
                    "\(path).uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
                )
            )
        }
        result.allOf = junctor(members["allOf"], path: "\(path).allOf", depth: depth)
        result.anyOf = junctor(members["anyOf"], path: "\(path).anyOf", depth: depth)
        result.oneOf = junctor(members["oneOf"], path: "\(path).oneOf", depth: depth)
        if let not = members["not"] { result.not = valueSchema(not, path: "\(path).not", depth: depth + 1) }
        return result
    }

    private mutating func junctor(_ list: JSONValue?, path: String, depth: Int) -> [ValueSchema] {
        (list?.array ?? []).enumerated().compactMap { index, element in
            valueSchema(element, path: "\(path)[\(index)]", depth: depth + 1)
        }
    }

    private static let refusedInJunctors = [
        "description", "default", "nullable", "additionalProperties", "x-kubernetes-validations",
    ]

    private mutating func valueSchema(_ source: JSONValue, path: String, depth: Int) -> ValueSchema? {
        guard depth <= maximumDepth, let members = source.object else {
            errors.append(.invalid(path, "must be an object"))
            return nil
        }
        for word in Self.refusedInJunctors where members[word] != nil {
            errors.append(.forbidden("\(path).\(word)", "must be undefined to be structural"))
        }
        var properties: [String: ValueSchema] = [:]
        for (name, property) in members["properties"]?.object ?? [:] {
            properties[name] = valueSchema(property, path: "\(path).properties[\(name)]", depth: depth + 1)
        }
        return ValueSchema(
            constraints: constraints(members, path: path, depth: depth),
            properties: properties,
            items: members["items"].flatMap { valueSchema($0, path: "\(path).items", depth: depth + 1) },
            required: members["required"]?.array?.compactMap(\.string) ?? [],
            type: members["type"]?.string
        )
    }
}

// MARK: - Rules and defaults

extension SchemaCompiler {
    private mutating func rules(
        _ source: JSONValue?,
        parts: SchemaParts,
        path: String,
        isRoot: Bool
    ) -> [ValidationRule] {
        guard let entries = source?.array, !entries.isEmpty else { return [] }
        // The expressions are checked against the node's own shape.
        let shape = StructuralSchema(parts)
        var rules: [ValidationRule] = []
        for (index, entry) in entries.enumerated() {
            let at = "\(path).x-kubernetes-validations[\(index)]"
            guard let text = entry["rule"]?.string, !text.isEmpty else {
                errors.append(.required("\(at).rule", "rule is not specified"))
                continue
            }
            if text.contains("\n"), entry["message"]?.string?.isEmpty != false {
                errors.append(.required("\(at).message", "message must be specified if rule contains line breaks"))
            }
            do throws(CELError) {
                rules.append(try Self.rule(text, entry, shape, isRoot: isRoot))
            } catch {
                errors.append(.invalid("\(at).rule", .string(text), "compilation failed: \(error)"))
            }
            if entry["optionalOldSelf"]?.bool == true {
                errors.append(.forbidden("\(at).optionalOldSelf", "optionalOldSelf is not supported by this stand-in"))
            }
        }
        return rules
    }

    private static func rule(
        _ text: String,
        _ entry: JSONValue,
        _ shape: StructuralSchema,
        isRoot: Bool
    ) throws(CELError) -> ValidationRule {
        let expression = try CELExpression(text)
        try expression.check(against: shape, isRoot: isRoot)
        var messageExpression: CELExpression?
        if let text = entry["messageExpression"]?.string { messageExpression = try CELExpression(text) }
        return ValidationRule(
            rule: text,
            expression: expression,
            message: entry["message"]?.string ?? "",
            messageExpression: messageExpression,
            reason: FieldError.Kind(rawValue: entry["reason"]?.string ?? "") ?? .invalid,
            fieldPath: entry["fieldPath"]?.string ?? "",
            usesOldSelf: expression.uses("oldSelf")
        )
    }

    /// A default must itself be valid.
    private mutating func compileDefaults(_ schema: StructuralSchema, path: String) {
        guard schema.hasDefaults else { return }
        if let value = schema.defaultValue {
            var validator = SchemaValidator()
            validator.validate(value, against: schema, path: "\(path).default")
            errors.append(contentsOf: validator.errors)
            if SchemaPruning.unknownFields(in: value, schema: schema, path: "").isEmpty == false {
                errors.append(.invalid("\(path).default", value, "must not have unspecified fields"))
            }
        }
        for (name, property) in schema.properties { compileDefaults(property, path: "\(path).properties[\(name)]") }
        if let items = schema.items { compileDefaults(items, path: "\(path).items") }
        if let additional = schema.additionalProperties {
            compileDefaults(additional, path: "\(path).additionalProperties")
        }
    }
}
