import JSONModel
import KubernetesAPI

/// A kind of the suite's own: something with a color, for which the operator keeps a ConfigMap.
struct Widget: KubernetesObject {
    static let resource = ResourceType(
        group: "example.com",
        version: "v1",
        plural: "widgets",
        kind: "Widget",
        isNamespaced: true
    )

    struct Specification: Codable, Sendable {
        /// What the child has to say; a widget without it cannot be served.
        var color: String?
        /// Something that nobody may ever be told.
        var password: String?
    }

    struct Status: Codable, Sendable {
        var observedGeneration: Int64?
        var child: String?
        var conditions: [Condition]?
    }

    var metadata: ObjectMeta
    var spec: Specification?
    var status: Status?
}

extension Widget {
    /// How the password of every widget begins.
    static let secret = "hunter2"

    static func manifest(_ name: String, color: String?, size: Int? = nil) -> JSONValue {
        var spec: [String: JSONValue] = ["password": .string("\(secret)-\(name)")]
        if let color { spec["color"] = .string(color) }
        if let size { spec["size"] = .integer(Int64(size)) }
        return [
            "apiVersion": "example.com/v1", "kind": "Widget",
            "metadata": ["name": .string(name), "namespace": .string(WidgetOperator.namespace)], "spec": .object(spec),
        ]
    }

    /// The definition of the kind.
    ///
    /// - Parameter requiresSize: whether it is a later one, in which `spec.size` must be given.
    /// - Returns: the CustomResourceDefinition.
    static func definition(requiresSize: Bool = false) -> JSONValue {
        let text: JSONValue = ["type": "string"]
        var spec: [String: JSONValue] = [
            "type": "object", "properties": ["color": text, "password": text, "size": ["type": "integer"]],
        ]
        if requiresSize { spec["required"] = ["size"] }
        let schema: JSONValue = [
            "type": "object",
            "properties": [
                "spec": .object(spec),
                "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
            ],
        ]
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "widgets.example.com"],
            "spec": [
                "group": "example.com", "scope": "Namespaced",
                "names": ["plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
                        "schema": ["openAPIV3Schema": schema],
                    ]
                ],
            ],
        ]
    }
}
