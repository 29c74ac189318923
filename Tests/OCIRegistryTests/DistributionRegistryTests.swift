import Foundation
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import Testing

/// The client against the registry of github.com/distribution/distribution, as Debian ships it.
@Suite("Against docker-registry", .timeLimit(.minutes(5)))
struct DistributionRegistryTests {
    private static let binary = ProcessInfo.processInfo.environment["VIGIL_TOOLS"].map { "\($0)/docker-registry" }
    private static var isInstalled: Bool { binary.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false }

    private static func with(
        _ body: (RegistryClient, RegistryTraffic, OutboundHTTPClient, RepositoryName) async throws -> Void
    )
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vigil-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let host = "127.0.0.1:\(Int.random(in: 20_000..<32_000))"
        let configuration = folder.appendingPathComponent("config.yml")
        try Data("{version: 0.1, storage: {inmemory: {}}, http: {addr: \"\(host)\"}, log: {level: error}}".utf8)
            .write(to: configuration)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(binary))
        process.arguments = ["serve", configuration.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        try await OutboundHTTPClient.with { http in
            let root = try OutboundURL("http://\(host)/v2/")
            let patience = RetryPolicy(
                attempts: 200,
                initialDelay: .milliseconds(20),
                maximumDelay: .milliseconds(100),
                budget: .seconds(20)
            )
            _ = try await patience.attempt(clock: ContinuousClock()) { (error: OutboundError) in
                error.isTransient && process.isRunning ? .retry(after: nil) : .giveUp
            } _: { (_) async throws(OutboundError) -> OutboundResponse in
                try await http.send(OutboundRequest(.get, root), limit: .kibibytes(1))
            }
            let traffic = RegistryTraffic()
            var registry = RegistryConfiguration()
            registry.plainHTTPHosts = [host]
            try await body(
                RegistryClient(http: http, configuration: registry, traffic: traffic),
                traffic,
                http,
                try RepositoryName(registry: host, path: "shop/web")
            )
        }
    }

    private static func push(_ http: OutboundHTTPClient, _ repository: RepositoryName, blob: [UInt8]) async throws {
        let base = "http://\(repository.registry)/v2/\(repository.path)/blobs/uploads/"
        let begun = try await http.send(OutboundRequest(.post, try OutboundURL(base)), limit: .kibibytes(4))
        let location = try OutboundURL(base).resolving(try #require(begun.headers["location"]))
        let url = try OutboundURL(
            "\(location.absoluteString)&digest=\(PercentEncoding.encode(Digest.of(blob).description))"
        )
        let stored = try await http.send(
            OutboundRequest(.put, url, headers: ["content-type": "application/octet-stream"], body: blob),
            limit: .kibibytes(4)
        )
        #expect(stored.status == 201)
    }

    private static func push(
        _ http: OutboundHTTPClient,
        _ repository: RepositoryName,
        _ reference: String,
        manifest: [UInt8],
        _ type: MediaType
    ) async throws {
        let url = try OutboundURL("http://\(repository.registry)/v2/\(repository.path)/manifests/\(reference)")
        let stored = try await http.send(
            OutboundRequest(.put, url, headers: ["content-type": type.rawValue], body: manifest),
            limit: .kibibytes(4)
        )
        #expect(stored.status == 201)
    }

    @Test(
        "an image, its layer and its tagged signature are found; what is absent is told apart",
        .enabled(if: isInstalled, "docker-registry is not in the folder that VIGIL_TOOLS names")
    )
    func wholeWay() async throws {
        try await Self.with { client, traffic, http, repository in
            let config = Array("{}".utf8)
            let layer = Array("layer".utf8)
            try await Self.push(http, repository, blob: config)
            try await Self.push(http, repository, blob: layer)
            let layerDescriptor = Descriptor(of: layer, mediaType: MediaType("application/vnd.oci.image.layer.v1.tar"))
            let manifest = JSONSerializer().bytes(
                .object([
                    "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociManifest.rawValue),
                    "config": Descriptor(of: config, mediaType: .ociEmpty).json,
                    "layers": .array([layerDescriptor.json]),
                ])
            )
            try await Self.push(http, repository, "v1", manifest: manifest, .ociManifest)

            let resolved = try await client.resolve(ImageReference(repository: repository, tag: "v1"))
            #expect(resolved.bytes == manifest)
            let fetched = try await client.blob(repository, layerDescriptor, limit: 100)
            #expect(fetched == layer)

            let digest = resolved.descriptor.digest
            let none = try await client.referrers(repository, to: digest, artifactType: .notarySignature)
            #expect(none.isEmpty)
            var signature = resolved.descriptor
            signature.artifactType = .notarySignature
            try await Self.push(
                http,
                repository,
                RegistryClient.referrersTag(for: digest),
                manifest: RegistryFixture.index([signature]),
                .ociIndex
            )
            let found = try await client.referrers(repository, to: digest, artifactType: .notarySignature)
            #expect(found.map(\.digest) == [digest])
            // The second time it says that nothing changed.
            #expect(traffic.figures[repository.registry]?.unchanged == 0)
            #expect(try await client.resolve(ImageReference(repository: repository, tag: "v1")).bytes == manifest)
            let again = try await client.referrers(repository, to: digest, artifactType: .notarySignature)
            #expect(again == found)
            #expect(traffic.figures[repository.registry]?.unchanged == 2)

            func code(_ body: () async throws(RegistryError) -> Void) async -> RegistryError.Code? {
                do {
                    try await body()
                    return nil
                } catch {
                    return error.code
                }
            }
            let noTag = await code { () async throws(RegistryError) in
                _ = try await client.resolve(ImageReference(repository: repository, tag: "v2"))
            }
            #expect(noTag == .notFound)
            let noBlob = await code { () async throws(RegistryError) in
                _ = try await client.blob(repository, Descriptor(of: [9], mediaType: .jose), limit: 9)
            }
            #expect(noBlob == .notFound)
        }
    }
}
