import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import Synchronization
import TestTiming
import Testing

/// How much registries are asked about images that do not change, counted on the wire.
@Suite("A second pass over many digests", .timeLimit(.minutes(5)))
struct SecondPassTests {
    /// How the registry keeps referrers.
    enum Style: CaseIterable {
        /// By the API, with entity tags.
        case api
        /// By the API, without them.
        case untagged
        /// Under tags alone.
        case tags
    }

    /// A registry of signed and unsigned images on the other end of a wire.
    private final class Wire: HTTPExchange {
        private let style: Style
        private let content: [String: (type: MediaType, body: [UInt8])]
        let requests = Mutex<[(path: String, bytes: Int)]>([])

        init(_ style: Style, _ images: [SignedDigest]) {
            self.style = style
            var content: [String: (type: MediaType, body: [UInt8])] = [:]
            for image in images {
                content["manifests/\(image.image.digest)"] = (.ociManifest, image.manifest)
                guard let signature = image.signature else {
                    content["referrers/\(image.image.digest)"] = (.ociIndex, image.listing)
                    continue
                }
                content["manifests/\(signature.descriptor.digest)"] = (.ociManifest, signature.manifest)
                content["blobs/\(Digest.of(signature.envelope))"] = (.jose, signature.envelope)
                content["referrers/\(image.image.digest)"] = (.ociIndex, image.listing)
                let tag = RegistryClient.referrersTag(for: image.image.digest)
                content["manifests/\(tag)"] = (.ociIndex, image.listing)
            }
            self.content = content
        }

        func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
            let response = answer(request)
            requests.withLock { $0.append((request.url.path, response.body.count)) }
            return response
        }

        private func answer(_ request: OutboundRequest) -> OutboundResponse {
            let path = request.url.path.split(separator: "/").suffix(2).joined(separator: "/")
            let isListing = path.hasPrefix("referrers/")
            guard !isListing || style != .tags, style == .tags || !path.hasPrefix("manifests/sha256-"),
                let found = content[path]
            else { return OutboundResponse(status: 404) }
            let tag = "\"\(Digest.of(found.body))\""
            if style != .untagged, request.headers["if-none-match"] == tag { return OutboundResponse(status: 304) }
            var response = OutboundResponse(
                status: 200,
                headers: ["content-type": found.type.rawValue],
                body: found.body
            )
            if style != .untagged { response.headers.append("etag", tag) }
            return response
        }

        func stream<Result: Sendable>(
            _ request: OutboundRequest,
            _ body: @Sendable (OutboundResponseStream) async throws -> Result
        ) async throws -> Result { throw OutboundError(.unreachable, "nothing is streamed here") }
    }

    /// An image, and its signature if it has one.
    private struct SignedDigest: Sendable {
        let image: Descriptor
        let manifest: [UInt8]
        var signature: (descriptor: Descriptor, manifest: [UInt8], envelope: [UInt8])?

        init(_ number: Int) {
            manifest = Self.manifest(Descriptor(of: Array("config \(number)".utf8), mediaType: .ociConfig), layers: [])
            image = Descriptor(of: manifest, mediaType: .ociManifest)
            // Every tenth has none.
            guard !number.isMultiple(of: 10) else { return }
            let envelope = Array("envelope \(number)".utf8)
            let empty = Descriptor(of: Array("{}".utf8), mediaType: .ociEmpty)
            let bytes = Self.manifest(
                empty,
                layers: [Descriptor(of: envelope, mediaType: .jose)],
                artifactType: .notarySignature,
                subject: image
            )
            var descriptor = Descriptor(of: bytes, mediaType: .ociManifest)
            descriptor.artifactType = .notarySignature
            signature = (descriptor, bytes, envelope)
        }

        var listing: [UInt8] {
            JSONSerializer().bytes(
                .object([
                    "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociIndex.rawValue),
                    "manifests": .array(signature.map { [$0.descriptor.json] } ?? []),
                ])
            )
        }

        private static func manifest(
            _ config: Descriptor,
            layers: [Descriptor],
            artifactType: MediaType? = nil,
            subject: Descriptor? = nil
        ) -> [UInt8] {
            var members: [String: JSONValue] = [
                "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociManifest.rawValue),
                "config": config.json, "layers": .array(layers.map(\.json)),
            ]
            if let artifactType { members["artifactType"] = .string(artifactType.rawValue) }
            if let subject { members["subject"] = subject.json }
            return JSONSerializer().bytes(.object(members))
        }
    }

    /// What a judgement asks about an image.
    private static func look(
        _ digest: Digest,
        _ registry: CachingRegistry,
        _ repository: RepositoryName
    ) async throws -> Int {
        _ = try await registry.manifest(repository, digest)
        let listed = try await registry.referrers(repository, to: digest, artifactType: .notarySignature)
        for descriptor in listed {
            guard case .image(let image) = try await registry.manifest(repository, descriptor.digest).manifest else {
                continue
            }
            for layer in image.layers { _ = try await registry.blob(repository, layer, limit: 1 << 20) }
        }
        return listed.count
    }

    @Test(
        "it makes one cheap request for each digest at most, and none within the life of the cache",
        arguments: Style.allCases
    )
    func secondPass(style: Style) async throws {
        let count = style == .api ? 2000 : 400
        let images = (0..<count).map { SignedDigest($0) }
        let wire = Wire(style, images)
        let clock = SkippingClock()
        let traffic = RegistryTraffic(
            allowances: ["registry.example.com": RegistryAllowance()],
            clock: clock
        )
        let client = RegistryClient(http: wire, traffic: traffic, clock: clock)
        let cache = ContentCache(listingLife: .seconds(10), clock: clock)
        let registry = CachingRegistry(client, cache: cache)
        func pass() async throws -> [(path: String, bytes: Int)] {
            wire.requests.withLock { $0 = [] }
            for (number, image) in images.enumerated() {
                // Repositories of ten images each.
                let repository = try RepositoryName(registry: "registry.example.com", path: "shop/r\(number / 10)")
                let found = try await Self.look(image.image.digest, registry, repository)
                #expect(found == (image.signature == nil ? 0 : 1))
            }
            return wire.requests.withLock(\.self)
        }
        let first = try await pass()
        // Manifest, list, signature and envelope; the API once for each repository where there is none, the tag once for
        // each unsigned image where there is.
        let minimum = count * 2 + images.filter { $0.signature != nil }.count * 2
        #expect(first.count == minimum + count / 10)
        #expect(try await pass().isEmpty)
        clock.advance(by: .seconds(9))
        #expect(try await pass().isEmpty)
        clock.advance(by: .seconds(1))
        let second = try await pass()
        #expect(second.count == count)
        let what = style == .tags ? "/manifests/sha256-" : "/referrers/"
        #expect(second.allSatisfy { $0.path.contains(what) })
        if style != .untagged { #expect(second.allSatisfy { $0.bytes == 0 }) }
        #expect(cache.bytes <= 64 << 20)
    }
}
