import KubernetesAPI
public import KubernetesClient
import KubernetesRuntime
public import TrustResources

/// Reads what policies take certificates from: ConfigMaps and Secrets, one object at a time and only those named, and
/// vaults.
public struct CertificateFetcher: Sendable {
    /// Who reads them; decides what is to be done where that is forbidden.
    public enum Reader: Sendable, Hashable {
        /// The operator, by its service account.
        case serviceAccount
        /// Whoever runs a command.
        case person
    }

    /// The most bytes taken from one key: a bundle of several hundred certificates.
    static let maximumBytes = 1 << 20

    private let client: APIClient
    private let vaults: (any CertificateVaults)?
    private let reader: Reader

    /// Creates a fetcher that asks by `client` and `vaults`, for `reader`.
    ///
    /// Without `vaults`, certificates in vaults cannot be read.
    public init(client: APIClient, vaults: (any CertificateVaults)? = nil, for reader: Reader = .serviceAccount) {
        self.client = client
        self.vaults = vaults
        self.reader = reader
    }

    /// Looks every reference up.
    ///
    /// What is absent or forbidden is an answer; only a server that cannot be asked is an error, because then nothing is
    /// known and what was known before still stands.
    ///
    /// - Throws: `APIError`, `TransportError`, `CancellationError`.
    public func lookUp(_ references: [CertificateReference]) async throws -> [CertificateReference: CertificateLookup] {
        var found: [CertificateReference: CertificateLookup] = [:]
        for reference in references { found[reference] = try await lookUp(reference) }
        return found
    }

    private func lookUp(_ reference: CertificateReference) async throws -> CertificateLookup {
        switch reference {
        case .object(let object): return try await lookUp(object)
        case .keyVault(let source):
            guard let vaults else { return .unavailable("is in a vault, and vaults are not read here") }
            return try await vaults.lookUp(source)
        }
    }

    private func lookUp(_ reference: CertificateObject) async throws -> CertificateLookup {
        do {
            guard let bytes = try await bytes(reference) else {
                return .unavailable("has no key \"\(reference.key)\"")
            }
            guard bytes.count <= Self.maximumBytes else {
                return .unavailable("holds more than \(Self.maximumBytes) bytes under \"\(reference.key)\"")
            }
            return .found(bytes)
        } catch let error as APIError where error.httpStatus == 404 {
            return .unavailable("does not exist")
        } catch let error as APIError where error.httpStatus == 403 {
            let kind = reference.kind.rawValue
            switch reader {
            case .serviceAccount:
                return .unavailable("may not be read by the operator; grant its service account get on this \(kind)")
            case .person: return .unavailable("may not be read by you; get on this \(kind) is needed")
            }
        }
    }

    private func bytes(_ reference: CertificateObject) async throws -> [UInt8]? {
        switch reference.kind {
        case .configMap:
            let object = try await client.resource(ConfigMap.self).get(reference.name, namespace: reference.namespace)
            if let text = object.data?[reference.key] { return Array(text.utf8) }
            return object.binaryData?[reference.key].map(Array.init)
        case .secret:
            let object = try await client.resource(Secret.self).get(reference.name, namespace: reference.namespace)
            return object.data?[reference.key].map(Array.init)
        }
    }
}

extension CertificateObject {
    /// The object that holds the key.
    var named: NamedObject {
        let resource =
            switch kind {
            case .configMap: ConfigMap.resource
            case .secret: Secret.resource
            }
        return NamedObject(resource, namespace: namespace, name: name)
    }
}
