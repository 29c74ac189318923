import JSONModel
public import KubernetesAPI

/// What must be known of any object to keep it: what it is, where it is, and of which version.
public struct ObjectHeader: Sendable, Hashable {
    /// The kind it says it is; `nil` where it does not, as in most lists.
    public var kind: String?
    /// Empty for cluster-scoped objects.
    public var namespace: String?
    /// The name.
    public var name = ""
    /// Differs when an object was deleted and made again under its name.
    public var uid = ""
    /// The version.
    public var resourceVersion = ""
    /// Whether this is the bookmark that ends the existing objects of a watch-list.
    public var endsInitialEvents = false

    /// The annotation of that bookmark.
    static let initialEventsEnd = "k8s.io/initial-events-end"

    /// Creates a header that knows nothing yet.
    public init() {}

    /// Namespace and name.
    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

    /// The header as metadata of an object.
    var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        if !uid.isEmpty { metadata.uid = uid }
        if !resourceVersion.isEmpty { metadata.resourceVersion = resourceVersion }
        if endsInitialEvents { metadata.annotations[Self.initialEventsEnd] = "true" }
        return metadata
    }

    /// Reads the header of an object, and nothing behind its metadata.
    ///
    /// - Parameters:
    ///   - bytes: the object; what follows its metadata may be anything.
    ///   - strings: shares what repeats.
    /// - Throws: `JSONError`.
    init(of bytes: UnsafeRawBufferPointer, strings: StringPool) throws {
        self = try JSONReader.readBeginning(of: bytes) { reader in
            var header = ObjectHeader()
            var hasMetadata = false
            try reader.beginObject()
            // The API writes `kind` before `metadata`.
            while !hasMetadata, let name = try reader.nextMember() {
                if case "metadata" = name { hasMetadata = true }
                if try !header.read(name, &reader, strings) { try reader.skip() }
            }
            return header
        }
    }

    /// Reads a member of an object if the header is made of it; other members of the metadata go to `other`.
    ///
    /// - Returns: whether the value was read.
    mutating func read(
        _ member: JSONName,
        _ reader: inout JSONReader,
        _ strings: StringPool,
        other: (JSONName, inout JSONReader) throws -> Bool = { _, _ in false }
    ) throws -> Bool {
        switch member {
        case "kind": kind = try reader.optionalString(in: strings)
        case "metadata":
            try reader.members { name, reader in
                if try readMetadata(name, &reader, strings) { return }
                if try !other(name, &reader) { try reader.skip() }
            }
        default: return false
        }
        return true
    }

    private mutating func readMetadata(
        _ member: JSONName,
        _ reader: inout JSONReader,
        _ strings: StringPool
    ) throws -> Bool {
        switch member {
        case "name": name = try reader.optionalString() ?? ""
        case "namespace": namespace = try reader.optionalString(in: strings)
        case "uid": uid = try reader.optionalString() ?? ""
        case "resourceVersion": resourceVersion = try reader.optionalString() ?? ""
        default: return false
        }
        return true
    }

    /// Reads the metadata of a bookmark.
    mutating func readBookmark(_ reader: inout JSONReader, _ strings: StringPool) throws {
        var ends = false
        try reader.members { name, reader in
            let isKnown = try read(name, &reader, strings) { name, reader in
                guard case "annotations" = name else { return false }
                try reader.members { name, reader in
                    let isMark = name.string == Self.initialEventsEnd
                    if isMark, try reader.kind() == .string {
                        ends = try reader.string() == "true"
                    } else {
                        try reader.skip()
                    }
                }
                return true
            }
            if !isKnown { try reader.skip() }
        }
        endsInitialEvents = ends
    }
}
