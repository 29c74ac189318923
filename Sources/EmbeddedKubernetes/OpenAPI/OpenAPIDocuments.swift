internal import JSONModel

/// The OpenAPI v3 documents, one for each group and version: what `kubectl` needs to let the server validate, to choose
/// a patch type and to explain kinds.
struct OpenAPIDocuments {
    let kinds: [ResourceKind]

    private var groupVersions: [(name: String, kinds: [ResourceKind])] {
        var order: [String] = []
        var members: [String: [ResourceKind]] = [:]
        for kind in kinds {
            let name = kind.served.group.isEmpty ? "api/\(kind.version)" : "apis/\(kind.groupVersion)"
            if members[name] == nil { order.append(name) }
            members[name, default: []].append(kind)
        }
        return order.map { ($0, members[$0] ?? []) }
    }

    /// `/openapi/v3`: where each document is.
    ///
    /// The hash lets clients cache documents for good.
    var index: JSONValue {
        var paths: [String: JSONValue] = [:]
        for (name, members) in groupVersions {
            let hash = DiscoveryCache.tag(JSONSerializer().bytes(Self.document(members)))
            paths[name] = ["serverRelativeURL": .string("/openapi/v3/\(name)?hash=\(hash)")]
        }
        return ["paths": .object(paths)]
    }

    /// One document: `api/v1`, `apis/example.dev/v1alpha1`.
    func document(_ name: String) -> JSONValue? {
        groupVersions.first { $0.name == name }.map { Self.document($0.kinds) }
    }

    private static func document(_ kinds: [ResourceKind]) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        var schemas = OpenAPISchemas.common
        for kind in kinds {
            paths.merge(OpenAPIPaths.paths(kind)) { first, _ in first }
            schemas.merge(OpenAPISchemas.schemas(kind)) { first, _ in first }
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": .object(paths),
            "components": ["schemas": .object(schemas)],
        ]
    }
}

/// The operations of one kind.
enum OpenAPIPaths {
    static func paths(_ kind: ResourceKind) -> [String: JSONValue] {
        let root = kind.served.group.isEmpty ? "/api/\(kind.version)" : "/apis/\(kind.groupVersion)"
        let all = "\(root)/\(kind.served.resource)"
        let base = kind.isNamespaced ? "\(root)/namespaces/{namespace}/\(kind.served.resource)" : all
        var paths: [String: JSONValue] = [:]
        if kind.verbs.contains("list"), kind.isNamespaced { paths[all] = ["get": operation("list", kind)] }
        var collection: [String: JSONValue] = [:]
        if kind.verbs.contains("list") { collection["get"] = operation("list", kind) }
        if kind.verbs.contains("create") { collection["post"] = operation("post", kind) }
        if kind.verbs.contains("deletecollection") { collection["delete"] = operation("deletecollection", kind) }
        paths[base] = .object(collection)
        guard kind.verbs.contains("get") else { return paths }
        paths["\(base)/{name}"] = item(kind)
        if kind.hasStatus {
            paths["\(base)/{name}/status"] = [
                "get": operation("get", kind), "put": operation("put", kind), "patch": operation("patch", kind),
            ]
        }
        return paths
    }

    private static func item(_ kind: ResourceKind) -> JSONValue {
        var item: [String: JSONValue] = ["get": operation("get", kind)]
        if kind.verbs.contains("update") { item["put"] = operation("put", kind) }
        if kind.verbs.contains("patch") { item["patch"] = operation("patch", kind) }
        if kind.verbs.contains("delete") { item["delete"] = operation("delete", kind) }
        return .object(item)
    }

    private static func parameter(_ name: String, _ type: String) -> JSONValue {
        ["name": .string(name), "in": "query", "schema": ["type": .string(type), "uniqueItems": true]]
    }

    private static func operation(_ action: String, _ kind: ResourceKind) -> JSONValue {
        let reference: JSONValue = ["$ref": .string("#/components/schemas/\(OpenAPISchemas.name(kind))")]
        var operation: [String: JSONValue] = [
            "description": .string("\(action) \(kind.kind)"),
            "responses": ["200": ["description": "OK", "content": ["application/json": ["schema": reference]]]],
            "x-kubernetes-action": .string(action),
            "x-kubernetes-group-version-kind": [
                "group": .string(kind.served.group), "version": .string(kind.version), "kind": .string(kind.kind),
            ],
        ]
        switch action {
        case "patch":
            // Without the strategic type in the list, kubectl takes its own tables for built-in kinds.
            let types = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"]
            let content = types.map { ($0, ["schema": ["type": "object"]] as JSONValue) }
            operation["requestBody"] = [
                "content": .object(Dictionary(content) { first, _ in first }), "required": true,
            ]
            operation["parameters"] = [
                parameter("dryRun", "string"), parameter("fieldManager", "string"),
                parameter("fieldValidation", "string"),
                parameter("force", "boolean"),
            ]
        case "post", "put":
            operation["requestBody"] = ["content": ["*/*": ["schema": reference]], "required": true]
            operation["parameters"] = [
                parameter("dryRun", "string"), parameter("fieldManager", "string"),
                parameter("fieldValidation", "string"),
            ]
        case "delete":
            operation["parameters"] = [parameter("dryRun", "string"), parameter("propagationPolicy", "string")]
        default: break
        }
        return .object(operation)
    }
}

/// The schemas of one kind, as components.
enum OpenAPISchemas {
    /// `dev.example.v1alpha1.ImageCheck`; built-in kinds are named as upstream names them.
    static func name(_ kind: ResourceKind) -> String {
        if kind.custom != nil {
            let group = kind.served.group.split(separator: ".").reversed().joined(separator: ".")
            return "\(group).\(kind.version).\(kind.kind)"
        }
        let group = kind.served.group.split(separator: ".").first.map(String.init) ?? "core"
        return "io.k8s.api.\(group).\(kind.version).\(kind.kind)"
    }

    private static let metaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

    static let common: [String: JSONValue] = [
        metaName: [
            "type": "object",
            "description":
                .string(
                    "ObjectMeta is metadata that all persisted resources must have, which includes all objects "
                        + "users must create."
                ),
            "properties": [
                "name": text("Name must be unique within a namespace. Cannot be updated."),
                "generateName": text(
                    "An optional prefix, used by the server to make a unique name when none is given."
                ),
                "namespace": text("Namespace defines the space within which each name must be unique."),
                "labels": map("Map of string keys and values that can be used to organize and select objects."),
                "annotations": map("Annotations is an unstructured key value map that tools may set."),
                "finalizers": [
                    "type": "array", "items": text(""),
                    "description": "Must be empty before the object is deleted from the registry.",
                ],
                "ownerReferences": [
                    "type": "array", "items": ["type": "object"],
                    "description": "List of objects depended by this object.",
                ],
                "uid": text("UID is the unique in time and space value for this object."),
                "resourceVersion": text("An opaque value that represents the internal version of this object."),
                "generation": [
                    "type": "integer", "format": "int64",
                    "description": "A sequence number representing a specific generation of the desired state.",
                ],
                "creationTimestamp": [
                    "type": "string", "format": "date-time",
                    "description": "The server time when this object was created.",
                ],
                "deletionTimestamp": [
                    "type": "string", "format": "date-time",
                    "description": "The time at which this resource will be deleted.",
                ],
                "deletionGracePeriodSeconds": [
                    "type": "integer", "format": "int64",
                    "description": "Seconds allowed for this object to gracefully terminate.",
                ],
                "managedFields": [
                    "type": "array", "items": ["type": "object"], "description": "Which workflow manages which fields.",
                ],
            ],
        ]
    ]

    private static func text(_ description: String) -> JSONValue {
        ["type": "string", "description": .string(description)]
    }

    private static func map(_ description: String) -> JSONValue {
        ["type": "object", "additionalProperties": ["type": "string"], "description": .string(description)]
    }

    private static let apiVersion = text(
        "APIVersion defines the versioned schema of this representation of an object. Servers should convert "
            + "recognized schemas to the latest internal value, and may reject unrecognized values."
    )
    private static let kindProperty = text(
        "Kind is a string value representing the REST resource this object represents. Servers may infer this from the "
            + "endpoint the client submits requests to. Cannot be updated. In CamelCase."
    )

    static func schemas(_ kind: ResourceKind) -> [String: JSONValue] {
        let own = name(kind)
        func identity(_ name: String) -> JSONValue {
            [["group": .string(kind.served.group), "version": .string(kind.version), "kind": .string(name)]]
        }
        var schema = kind.custom?.schema.source.object ?? builtin(kind)
        var properties = schema["properties"]?.object ?? [:]
        properties["apiVersion"] = apiVersion
        properties["kind"] = kindProperty
        properties["metadata"] = [
            "description": "Standard object's metadata.", "default": [:],
            "allOf": [["$ref": .string("#/components/schemas/\(metaName)")]],
        ]
        schema["properties"] = .object(properties)
        schema["x-kubernetes-group-version-kind"] = identity(kind.kind)
        let list: JSONValue = [
            "type": "object", "description": .string("\(kind.listKind) is a list of \(kind.kind)"),
            "required": ["items"],
            "properties": [
                "apiVersion": apiVersion, "kind": kindProperty, "metadata": ["type": "object"],
                "items": ["type": "array", "items": ["allOf": [["$ref": .string("#/components/schemas/\(own)")]]]],
            ],
            "x-kubernetes-group-version-kind": identity(kind.listKind),
        ]
        return [own: .object(schema), "\(own)List": list]
    }

    /// The least that can be said about a built-in kind: its members, with no detail.
    private static func builtin(_ kind: ResourceKind) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        switch kind.stored {
        case .configMaps, .secrets:
            properties = [
                "data": map("The entries."),
                "immutable": ["type": "boolean", "description": "Whether the entries may change."],
            ]
        case .events: break
        default:
            properties = [
                "spec": [
                    "type": "object", "description": "The desired state.", "x-kubernetes-preserve-unknown-fields": true,
                ],
                "status": [
                    "type": "object", "description": "The observed state.",
                    "x-kubernetes-preserve-unknown-fields": true,
                ],
            ]
        }
        return [
            "type": "object",
            "description": .string("\(kind.kind) is a built-in kind; this stand-in does not describe its fields."),
            "properties": .object(properties), "x-kubernetes-preserve-unknown-fields": true,
        ]
    }
}
