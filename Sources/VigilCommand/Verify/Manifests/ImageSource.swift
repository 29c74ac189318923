/// Where an image was found: a container of an object in a manifest.
struct ImageSource: Sendable, Hashable {
    /// The file, or `standard input`.
    var file: String
    /// The document's place in the file, from 1.
    var document: Int
    /// The object's kind.
    var kind: String
    /// The object's namespace, where the manifest names one.
    var namespace: String?
    /// The object's name, or the prefix it will be generated from.
    var name: String
    /// The container or volume, such as `web`; init and ephemeral containers and volumes say so: `init:setup`.
    var container: String
    /// The labels of the pods that will run it, where the manifest shows them.
    var podLabels: [String: String]
    /// The labels of the namespace, where they are known: no manifest of a workload shows them.
    var namespaceLabels: [String: String]?

    /// `Deployment shop/web, container web, in deploy.yaml`.
    var description: String {
        let object = [namespace, name].compactMap(\.self).joined(separator: "/")
        return "\(kind) \(object), container \(container), in \(file)"
    }
}

/// An image as a manifest writes it.
struct FoundImage: Sendable, Hashable {
    /// The reference as written; empty where a container names none.
    var text: String
    var source: ImageSource
}
