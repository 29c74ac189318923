public import JSONModel

/// An object of the API without a type of its own in Swift: the whole of it, as JSON.
public struct UnstructuredObject: Sendable, Hashable {
    /// The members of the object.
    public var members: [String: JSONValue]

    /// Creates an object of its members.
    public init(_ members: [String: JSONValue]) { self.members = members }

    /// Creates an object of its JSON; `nil` if that is no JSON object.
    public init?(_ json: JSONValue) {
        guard let members = json.object else { return nil }
        self.members = members
    }

    /// Creates an object to be written.
    public init(_ resource: ResourceType, name: String, namespace: String? = nil) {
        var metadata: [String: JSONValue] = ["name": .string(name)]
        if let namespace { metadata["namespace"] = .string(namespace) }
        members = [
            "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind), "metadata": .object(metadata),
        ]
    }

    /// The whole object.
    public var json: JSONValue { .object(members) }
    /// Group and version, as the object says them; empty if it does not.
    public var apiVersion: String { members["apiVersion"]?.string ?? "" }
    /// The kind, as the object says it; empty if it does not.
    public var kind: String { members["kind"]?.string ?? "" }
    /// Namespace and name.
    public var key: ObjectKey { ObjectKey(namespace: metadata("namespace"), name: metadata("name") ?? "") }
    /// The uid.
    public var uid: String? { metadata("uid") }
    /// The version, if there is one.
    public var resourceVersion: String? { metadata("resourceVersion") }

    /// The value at a path of members.
    ///
    /// Setting one makes the objects on the way to it; setting `nil` removes it. A value on the way that is no object is
    /// replaced by one.
    public subscript(_ path: String...) -> JSONValue? {
        get { path.reduce(json) { $0?[$1] } }
        set { Self.set(newValue, at: path[...], in: &members) }
    }

    private func metadata(_ name: String) -> String? { members["metadata"]?[name]?.string }

    private static func set(
        _ value: JSONValue?,
        at path: ArraySlice<String>,
        in members: inout [String: JSONValue]
    ) {
        guard let name = path.first else { return }
        guard path.count > 1 else {
            members[name] = value
            return
        }
        if value == nil, members[name]?.object == nil { return }
        var inner = members[name]?.object ?? [:]
        set(value, at: path.dropFirst(), in: &inner)
        members[name] = .object(inner)
    }
}
