/// What a policy takes certificates from besides itself.
public enum CertificateReference: Sendable, Hashable, CustomStringConvertible {
    /// A key of an object in the cluster.
    case object(CertificateObject)
    /// A certificate in Azure Key Vault.
    case keyVault(KeyVaultSource)

    /// `ConfigMap shop/trust, key ca.pem`, or `certificate wabbit of https://shop.vault.azure.net`.
    public var description: String {
        switch self {
        case .object(let object): "\(object.kind.rawValue) \(object.namespace)/\(object.name), key \(object.key)"
        case .keyVault(let source):
            "certificate \(source.name.reported(to: 127)) of \(source.vaultURI.reported(to: 256))"
                + (source.versions.map { ", versions \($0.joined(separator: " ").reported(to: 640))" } ?? "")
        }
    }

    /// The object in the cluster, where it is one.
    public var object: CertificateObject? {
        if case .object(let object) = self { return object }
        return nil
    }
}

/// A key of an object in the cluster that holds certificates.
public struct CertificateObject: Sendable, Hashable {
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
}

/// What was found where a policy takes certificates from.
public enum CertificateLookup: Sendable, Hashable {
    /// The bytes, and what people should know about them.
    case found([UInt8], CertificateRemarks = CertificateRemarks())
    /// Nothing, and why: a clause such as `does not exist` or `may not be read by the operator`.
    case unavailable(String)
    /// Nothing, and waiting does not help: whoever keeps them took them back, or they may not be asked for; a clause such
    /// as `has no enabled version`.
    ///
    /// Unlike what cannot be seen at present, this holds at once.
    case refused(String)
}

/// What people should know about certificates that were found.
public struct CertificateRemarks: Sendable, Hashable {
    /// Clauses about them.
    public var warnings: [String]
    /// Since when they could not be read again, and why; `nil` for what was just read.
    public var outage: CertificateOutage?

    /// Creates remarks.
    public init(warnings: [String] = [], outage: CertificateOutage? = nil) {
        self.warnings = warnings
        self.outage = outage
    }
}
