import JSONModel

/// Finds every image that the objects of manifests run.
struct ManifestImages: Sendable {
    /// The images, in the order of the manifests.
    private(set) var images: [FoundImage] = []
    /// How many objects of each kind hold no pods, such as `Service`.
    private(set) var skippedKinds: [String: Int] = [:]
    /// How many documents are no Kubernetes objects.
    private(set) var otherDocuments = 0

    /// Lists may hold lists; deeper nesting is refused.
    private static let listDepth = 8

    /// Looks at one document.
    ///
    /// - Throws: ``InputError`` naming file, document and field, where a member that leads to an image has the wrong type.
    mutating func add(_ document: SourceDocument) throws(InputError) {
        try add(document.value, of: document, at: "", kindInList: nil, depth: 0)
    }

    private mutating func add(
        _ object: JSONValue,
        of document: SourceDocument,
        at path: String,
        kindInList: String?,
        depth: Int
    ) throws(InputError) {
        guard let kind = object["kind"]?.string ?? kindInList else {
            otherDocuments += 1
            return
        }
        let apiVersion = object["apiVersion"]?.string ?? ""
        if kind.hasSuffix("List"), let items = object["items"], !items.isNull {
            let entries = try Self.array(items, document, "\(path)items")
            guard depth < Self.listDepth else {
                throw document.error("\(path)items", "lists are nested deeper than \(Self.listDepth) levels")
            }
            // The items of a list of one kind, as the API returns it, need not repeat the kind.
            let itemKind = kind == "List" ? nil : String(kind.dropLast(4))
            for (index, entry) in entries.enumerated() {
                var entry = entry
                if itemKind != nil, entry["apiVersion"] == nil, case .object(var members) = entry {
                    members["apiVersion"] = .string(apiVersion)
                    entry = .object(members)
                }
                try add(entry, of: document, at: "\(path)items[\(index)].", kindInList: itemKind, depth: depth + 1)
            }
            return
        }
        let group = apiVersion.contains("/") ? String(apiVersion.prefix { $0 != "/" }) : ""
        guard let podPath = PodTemplates.path(in: object, group: group, kind: kind) else {
            skippedKinds[kind, default: 0] += 1
            return
        }
        try addPod(of: object, below: podPath, kind: kind, document: document, path: path)
    }

    private mutating func addPod(
        of object: JSONValue,
        below podPath: [String],
        kind: String,
        document: SourceDocument,
        path: String
    ) throws(InputError) {
        var pod: JSONValue? = object
        for key in podPath { pod = pod?[key] }
        let prefix = path + podPath.map { "\($0)." }.joined()
        guard let spec = pod?["spec"], spec.object != nil else {
            throw document.error("\(prefix)spec", "is missing: a \(kind) has a pod specification here")
        }
        let metadata = object["metadata"]
        let source = ImageSource(
            file: document.file,
            document: document.number,
            kind: kind,
            namespace: Self.text(metadata?["namespace"]),
            name: Self.text(metadata?["name"]) ?? Self.text(metadata?["generateName"]) ?? "(unnamed)",
            container: "",
            podLabels: Self.labels(pod?["metadata"]?["labels"])
        )
        for (member, mark) in [("initContainers", "init:"), ("containers", ""), ("ephemeralContainers", "ephemeral:")] {
            let containers = try Self.array(spec[member], document, "\(prefix)spec.\(member)")
            for (index, container) in containers.enumerated() {
                let field = "\(prefix)spec.\(member)[\(index)]"
                try add(container, member: "image", mark: mark, source, document.field(field))
            }
        }
        for (index, volume) in try Self.array(spec["volumes"], document, "\(prefix)spec.volumes").enumerated() {
            guard let image = volume["image"], !image.isNull else { continue }
            let field = document.field("\(prefix)spec.volumes[\(index)].image")
            guard case .object(var members) = image else {
                throw field.error("is \(image.typeName), expected an object")
            }
            members["name"] = volume["name"]
            try add(.object(members), member: "reference", mark: "volume:", source, field)
        }
    }

    private mutating func add(
        _ container: JSONValue,
        member: String,
        mark: String,
        _ source: ImageSource,
        _ field: DocumentField
    ) throws(InputError) {
        guard container.object != nil else { throw field.error("is \(container.typeName), expected an object") }
        var source = source
        source.container = mark + (Self.text(container["name"]) ?? "(unnamed)")
        switch container[member] ?? .null {
        case .null: images.append(FoundImage(text: "", source: source))
        case .string(let text): images.append(FoundImage(text: text, source: source))
        case let other: throw field.error("\(member) is \(other.typeName), expected a string; quote it")
        }
    }

    private static func array(
        _ value: JSONValue?,
        _ document: SourceDocument,
        _ field: String
    ) throws(InputError) -> [JSONValue] {
        guard let value, !value.isNull else { return [] }
        guard let elements = value.array else { throw document.error(field, "is \(value.typeName), expected a list") }
        return elements
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !text.isEmpty else { return nil }
        return text
    }

    private static func labels(_ value: JSONValue?) -> [String: String] {
        (value?.object ?? [:]).compactMapValues(\.string)
    }
}

/// A field of a document, for errors.
struct DocumentField: Sendable {
    let document: SourceDocument
    let path: String

    func error(_ message: String) -> InputError { document.error(path, message) }
}

extension SourceDocument {
    func field(_ path: String) -> DocumentField { DocumentField(document: self, path: path) }
}
