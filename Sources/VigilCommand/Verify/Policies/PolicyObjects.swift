import FoundationEssentials
import JSONModel
import OCIModel
import TrustResources

/// Policies as the objects they are, with the certificates they take from other objects: what `--policy` reads.
///
/// Of a ConfigMap or a Secret only the keys that policies name are in it. What a policy takes from a vault is in a
/// ConfigMap too, which the policy then names in the vault's place: who reads it elsewhere asks no vault.
struct PolicyObjects: Sendable {
    private struct Key: Hashable {
        let kind: CertificateObject.Kind
        let namespace: String
        let name: String
    }

    /// The namespace of what cluster policies take from vaults.
    private static let clusterNamespace = "vigil-key-vault"

    private let policies: [JSONValue]
    private var certificates: [Key: [String: [UInt8]]] = [:]
    private var vaults: [KeyVaultSource: [UInt8]] = [:]

    /// Takes policies, in whatever order.
    init(_ policies: [JSONValue]) { self.policies = policies }

    /// Adds what references lead to.
    mutating func add(_ found: [CertificateReference: [UInt8]]) {
        for (reference, bytes) in found {
            switch reference {
            case .object(let object): add(object, bytes)
            case .keyVault(let source): vaults[source] = bytes
            }
        }
    }

    private mutating func add(_ object: CertificateObject, _ bytes: [UInt8]) {
        let key = Key(kind: object.kind, namespace: object.namespace, name: object.name)
        certificates[key, default: [:]][object.key] = bytes
    }

    /// A JSON `List`; equal objects give equal bytes.
    var list: [UInt8] {
        var whole = self
        let policies = policies.map { policy in vaults.isEmpty ? policy : whole.unvaulted(policy) }
        let others = whole.certificates.sorted {
            ($0.key.kind.rawValue, $0.key.namespace, $0.key.name)
                < ($1.key.kind.rawValue, $1.key.namespace, $1.key.name)
        }
        let items = policies + others.map { Self.object($0.key, $0.value) }
        let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(items)]
        return JSONSerializer(isPretty: true).bytes(list) + [0x0A]
    }

    private static func object(_ key: Key, _ contents: [String: [UInt8]]) -> JSONValue {
        // Base64, so that any bytes stay what they are.
        let data = JSONValue.object(contents.mapValues { .string(Data($0).base64EncodedString()) })
        return [
            "apiVersion": "v1", "kind": .string(key.kind.rawValue),
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
            key.kind == .configMap ? "binaryData" : "data": data,
        ]
    }

    // MARK: Vaults

    /// The policy with ConfigMaps in the place of vaults, which are added.
    private mutating func unvaulted(_ policy: JSONValue) -> JSONValue {
        let isCluster = policy["kind"] == .string("ClusterTrustPolicy")
        let own = policy.value(at: "metadata", "namespace")?.string ?? "default"
        return policy.replacing("spec") { spec in
            spec.replacing("authorities") { authorities in
                authorities.mappingElements { authority in
                    authority.replacing("notary") { notary in
                        notary.replacing("trustStores") { stores in
                            stores.mappingElements { store in
                                store.replacing("certificates") { source in
                                    reference(source, in: isCluster ? nil : own) ?? source
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// A reference to a ConfigMap with what the vault held; `nil` for other sources, and vaults that were not read.
    private mutating func reference(_ source: JSONValue, in namespace: String?) -> JSONValue? {
        guard let vault = source["azureKeyVault"], let uri = vault["vaultURI"]?.string, let name = vault["name"]?.string
        else { return nil }
        let versions = vault["versions"]?.array?.compactMap(\.string)
        let named = KeyVaultSource(vaultURI: uri, name: name, versions: versions)
        guard let bytes = vaults[named] else { return nil }
        let mark = Digest.of(Array("\(CertificateReference.keyVault(named))".utf8)).hex.prefix(16)
        let object = CertificateObject(
            kind: .configMap,
            namespace: namespace ?? Self.clusterNamespace,
            name: "key-vault-\(mark)",
            key: "\(name).pem"
        )
        add(object, bytes)
        var reference: [String: JSONValue] = ["name": .string(object.name), "key": .string(object.key)]
        if namespace == nil { reference["namespace"] = .string(object.namespace) }
        return ["configMapRef": .object(reference)]
    }
}

extension JSONValue {
    /// The object with another value for a member that it has; anything else as it is.
    fileprivate func replacing(_ member: String, _ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard var members = object, let value = members[member] else { return self }
        members[member] = change(value)
        return .object(members)
    }

    /// The array with other elements; anything else as it is.
    fileprivate func mappingElements(_ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard let array else { return self }
        return .array(array.map(change))
    }
}
