internal import JSONModel

/// A node of a CustomResourceDefinition's structural schema (kubernetes.md §6.1), compiled.
final class StructuralSchema: Sendable {
    enum ListType: String, Sendable { case atomic, set, map }

    let type: String?
    let description: String
    let properties: [String: StructuralSchema]
    let additionalProperties: StructuralSchema?
    let items: StructuralSchema?
    let required: [String]
    let defaultValue: JSONValue?
    let isNullable: Bool
    let preservesUnknownFields: Bool
    let isEmbeddedResource: Bool
    let isIntOrString: Bool
    let listType: ListType?
    let listMapKeys: [String]
    let constraints: SchemaConstraints
    let rules: [ValidationRule]
    /// Whether this node or one below it has a rule.
    let hasRules: Bool
    /// Whether this node or one below it has a default.
    let hasDefaults: Bool
    /// The schema as written, for documents.
    let source: JSONValue

    init(_ parts: SchemaParts) {
        type = parts.type
        description = parts.description
        properties = parts.properties
        additionalProperties = parts.additionalProperties
        items = parts.items
        required = parts.required
        defaultValue = parts.defaultValue
        isNullable = parts.isNullable
        preservesUnknownFields = parts.preservesUnknownFields
        isEmbeddedResource = parts.isEmbeddedResource
        isIntOrString = parts.isIntOrString
        listType = parts.listType
        listMapKeys = parts.listMapKeys
        constraints = parts.constraints
        rules = parts.rules
        source = parts.source
        let children =
            Array(parts.properties.values) + [parts.additionalProperties, parts.items].compactMap { $0 }
        hasRules = !parts.rules.isEmpty || children.contains { $0.hasRules }
        hasDefaults = parts.defaultValue != nil || children.contains { $0.hasDefaults }
    }
}

/// What a schema node is made of, while it is being read.
struct SchemaParts {
    var type: String?
    var description = ""
    var properties: [String: StructuralSchema] = [:]
    var additionalProperties: StructuralSchema?
    var items: StructuralSchema?
    var required: [String] = []
    var defaultValue: JSONValue?
    var isNullable = false
    var preservesUnknownFields = false
    var isEmbeddedResource = false
    var isIntOrString = false
    var listType: StructuralSchema.ListType?
    var listMapKeys: [String] = []
    var constraints = SchemaConstraints()
    var rules: [ValidationRule] = []
    var source: JSONValue = .null
}

/// The constraints on a value that JSON Schema states, and its logical junctors.
struct SchemaConstraints: Sendable {
    var enumeration: [JSONValue]?
    var format: String?
    var pattern: String?
    var minLength: Int64?
    var maxLength: Int64?
    var minimum: JSONValue?
    var maximum: JSONValue?
    var exclusiveMinimum = false
    var exclusiveMaximum = false
    var multipleOf: JSONValue?
    var minItems: Int64?
    var maxItems: Int64?
    var minProperties: Int64?
    var maxProperties: Int64?
    var allOf: [ValueSchema] = []
    var anyOf: [ValueSchema] = []
    var oneOf: [ValueSchema] = []
    var not: ValueSchema?
}

/// A schema inside a junctor: it constrains values and adds no fields.
final class ValueSchema: Sendable {
    let constraints: SchemaConstraints
    let properties: [String: ValueSchema]
    let items: ValueSchema?
    let required: [String]
    let type: String?

    init(
        constraints: SchemaConstraints,
        properties: [String: ValueSchema],
        items: ValueSchema?,
        required: [String],
        type: String?
    ) {
        self.constraints = constraints
        self.properties = properties
        self.items = items
        self.required = required
        self.type = type
    }
}

/// One `x-kubernetes-validations` entry, compiled.
struct ValidationRule: Sendable {
    var rule: String
    var expression: CELExpression
    var message: String
    var messageExpression: CELExpression?
    var reason: FieldError.Kind
    /// A path below the node, such as `.spec.name`.
    var fieldPath: String
    /// Whether the rule compares with the old object, and so runs on updates only.
    var usesOldSelf: Bool
}
