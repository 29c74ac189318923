internal import FoundationEssentials
internal import JSONModel

/// One column of a kind's table, as `kubectl get` prints it (kubernetes.md §8.2).
struct TableColumn: Sendable {
    var name: String
    var type = "string"
    var format = ""
    var description = ""
    var priority: Int64 = 0
    /// The cell of one object at one moment.
    var cell: @Sendable (JSONValue, Date) -> JSONValue

    var definition: JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .integer(priority),
        ]
    }

    static let name = TableColumn(
        name: "Name",
        format: "name",
        description:
            "Name must be unique within a namespace. Is required when creating resources, although some resources may "
            + "allow a client to request the generation of an appropriate name automatically. Name is primarily "
            + "intended for creation idempotence and configuration definition. Cannot be updated. More info: "
            + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
    ) { object, _ in object["metadata"]?["name"] ?? "" }

    static let creationDescription =
        "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
        + "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. "
        + "It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. "
        + "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"

    static let age = TableColumn(name: "Age", description: creationDescription) { object, now in
        age(object.value(at: "metadata", "creationTimestamp"), now)
    }

    /// How long ago a time was; unknown when it is missing, invalid when it is no time.
    static func age(_ value: JSONValue?, _ now: Date) -> JSONValue {
        guard let text = value?.string else { return "<unknown>" }
        guard let date = Timestamps.parse(text) else { return "<invalid>" }
        return .string(Timestamps.age(since: date, now: now))
    }

    /// A column that shows one member, or a word when it is missing.
    static func member(
        _ name: String,
        _ path: [String],
        missing: JSONValue = "<none>",
        priority: Int64 = 0,
        type: String = "string"
    ) -> TableColumn {
        TableColumn(
            name: name,
            type: type,
            description: "The object's \(path.joined(separator: ".")).",
            priority: priority
        ) {
            object,
            _ in
            guard let value = object.value(path: path), value.string != "" else { return missing }
            return value
        }
    }

    /// A column of a CustomResourceDefinition.
    init(_ column: CustomKind.PrinterColumn) {
        name = column.name
        type = column.type
        format = column.format
        priority = column.priority
        description =
            column.description.isEmpty
            ? "Custom resource definition column (in JSONPath format): \(column.path.text)" : column.description
        let path = column.path
        let type = column.type
        cell = { object, now in
            guard let value = path.values(in: object).first, !value.isNull else { return .null }
            switch type {
            case "date": return TableColumn.age(value, now)
            case "integer", "number": return value.integer != nil || value.typeName == "number" ? value : .null
            case "boolean": return value.bool == nil ? .null : value
            default: return value.string == nil ? .string(JSONSerializer().string(value)) : value
            }
        }
    }

    init(
        name: String,
        type: String = "string",
        format: String = "",
        description: String = "",
        priority: Int64 = 0,
        cell: @escaping @Sendable (JSONValue, Date) -> JSONValue
    ) {
        self.name = name
        self.type = type
        self.format = format
        self.description = description
        self.priority = priority
        self.cell = cell
    }
}
