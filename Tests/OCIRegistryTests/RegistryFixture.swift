import EmbeddedRegistry
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import TestTiming
import Testing

/// A registry with one image in `shop/web`, tag `v1`, and a client for it.
struct RegistryFixture {
    static let repositoryPath = "shop/web"

    let server: EmbeddedRegistry
    let client: RegistryClient
    let repository: RepositoryName
    let image: Descriptor
    let layer: Descriptor
    let clock: SkippingClock

    var tag: ImageReference { ImageReference(repository: repository, tag: "v1") }

    @discardableResult
    static func with<Result: Sendable>(
        _ behaviour: EmbeddedRegistryConfiguration = EmbeddedRegistryConfiguration(),
        outbound: OutboundConfiguration = OutboundConfiguration(),
        configure: (inout RegistryConfiguration, EmbeddedRegistry) -> Void = { _, _ in },
        _ body: (RegistryFixture) async throws -> Result
    ) async throws -> Result {
        try await EmbeddedRegistry.with(behaviour) { server in
            let layer = try server.push(blob: Array("layer of the image".utf8), to: repositoryPath)
            let image = try push(to: server, layers: [layer], tag: "v1")
            return try await OutboundHTTPClient.with(outbound) { http in
                var configuration = RegistryConfiguration()
                configuration.usesPlainHTTPEverywhere = behaviour.tls == nil
                configuration.retry = .never
                configure(&configuration, server)
                let clock = SkippingClock()
                return try await body(
                    RegistryFixture(
                        server: server,
                        client: RegistryClient(http: http, configuration: configuration, clock: clock),
                        repository: try RepositoryName(registry: server.host, path: repositoryPath),
                        image: image,
                        layer: layer,
                        clock: clock
                    )
                )
            }
        }
    }

    /// Pushes a manifest with the empty configuration.
    @discardableResult
    static func push(
        to server: EmbeddedRegistry,
        layers: [Descriptor] = [],
        artifactType: MediaType? = nil,
        subject: Descriptor? = nil,
        annotation: String = "",
        tag: String? = nil
    ) throws -> Descriptor {
        let config = try server.push(blob: Array("{}".utf8), mediaType: .ociEmpty, to: repositoryPath)
        var members: [String: JSONValue] = [
            "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": .array(layers.map(\.json)), "annotations": .object(["note": .string(annotation)]),
        ]
        if let artifactType { members["artifactType"] = .string(artifactType.rawValue) }
        if let subject { members["subject"] = subject.json }
        return try server.push(manifest: JSONSerializer().bytes(.object(members)), to: repositoryPath, tag: tag)
    }

    /// The bytes of an index of descriptors.
    static func index(_ descriptors: [Descriptor]) -> [UInt8] {
        JSONSerializer().bytes(
            .object([
                "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociIndex.rawValue),
                "manifests": .array(descriptors.map(\.json)),
            ])
        )
    }

    /// Pushes signatures of the image.
    func sign(_ count: Int, artifactType: MediaType = .notarySignature) throws -> [Descriptor] {
        try (0..<count).map { number in
            try Self.push(
                to: server,
                artifactType: artifactType,
                subject: image,
                annotation: "\(artifactType) \(number)"
            )
        }
    }

    /// Expects an error that names registry and repository.
    func expect(
        _ code: RegistryError.Code,
        saying words: String = "",
        location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: location) {
            try await body()
        } throws: { error in
            guard let error = error as? RegistryError else { return false }
            #expect(error.code == code, "\(error.message)", sourceLocation: location)
            #expect(error.message.contains(words), sourceLocation: location)
            #expect(error.message.contains(repository.description), sourceLocation: location)
            #expect(error.host == repository.registry && error.repository == repository.path, sourceLocation: location)
            return !error.message.contains("hunter2")
        }
    }

    /// How often something was asked for.
    func count(_ target: String) -> Int {
        server.requests.filter { $0.target.contains(target) }.count
    }
}
