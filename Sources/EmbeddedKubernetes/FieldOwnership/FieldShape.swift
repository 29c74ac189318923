internal import JSONModel

/// How the fields of a value are owned: each by itself, or the value as a whole.
enum FieldShape: Sendable {
    /// A scalar, or a list or map that is owned as a whole.
    case leaf
    /// An object of a schema; `nil` when nothing is known of it.
    case object(StructuralSchema?)
    case set
    case map(keys: [String], items: StructuralSchema?)
    /// The root of an object, and its metadata.
    case root(StructuralSchema)
    case metadata

    init(_ value: JSONValue?, _ schema: StructuralSchema?) {
        switch value {
        case .object: self = schema?.source["x-kubernetes-map-type"] == "atomic" ? .leaf : .object(schema)
        case .array:
            switch schema?.listType {
            case .set: self = .set
            case .map: self = .map(keys: schema?.listMapKeys ?? [], items: schema?.items)
            default: self = .leaf
            }
        default: self = .leaf
        }
    }

    /// The metadata that can be owned.
    private static let ownable: Set<String> = ["labels", "annotations", "finalizers", "ownerReferences"]

    /// A reference is owned as a whole (`x-kubernetes-map-type: atomic` of OwnerReference).
    private static let ownerReference: StructuralSchema = {
        var parts = SchemaParts()
        parts.type = "object"
        parts.source = ["x-kubernetes-map-type": "atomic"]
        return StructuralSchema(parts)
    }()

    /// The shape of a member; `nil` for one that nobody owns.
    func member(_ name: String, _ value: JSONValue?) -> FieldShape? {
        switch self {
        case .object(let schema): FieldShape(value, schema?.properties[name] ?? schema?.additionalProperties)
        case .root(let schema):
            switch name {
            case "apiVersion", "kind": nil
            case "metadata": .metadata
            default: FieldShape(value, schema.properties[name])
            }
        case .metadata:
            switch name {
            case "finalizers": .set
            case "ownerReferences": .map(keys: ["uid"], items: Self.ownerReference)
            case "generateName": .leaf
            default: Self.ownable.contains(name) ? .object(nil) : nil
            }
        default: .leaf
        }
    }

    var isObject: Bool {
        switch self {
        case .object, .root, .metadata: true
        default: false
        }
    }

    /// The elements of a list by their edges; `nil` where the list is owned as a whole.
    func elements(_ list: [JSONValue]) -> [(edge: String, value: JSONValue)]? {
        let serializer = JSONSerializer()
        switch self {
        case .set: return list.map { ("v:" + serializer.string($0), $0) }
        case .map(let keys, let items):
            return list.map { element in
                var key: [String: JSONValue] = [:]
                for name in keys { key[name] = element[name] ?? items?.properties[name]?.defaultValue }
                return ("k:" + serializer.string(.object(key)), element)
            }
        default: return nil
        }
    }

    /// The shape of a list's elements.
    func element(_ value: JSONValue?) -> FieldShape {
        if case .map(_, let items) = self { return FieldShape(value, items) }
        return .leaf
    }
}
