public import JSONModel
public import KubernetesAPI

/// The definition of one kind (`apiextensions.k8s.io/v1`, CustomResourceDefinition), as a value.
public struct CustomResourceDefinition: Sendable, Hashable {
    /// A column of `kubectl get`.
    public struct Column: Sendable, Hashable {
        /// The heading.
        public let name: String
        /// `string`, `integer` or `date`.
        public let type: String
        /// Where the value is.
        public let path: String
        /// What it shows.
        public let text: String
        /// Whether it is shown with `-o wide` only.
        public let isWide: Bool

        init(_ name: String, _ type: String, _ path: String, _ text: String, isWide: Bool = false) {
            self.name = name
            self.type = type
            self.path = path
            self.text = text
            self.isWide = isWide
        }

        var json: JSONValue {
            var members: [String: JSONValue] = [
                "name": .string(name), "type": .string(type), "jsonPath": .string(path), "description": .string(text),
            ]
            if isWide { members["priority"] = 1 }
            return .object(members)
        }
    }

    /// The kind's schema.
    public let schema: CustomResourceSchema
    /// The short name for `kubectl`.
    public let shortName: String
    /// The columns of `kubectl get`.
    public let columns: [Column]

    /// The kind.
    public var resource: ResourceType { schema.resource }

    /// The name of the file that holds it, such as `vigil.dev_trustpolicies.yaml`.
    public var fileName: String { "\(resource.group)_\(resource.plural).yaml" }

    /// The definition as an object of the API.
    public var json: JSONValue {
        [
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": ["name": .string("\(resource.plural).\(resource.group)")],
            "spec": [
                "group": .string(resource.group),
                "names": [
                    "kind": .string(resource.kind),
                    "listKind": .string("\(resource.kind)List"),
                    "plural": .string(resource.plural),
                    "singular": .string(resource.kind.lowercased()),
                    "shortNames": [.string(shortName)],
                    "categories": [.string(TrustAPI.category)],
                ],
                "scope": .string(resource.isNamespaced ? "Namespaced" : "Cluster"),
                "versions": [
                    [
                        "name": .string(resource.version),
                        "served": true,
                        "storage": true,
                        "schema": ["openAPIV3Schema": schema.json],
                        "subresources": ["status": [:]],
                        "additionalPrinterColumns": .array(columns.map(\.json)),
                    ]
                ],
            ],
        ]
    }

    /// The definition as the text of its file, always the same for the same definition.
    public var yaml: String { YAMLWriter().text(documents: [json]) }
}
