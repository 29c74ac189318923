import FoundationEssentials
import JSONModel
import TrustResources

/// Policies as the objects they are, with the certificates they take from other objects: what `--policy` reads.
///
/// Of a ConfigMap or a Secret only the keys that policies name are in it.
struct PolicyObjects: Sendable {
    private struct Key: Hashable {
        let kind: CertificateReference.Kind
        let namespace: String
        let name: String
    }

    private let policies: [JSONValue]
    private var certificates: [Key: [String: [UInt8]]] = [:]

    /// Takes policies, in whatever order.
    init(_ policies: [JSONValue]) { self.policies = policies }

    /// Adds what references lead to.
    mutating func add(_ found: [CertificateReference: [UInt8]]) {
        for (reference, bytes) in found {
            let key = Key(kind: reference.kind, namespace: reference.namespace, name: reference.name)
            certificates[key, default: [:]][reference.key] = bytes
        }
    }

    /// A JSON `List`; equal objects give equal bytes.
    var list: [UInt8] {
        let others = certificates.sorted {
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
}
