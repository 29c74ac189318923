public import JSONModel
public import KubernetesAPI

/// The schema of one kind: for the API server as a definition, for files as a strict validator.
public struct CustomResourceSchema: Sendable, Hashable {
    /// The kind.
    public let resource: ResourceType
    /// What the kind is, for people.
    public let text: String
    /// The specification.
    public let spec: SchemaNode
    /// The status.
    public let status: SchemaNode

    /// The schema as `openAPIV3Schema` writes it.
    public var json: JSONValue {
        [
            "description": .string(text),
            "type": "object",
            "required": ["spec"],
            "properties": [
                "apiVersion": [
                    "type": "string",
                    "description": .string("The version of this representation: \(resource.apiVersion)."),
                ],
                "kind": ["type": "string", "description": .string("The kind: \(resource.kind).")],
                "metadata": ["type": "object"],
                "spec": spec.json,
                "status": status.json,
            ],
        ]
    }

    /// Everything about `object` that an API server would refuse, drop silently (unknown members) or never return: 64
    /// problems at most, none when it is acceptable.
    ///
    /// Rules across members (``SchemaRule``) are not evaluated: ``PolicyCompiler`` checks the same things with better
    /// messages.
    ///
    /// Whether defaults were filled in before makes no difference.
    public func validate(_ object: JSONValue) -> [FieldProblem] {
        var validator = SchemaValidator()
        guard let members = object.object else {
            return [FieldProblem(path: "", message: "is \(object.typeName), expected an object")]
        }
        validateType(members, with: &validator)
        validateMetadata(members["metadata"], with: &validator)
        for name in members.keys.sorted() where !["apiVersion", "kind", "metadata", "spec", "status"].contains(name) {
            validator.report(
                name,
                "is no field of \(resource.kind)\(Suggestion.text(for: name, among: ["metadata", "spec"]))"
            )
        }
        if let value = members["spec"] {
            validator.validate(value, against: spec, path: "spec")
        } else {
            validator.report("spec", "is missing")
        }
        if let value = members["status"] { validator.validate(value, against: status, path: "status") }
        return validator.problems
    }

    /// `object` with every default filled in, as an API server stores it.
    public func applyDefaults(to object: JSONValue) -> JSONValue {
        guard case .object(var members) = object else { return object }
        for (name, node) in [("spec", spec), ("status", status)] {
            if let value = members[name] ?? node.defaultValue { members[name] = node.applyingDefaults(to: value) }
        }
        return .object(members)
    }

    private func validateType(_ members: [String: JSONValue], with validator: inout SchemaValidator) {
        if members["apiVersion"] != .string(resource.apiVersion) {
            validator.report("apiVersion", "must be \(resource.apiVersion)")
        }
        if members["kind"] != .string(resource.kind) { validator.report("kind", "must be \(resource.kind)") }
    }

    private static let metadataNames: Set<String> = [
        "name", "namespace", "labels", "annotations", "finalizers", "ownerReferences", "generateName", "uid",
        "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "managedFields", "selfLink",
    ]

    private func validateMetadata(_ value: JSONValue?, with validator: inout SchemaValidator) {
        guard let metadata = value?.object else {
            validator.report("metadata", value == nil ? "is missing" : "must be an object")
            return
        }
        for name in metadata.keys.sorted() where !Self.metadataNames.contains(name) {
            let suggestion = Suggestion.text(for: name, among: ["name", "namespace", "labels", "annotations"])
            validator.report("metadata.\(name)", "is no field of metadata\(suggestion)")
        }
        let name = SchemaNode.string("", length: 1...253, pattern: NamePattern.subdomain)
        if let value = metadata["name"] {
            validator.validate(value, against: name, path: "metadata.name")
        } else {
            validator.report("metadata.name", "is missing")
        }
        if let value = metadata["namespace"] {
            if resource.isNamespaced {
                let namespace = SchemaNode.string("", length: 1...63, pattern: NamePattern.label)
                validator.validate(value, against: namespace, path: "metadata.namespace")
            } else {
                validator.report("metadata.namespace", "must be absent: \(resource.kind) belongs to the whole cluster")
            }
        }
        let texts = SchemaNode.texts("", maximumCount: 1024, length: 0...262_144)
        for name in ["labels", "annotations"] {
            if let value = metadata[name] { validator.validate(value, against: texts, path: "metadata.\(name)") }
        }
    }
}

/// Patterns of names (RFC 1123 as Kubernetes reads it).
enum NamePattern {
    /// One label: lower-case letters, digits and dashes.
    static let label = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
    /// Labels with dots between them.
    static let subdomain = #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#
}
