/// Which policy is meant.
public struct PolicyName: Sendable, Hashable, CustomStringConvertible {
    /// Where policies come from.
    public enum Kind: String, Sendable, Hashable {
        case trustPolicy = "TrustPolicy"
        case clusterTrustPolicy = "ClusterTrustPolicy"
        /// A statement of a notation configuration folder.
        case notation = "notation"
    }

    /// Where it comes from.
    public let kind: Kind
    /// Its namespace, where it has one.
    public let namespace: String?
    /// Its name.
    public let name: String

    /// Creates a policy name.
    public init(kind: Kind, namespace: String? = nil, name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// `Kind/namespace/name`, without a namespace where there is none.
    public var description: String {
        if let namespace { return "\(kind.rawValue)/\(namespace)/\(name)" }
        return "\(kind.rawValue)/\(name)"
    }
}

extension PolicyName: Comparable {
    /// Orders by description, for stable output.
    public static func < (left: PolicyName, right: PolicyName) -> Bool { left.description < right.description }
}
