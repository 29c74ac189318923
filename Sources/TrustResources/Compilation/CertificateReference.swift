/// A key of an object in the cluster that a policy takes certificates from.
public struct CertificateReference: Sendable, Hashable, CustomStringConvertible {
    /// What kind of object.
    public enum Kind: String, Sendable, Hashable {
        case configMap = "ConfigMap"
        case secret = "Secret"
    }

    /// What kind of object.
    public let kind: Kind
    /// Its namespace.
    public let namespace: String
    /// Its name.
    public let name: String
    /// The key in it.
    public let key: String

    /// Creates a reference.
    public init(kind: Kind, namespace: String, name: String, key: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.key = key
    }

    /// `ConfigMap shop/trust, key ca.pem`.
    public var description: String { "\(kind.rawValue) \(namespace)/\(name), key \(key)" }
}

/// What was found where a policy takes certificates from.
public enum CertificateLookup: Sendable, Hashable {
    /// The bytes under the key.
    case found([UInt8])
    /// Nothing, and why: a clause such as `does not exist` or `may not be read by the operator`.
    case unavailable(String)
}
