import Foundation
import JSONModel

/// The secret with which the pods of payments read their private repository.
struct PullSecretManifest: Sendable {
    /// What pods call it.
    static let name = "guarded-registry"

    let registries: DemoRegistries
    let namespace: String

    /// The secret, for `kubectl apply`: a JSON document is a YAML document too.
    var document: String {
        let manifest: JSONValue = [
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
            "metadata": ["name": .string(Self.name), "namespace": .string(namespace)],
            "stringData": [".dockerconfigjson": .string(registries.dockerConfiguration)],
        ]
        return JSONSerializer(isPretty: true).string(manifest) + "\n"
    }
}
