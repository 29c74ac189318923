import EmbeddedRegistry
import JSONModel
import OCIModel
import SigningTestDescriptors
import SigningTestKit

/// Signed images in a registry of this process, and the policy that trusts who signed them.
///
/// The registry is the stand-in, for one that takes more time for a request than the operator does would be all that is
/// measured.
struct SignedDigests: Sendable {
    /// The registry part of their references.
    let host: String
    private let registry: EmbeddedRegistry
    private let chain: TestChain

    private static let repository = "shop/web"

    /// Runs `body` with an empty registry that lets each request wait for `latency`.
    static func with<Value: Sendable>(
        latency: Duration = .zero,
        _ body: (SignedDigests) async throws -> Value
    ) async throws -> Value {
        let chain = try TestChain.make()
        var configuration = EmbeddedRegistryConfiguration()
        configuration.latency = latency
        return try await EmbeddedRegistry.with(configuration) { registry in
            try await body(SignedDigests(host: registry.host, registry: registry, chain: chain))
        }
    }

    /// Pushes and signs images whose content depends on their numbers.
    ///
    /// - Returns: their references, `host/path@digest`.
    func publish(_ numbers: Range<Int>) throws -> [String] {
        let config = try registry.push(blob: Array("{}".utf8), mediaType: .ociConfig, to: Self.repository)
        _ = try registry.push(blob: TestSignature.config, mediaType: .ociEmpty, to: Self.repository)
        return try numbers.map { number in
            let image = try registry.push(
                manifest: JSONSerializer().bytes([
                    "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
                    "layers": [], "annotations": ["number": .string(String(number))],
                ]),
                to: Self.repository
            )
            let signature = try TestSignature.sign(image, chain: chain)
            let mediaType = MediaType(signature.mediaType)
            _ = try registry.push(blob: signature.envelope, mediaType: mediaType, to: Self.repository)
            _ = try registry.push(manifest: signature.manifest, to: Self.repository)
            return "\(host)/\(Self.repository)@\(image.digest)"
        }
    }

    /// How many requests the registry has answered.
    var requests: Int { registry.requests.count }

    /// What the registry was asked after its first `count` requests.
    func pass(after count: Int) -> RegistryPass {
        RegistryPass(
            registry.requests.dropFirst(count).map {
                RegistryPass.Request(target: $0.target, isConditional: $0.headers["if-none-match"] != nil)
            }
        )
    }

    /// The policy `name`, for the namespaces that carry the label.
    func policy(_ name: String, label: (key: String, value: String)) -> JSONValue {
        [
            "apiVersion": "vigil.dev/v1alpha1", "kind": "ClusterTrustPolicy", "metadata": ["name": .string(name)],
            "spec": [
                "namespaceSelector": ["matchLabels": .object([label.key: .string(label.value)])],
                "authorities": authorities,
            ],
        ]
    }

    /// The same for a namespace of its own, or none.
    var policy: JSONValue {
        [
            "apiVersion": "vigil.dev/v1alpha1", "kind": "TrustPolicy",
            "metadata": ["name": "bench", "namespace": "bench"], "spec": ["authorities": authorities],
        ]
    }

    private var authorities: JSONValue {
        [
            [
                "name": "example",
                "notary": [
                    "level": "strict", "trustedIdentities": ["x509.subject: C=US, ST=WA, O=Example"],
                    "trustStores": [
                        ["type": "ca", "name": "example", "certificates": ["inline": .string(chain.root.pem)]]
                    ],
                ],
            ]
        ]
    }
}
