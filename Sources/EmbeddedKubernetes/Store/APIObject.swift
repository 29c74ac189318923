internal import JSONModel

/// Where an object lies: its namespace (empty for cluster-scoped kinds) and name.
///
/// Lists are in this order.
struct ObjectKey: Sendable, Hashable, Comparable {
    var namespace: String
    var name: String

    static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.namespace == right.namespace ? left.name < right.name : left.namespace < right.namespace
    }
}

/// Where an object lies, across resources.
struct ObjectReference: Sendable, Hashable {
    var resource: GroupResource
    var key: ObjectKey
}

/// Reading and writing the members of an API object that the server cares about.
struct APIObject: Sendable, Hashable {
    var value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    var metadata: [String: JSONValue] {
        get { value["metadata"]?.object ?? [:] }
        set { value.set("metadata", .object(newValue)) }
    }

    var name: String { value["metadata"]?["name"]?.string ?? "" }
    var namespace: String { value["metadata"]?["namespace"]?.string ?? "" }
    var uid: String { value["metadata"]?["uid"]?.string ?? "" }
    var resourceVersion: String { value["metadata"]?["resourceVersion"]?.string ?? "" }
    var generation: Int64 { value["metadata"]?["generation"]?.integer ?? 0 }
    var isDeleting: Bool { value["metadata"]?["deletionTimestamp"]?.string != nil }
    var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

    var finalizers: [String] {
        get { value["metadata"]?["finalizers"]?.array?.compactMap(\.string) ?? [] }
        set { setMetadata("finalizers", newValue.isEmpty ? nil : .array(newValue.map(JSONValue.string))) }
    }

    var labels: [String: String] {
        (value["metadata"]?["labels"]?.object ?? [:]).compactMapValues(\.string)
    }

    /// The owners: uid, and whether they hold the owner's foreground deletion.
    var owners: [(uid: String, blocks: Bool)] {
        (value["metadata"]?["ownerReferences"]?.array ?? []).compactMap { owner in
            owner["uid"]?.string.map { ($0, owner["blockOwnerDeletion"]?.bool ?? false) }
        }
    }

    mutating func setMetadata(_ member: String, _ new: JSONValue?) {
        var members = metadata
        members[member] = new
        metadata = members
    }
}

extension JSONValue {
    /// Sets or removes a member; anything that is not an object becomes one.
    mutating func set(_ key: String, _ new: JSONValue?) {
        var members = object ?? [:]
        self = .null
        members[key] = new
        self = .object(members)
    }

    /// Sets the value at a path of members, making objects on the way.
    mutating func set(path: some Collection<String>, _ new: JSONValue?) {
        guard let first = path.first else {
            if let new { self = new }
            return
        }
        let rest = path.dropFirst()
        if rest.isEmpty {
            set(first, new)
        } else {
            var child = self[first] ?? [:]
            child.set(path: rest, new)
            set(first, child)
        }
    }

    /// The value below at a list of members.
    func value(path: some Collection<String>) -> JSONValue? {
        var current: JSONValue? = self
        for key in path { current = current?[key] }
        return current
    }
}
