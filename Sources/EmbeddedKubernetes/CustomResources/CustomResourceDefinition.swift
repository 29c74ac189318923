internal import JSONModel

/// Reading a CustomResourceDefinition: its defaults, what is wrong with it, the kinds it declares.
enum CustomResourceDefinition {
    /// Names, conversion and status as the server completes them.
    static func applyDefaults(_ object: JSONValue, isNew: Bool) -> JSONValue {
        var crd = object
        let names = crd.value(at: "spec", "names")
        if let kind = names?["kind"]?.string {
            if names?["singular"]?.string == nil {
                crd.set(path: ["spec", "names", "singular"], .string(kind.lowercased()))
            }
            if names?["listKind"]?.string == nil {
                crd.set(path: ["spec", "names", "listKind"], .string(kind + "List"))
            }
        }
        if crd.value(at: "spec", "conversion") == nil { crd.set(path: ["spec", "conversion"], ["strategy": "None"]) }
        guard isNew else { return crd }
        let stored = versions(crd).filter { $0["storage"]?.bool == true }.compactMap { $0["name"] }
        crd.set(
            "status",
            [
                "conditions": .null, "acceptedNames": ["plural": "", "kind": ""], "storedVersions": .array(stored),
            ]
        )
        return crd
    }

    static func versions(_ crd: JSONValue) -> [JSONValue] { crd.value(at: "spec", "versions")?.array ?? [] }

    /// What an update may not change: objects are stored under these names, in this scope
    /// (`ValidateCustomResourceDefinitionSpecUpdate`).
    private static func changes(_ crd: JSONValue, _ old: JSONValue) -> [FieldError] {
        let isEstablished = (old.value(at: "status", "conditions")?.array ?? []).contains {
            $0["type"] == "Established" && $0["status"] == "True"
        }
        var fixed = [["spec", "group"], ["spec", "names", "plural"]]
        if isEstablished { fixed += [["spec", "scope"], ["spec", "names", "kind"]] }
        return fixed.compactMap { path -> FieldError? in
            let new = crd.value(path: path)
            guard new != old.value(path: path) else { return nil }
            return .invalid(path.joined(separator: "."), new ?? "", "field is immutable")
        }
    }

    /// What is wrong with a definition.
    static func errors(_ crd: JSONValue, old: JSONValue?) -> [FieldError] {
        if let old {
            let changes = changes(crd, old)
            if !changes.isEmpty { return changes }
        }
        var errors: [FieldError] = []
        let group = crd.value(at: "spec", "group")?.string ?? ""
        let plural = crd.value(at: "spec", "names", "plural")?.string ?? ""
        if group.isEmpty { errors.append(.required("spec.group")) }
        if !group.isEmpty, !NameRules.isSubdomain(group) || !group.contains(".") {
            errors.append(.invalid("spec.group", .string(group), "should be a domain with at least one dot"))
        }
        if plural.isEmpty { errors.append(.required("spec.names.plural")) }
        if crd.value(at: "spec", "names", "kind")?.string?.isEmpty ?? true {
            errors.append(.required("spec.names.kind"))
        }
        let name = APIObject(crd).name
        if name != "\(plural).\(group)" {
            errors.append(.invalid("metadata.name", .string(name), "must be spec.names.plural+\".\"+spec.group"))
        }
        let scope = crd.value(at: "spec", "scope")?.string
        if scope != "Namespaced", scope != "Cluster" {
            errors.append(.notSupported("spec.scope", .string(scope ?? ""), supported: ["Cluster", "Namespaced"]))
        }
        if let strategy = crd.value(at: "spec", "conversion", "strategy")?.string, strategy != "None" {
            errors.append(.notSupported("spec.conversion.strategy", .string(strategy), supported: ["None"]))
        }
        return errors + versionErrors(crd)
    }

    private static func versionErrors(_ crd: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        let versions = versions(crd)
        if versions.isEmpty { errors.append(.required("spec.versions", "must have at least one version")) }
        if versions.count > 32 { errors.append(.tooMany("spec.versions", count: versions.count, limit: 32)) }
        var seen: Set<String> = []
        for (index, version) in versions.prefix(32).enumerated() {
            let path = "spec.versions[\(index)]"
            let name = version["name"]?.string ?? ""
            if !NameRules.isLabel(name) { errors.append(.invalid("\(path).name", .string(name), NameRules.labelRule)) }
            if !seen.insert(name).inserted { errors.append(.duplicate("\(path).name", .string(name))) }
            errors += compile(version, path: path).errors
        }
        if versions.count(where: { $0["storage"]?.bool == true }) != 1, !versions.isEmpty {
            errors.append(
                .invalid("spec.versions", "must have exactly one version marked as storage version")
            )
        }
        return errors
    }

    /// Compiles one version.
    private static func compile(_ version: JSONValue, path: String) -> (kind: CustomKind?, errors: [FieldError]) {
        guard let source = version.value(at: "schema", "openAPIV3Schema") else {
            return (nil, [.required("\(path).schema.openAPIV3Schema", "schemas are required")])
        }
        let (schema, schemaErrors) = SchemaCompiler.compile(source, path: "\(path).schema.openAPIV3Schema")
        var errors = schemaErrors
        let columns = columns(version, path: path, &errors)
        let selectable = selectableFields(version, schema, path: path, &errors)
        guard let schema, errors.isEmpty else { return (nil, errors) }
        let kind = CustomKind(
            schema: schema,
            columns: columns,
            selectableFields: selectable,
            scale: scale(version),
            isStorage: version["storage"]?.bool ?? false,
            deprecationWarning: version["deprecated"]?.bool == true ? version["deprecationWarning"]?.string ?? "" : nil
        )
        return (kind, [])
    }

    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]

    private static func columns(
        _ version: JSONValue,
        path: String,
        _ errors: inout [FieldError]
    ) -> [CustomKind.PrinterColumn] {
        var columns: [CustomKind.PrinterColumn] = []
        for (index, column) in (version["additionalPrinterColumns"]?.array ?? []).enumerated() {
            let at = "\(path).additionalPrinterColumns[\(index)]"
            let type = column["type"]?.string ?? ""
            if !columnTypes.contains(type) {
                let supported = columnTypes.map(JSONValue.string)
                errors.append(.notSupported("\(at).type", .string(type), supported: supported))
            }
            do throws(JSONPath.Malformed) {
                columns.append(
                    CustomKind.PrinterColumn(
                        name: column["name"]?.string ?? "",
                        type: type,
                        format: column["format"]?.string ?? "",
                        description: column["description"]?.string ?? "",
                        priority: column["priority"]?.integer ?? 0,
                        path: try JSONPath(column["jsonPath"]?.string ?? "")
                    )
                )
            } catch {
                errors.append(.invalid("\(at).jsonPath", column["jsonPath"] ?? "", "\(error)"))
            }
        }
        return columns
    }

    private static func selectableFields(
        _ version: JSONValue,
        _ schema: StructuralSchema?,
        path: String,
        _ errors: inout [FieldError]
    ) -> [String: JSONPath] {
        var selectable: [String: JSONPath] = [:]
        let fields = version["selectableFields"]?.array ?? []
        if fields.count > 8 { errors.append(.tooMany("\(path).selectableFields", count: fields.count, limit: 8)) }
        for (index, field) in fields.enumerated() {
            let text = field["jsonPath"]?.string ?? ""
            guard text.hasPrefix("."), !text.hasPrefix(".metadata"), let parsed = try? JSONPath(text),
                isSelectable(parsed, schema)
            else {
                errors.append(
                    .invalid(
                        "\(path).selectableFields[\(index)].jsonPath",
                        .string(text),
                        "must point to a field of type string, boolean or integer"
                    )
                )
                continue
            }
            selectable[String(text.dropFirst())] = parsed
        }
        return selectable
    }

    private static func isSelectable(_ path: JSONPath, _ schema: StructuralSchema?) -> Bool {
        var current = schema
        for step in path.steps {
            guard case .member(let name) = step else { return false }
            current = current?.properties[name]
        }
        return schema == nil || ["string", "boolean", "integer"].contains(current?.type ?? "")
    }

    private static func scale(_ version: JSONValue) -> ScalePaths? {
        guard let scale = version.value(at: "subresources", "scale"), let spec = scale["specReplicasPath"]?.string,
            let status = scale["statusReplicasPath"]?.string
        else { return nil }
        return ScalePaths(specReplicas: spec, statusReplicas: status, selector: scale["labelSelectorPath"]?.string)
    }

    /// The kinds of a valid definition: one for each served version.
    static func kinds(_ crd: JSONValue) -> [ResourceKind] {
        let spec = crd["spec"] ?? [:]
        guard let group = spec["group"]?.string, let plural = spec.value(at: "names", "plural")?.string,
            let kind = spec.value(at: "names", "kind")?.string
        else { return [] }
        func list(_ name: String) -> [String] { spec["names"]?[name]?.array?.compactMap(\.string) ?? [] }
        return versions(crd).enumerated().compactMap { index, version -> ResourceKind? in
            guard version["served"]?.bool == true, let name = version["name"]?.string,
                var custom = compile(version, path: "spec.versions[\(index)]").kind
            else { return nil }
            if let warning = custom.deprecationWarning, warning.isEmpty {
                custom.deprecationWarning = "\(group)/\(name) \(kind) is deprecated"
            }
            var subresources: [ResourceKind.Subresource] = []
            if custom.scale != nil {
                subresources.append(
                    .init(
                        name: "scale",
                        group: "autoscaling",
                        version: "v1",
                        kind: "Scale",
                        verbs: ResourceKind.subresourceVerbs
                    )
                )
            }
            if version.value(at: "subresources", "status") != nil {
                subresources.append(
                    .init(name: "status", group: group, version: name, kind: kind, verbs: ResourceKind.subresourceVerbs)
                )
            }
            return ResourceKind(
                served: GroupResource(group, plural),
                version: name,
                kind: kind,
                listKind: spec.value(at: "names", "listKind")?.string ?? kind + "List",
                singular: spec.value(at: "names", "singular")?.string ?? kind.lowercased(),
                isNamespaced: spec["scope"]?.string == "Namespaced",
                shortNames: list("shortNames"),
                categories: list("categories"),
                subresources: subresources,
                custom: custom
            )
        }
    }

    /// The status of a definition whose names were accepted.
    static func established(_ crd: JSONValue, at time: String) -> JSONValue {
        var crd = crd
        let names = crd.value(at: "spec", "names") ?? [:]
        func condition(_ type: String, _ reason: String, _ message: String) -> JSONValue {
            let old = crd.value(at: "status", "conditions")?.array?.first { $0["type"]?.string == type }
            return old ?? [
                "type": .string(type), "status": "True", "lastTransitionTime": .string(time), "reason": .string(reason),
                "message": .string(message),
            ]
        }
        let conditions: JSONValue = [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ]
        crd.set(path: ["status", "conditions"], conditions)
        crd.set(path: ["status", "acceptedNames"], names)
        var stored = crd.value(at: "status", "storedVersions")?.array ?? []
        for version in versions(crd) where version["storage"]?.bool == true {
            if let name = version["name"], !stored.contains(name) { stored.append(name) }
        }
        crd.set(path: ["status", "storedVersions"], .array(stored))
        return crd
    }

    /// The status of a definition that is being deleted.
    static func terminating(_ crd: JSONValue, at time: String) -> JSONValue {
        var crd = crd
        let others = (crd.value(at: "status", "conditions")?.array ?? []).filter { $0["type"]?.string != "Terminating" }
        let condition: JSONValue = [
            "type": "Terminating", "status": "True", "lastTransitionTime": .string(time),
            "reason": "InstanceDeletionPending",
            "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        ]
        crd.set(path: ["status", "conditions"], .array(others + [condition]))
        return crd
    }

    /// The status of a definition whose names belong to another one.
    static func refused(_ crd: JSONValue, at time: String, _ message: String) -> JSONValue {
        var crd = crd
        func condition(_ type: String, _ reason: String, _ message: String) -> JSONValue {
            [
                "type": .string(type), "status": "False", "lastTransitionTime": .string(time),
                "reason": .string(reason),
                "message": .string(message),
            ]
        }
        let conditions: JSONValue = [
            condition("NamesAccepted", "KindConflict", message),
            condition("Established", "NotAccepted", "not all names are accepted"),
        ]
        crd.set(path: ["status", "conditions"], conditions)
        return crd
    }
}
