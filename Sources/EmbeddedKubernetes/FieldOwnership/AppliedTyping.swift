internal import JSONModel

/// Whether an applied configuration fits its schema; one that does not is refused before anything is merged, whatever
/// the client chose for unknown fields (structured-merge-diff `typed.AsTyped`).
struct AppliedTyping {
    private var problems: [String] = []

    /// Refuses what is of another kind, and what does not fit.
    ///
    /// - Throws: a 400 or 500 ``APIFailure``, as kube-apiserver has them.
    static func check(_ configuration: JSONValue, _ kind: ResourceKind) throws(APIFailure) {
        let version = configuration["apiVersion"]?.string ?? ""
        let name = configuration["kind"]?.string ?? ""
        let shown = "\(version.contains("/") ? version : "/" + version), Kind=\(name)"
        guard version == kind.groupVersion, name == kind.kind else {
            throw .badRequest("invalid object type: \(shown)")
        }
        let metadata = configuration["metadata"] ?? [:]
        // An empty list is no absent one.
        guard metadata["managedFields"]?.isNull ?? true else {
            throw .badRequest("metadata.managedFields must be nil")
        }
        var typing = AppliedTyping()
        typing.unique(metadata["finalizers"], at: ".metadata.finalizers") { "[=\(JSONSerializer().string($0))]" }
        typing.body(configuration, kind)
        guard let first = typing.problems.first else { return }
        let all = typing.problems.count == 1 ? first : "errors:\n" + typing.problems.map { "  \($0)\n" }.joined()
        let object = "\(metadata["namespace"]?.string ?? "")/\(metadata["name"]?.string ?? "")"
        throw APIFailure(500, "", "failed to create typed patch object (\(object); \(shown)): \(all)")
    }

    private mutating func body(_ configuration: JSONValue, _ kind: ResourceKind) {
        for path in BodyDecoding.unknownMetadata(configuration) { note(".\(path)", "field not declared in schema") }
        guard let schema = kind.custom?.schema else {
            for path in BuiltinFields.unknown(in: configuration, kind) {
                note(".\(path)", "field not declared in schema")
            }
            return
        }
        var rest = configuration
        for member in ["apiVersion", "kind", "metadata"] { rest.set(member, nil) }
        object(rest, schema, "")
    }

    private mutating func note(_ path: String, _ why: String) { problems.append("\(path): \(why)") }

    private mutating func value(_ value: JSONValue, _ schema: StructuralSchema, _ path: String) {
        guard !value.isNull, !schema.isIntOrString else { return }
        switch schema.type {
        case "object": object(value, schema, path)
        case "array": list(value, schema, path)
        case "string" where value.string == nil && schema.constraints.format != "date-time":
            note(path, "expected string, got &value.valueUnstructured{Value:\(Self.text(value))}")
        case "boolean" where value.bool == nil: note(path, "expected boolean, got &{\(Self.text(value))}")
        case "integer", "number":
            if value.goTypeName != "number" { note(path, "expected numeric (int or float), got \(value.goTypeName)") }
        default: break
        }
    }

    private mutating func object(_ value: JSONValue, _ schema: StructuralSchema, _ path: String) {
        guard let members = value.object else { return note(path, "expected map, got &{\(Self.text(value))}") }
        for name in members.keys.sorted() {
            guard let member = members[name] else { continue }
            if schema.isEmbeddedResource, ["apiVersion", "kind", "metadata"].contains(name) { continue }
            if let child = schema.properties[name] ?? schema.additionalProperties {
                self.value(member, child, "\(path).\(name)")
            } else if !schema.preservesUnknownFields {
                // The first one ends the search, as far as this object goes.
                return note("\(path).\(name)", "field not declared in schema")
            }
        }
    }

    private mutating func list(_ value: JSONValue, _ schema: StructuralSchema, _ path: String) {
        guard let elements = value.array else { return note(path, "expected list, got &{\(Self.text(value))}") }
        for (index, element) in elements.enumerated() where schema.listType == .map {
            if let why = Self.misfit(element, schema) { return note(path, "element \(index): \(why)") }
        }
        func edge(_ index: Int, _ element: JSONValue) -> String {
            switch schema.listType {
            case .map: Self.key(element, schema)
            case .set: "[=\(JSONSerializer().string(element))]"
            default: "[\(index)]"
            }
        }
        if schema.listType == .map || schema.listType == .set { unique(value, at: path) { edge(0, $0) } }
        guard let items = schema.items else { return }
        for (index, element) in elements.enumerated() { self.value(element, items, path + edge(index, element)) }
    }

    /// Why an element of a list that is a map cannot be told from others.
    private static func misfit(_ element: JSONValue, _ schema: StructuralSchema) -> String? {
        if element.isNull { return "associative list with keys may not have a null element" }
        guard element.object != nil else { return "associative list with keys may not have non-map elements" }
        let isNamed = schema.listMapKeys.contains {
            element[$0] != nil || schema.items?.properties[$0]?.defaultValue != nil
        }
        if isNamed { return nil }
        let keys = schema.listMapKeys.map { "\"\($0)\"" }.joined(separator: " ")
        return "associative list with keys has an element that omits all key fields [\(keys)] "
            + "(and doesn't have default values for any key fields)"
    }

    private static func key(_ element: JSONValue, _ schema: StructuralSchema) -> String {
        let parts = schema.listMapKeys.sorted().compactMap { name -> String? in
            guard let value = element[name] ?? schema.items?.properties[name]?.defaultValue else { return nil }
            return "\(name)=\(JSONSerializer().string(value))"
        }
        return "[\(parts.joined(separator: ","))]"
    }

    private mutating func unique(_ list: JSONValue?, at path: String, _ key: (JSONValue) -> String) {
        var seen: Set<String> = []
        for element in list?.array ?? [] {
            let name = key(element)
            if !seen.insert(name).inserted { note(path, "duplicate entries for key \(name)") }
        }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): String(text.prefix(256))
        case .object: "map[]"
        default: String(JSONSerializer().string(value).prefix(256))
        }
    }
}
