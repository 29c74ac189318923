import JSONModel
import TestDocuments
import Testing

/// Kubernetes objects of a stream of YAML documents, by what they are called.
struct Manifests {
    /// The objects, by `Kind namespace/name`.
    let objects: [String: JSONValue]

    /// - Throws: what libyaml says about text that is not YAML; an issue for a document that is no object.
    init(yaml: String) throws {
        var objects: [String: JSONValue] = [:]
        for document in try YAMLText.documents(yaml) where document != .null {
            let kind = try #require(document["kind"]?.string)
            let name = try #require(document.value(at: "metadata", "name")?.string)
            let key = "\(kind) \(document.value(at: "metadata", "namespace")?.string ?? "")/\(name)"
            #expect(objects[key] == nil, "\(key) appears twice")
            objects[key] = document
        }
        self.objects = objects
    }

    /// The one object of a kind and a name, whatever its namespace.
    func object(_ kind: String, _ name: String) throws -> JSONValue {
        let found = objects.filter { $0.key.hasPrefix("\(kind) ") && $0.key.hasSuffix("/\(name)") }
        #expect(found.count == 1, "\(kind) \(name): \(found.keys.sorted())")
        return try #require(found.first).value
    }

    /// The objects without labels and annotations that only say who installed them.
    var anonymous: [String: JSONValue] { objects.mapValues(Self.withoutInstaller) }

    private static let installerLabels: Set<String> = [
        "helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "app.kubernetes.io/part-of",
        "helm.sh/resource-policy",
    ]

    private static func withoutInstaller(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(withoutInstaller))
        case .object(var members):
            for label in installerLabels { members[label] = nil }
            members = members.mapValues(withoutInstaller)
            if members["annotations"] == .object([:]) { members["annotations"] = nil }
            return .object(members)
        default: return value
        }
    }
}
