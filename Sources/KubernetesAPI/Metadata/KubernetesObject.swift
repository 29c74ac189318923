/// An object of the API with a type of its own in Swift.
public protocol KubernetesObject: Codable, Sendable {
    /// Where objects of this type live.
    static var resource: ResourceType { get }
    /// Name, namespace, version and so on.
    var metadata: ObjectMeta { get set }
}

extension KubernetesObject {
    /// The namespace and name, unique among objects of the type.
    public var key: ObjectKey { ObjectKey(namespace: metadata.namespace, name: metadata.name) }
}

/// Namespace and name of an object.
public struct ObjectKey: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// The namespace; `nil` for cluster-scoped objects.
    public let namespace: String?
    /// The name.
    public let name: String

    /// Creates a key; an empty namespace counts as none.
    public init(namespace: String?, name: String) {
        self.namespace = namespace.flatMap { $0.isEmpty ? nil : $0 }
        self.name = name
    }

    /// `namespace/name`, or the name alone.
    public var description: String { namespace.map { "\($0)/\(name)" } ?? name }

    /// Orders by namespace, then name.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
    }
}

/// Where objects of one kind are found: group, version and plural name, and how they are scoped.
public struct ResourceType: Sendable, Hashable, CustomStringConvertible {
    /// The API group; empty for the core group.
    public let group: String
    /// The version, such as `v1`.
    public let version: String
    /// The plural name in paths, such as `pods`.
    public let plural: String
    /// The kind, such as `Pod`.
    public let kind: String
    /// Whether objects live in namespaces.
    public let isNamespaced: Bool

    /// Creates a resource type.
    public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// `group/version`, or the version alone for the core group.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// `plural.group`, as error messages name resources.
    public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

    /// The path of the collection, or of one object, or of a subresource of it.
    ///
    /// - Parameters:
    ///   - namespace: the namespace; `nil` for all namespaces or cluster-scoped kinds.
    ///   - name: the object; `nil` for the collection.
    ///   - subresource: such as `status`; needs `name`.
    /// - Returns: a path from the server's root, each segment percent-encoded.
    public func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if isNamespaced, let namespace, !namespace.isEmpty { path += "/namespaces/\(Self.escaped(namespace))" }
        path += "/\(plural)"
        if let name {
            path += "/\(Self.escaped(name))"
            if let subresource { path += "/\(subresource)" }
        }
        return path
    }

    private static func escaped(_ segment: String) -> String {
        var text = ""
        for byte in segment.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                text += "%" + (hex.utf8.count == 1 ? "0" : "") + hex
            }
        }
        return text
    }
}
