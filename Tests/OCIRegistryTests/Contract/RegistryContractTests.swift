import Foundation
import JSONModel
import OCIModel
import OCIRegistry
import TestDocuments
import Testing

/// What the client relies on, from the stand-in and from the real registry alike.
@Suite("Against the stand-in and docker-registry", .timeLimit(.minutes(5)))
struct RegistryContractTests {
    private static func expect(
        _ codes: Set<RegistryError.Code>,
        saying words: String = "",
        location: SourceLocation = #_sourceLocation,
        _ body: () async throws(RegistryError) -> Void
    ) async {
        do throws(RegistryError) {
            try await body()
            Issue.record("no error", sourceLocation: location)
        } catch {
            #expect(codes.contains(error.code), "\(error.message)", sourceLocation: location)
            #expect(words.isEmpty || error.message.contains(words), "\(error.message)", sourceLocation: location)
            #expect(!error.message.contains(RegistryScene.user.password), sourceLocation: location)
        }
    }

    @Test(
        "the real registry is where VIGIL_TOOLS says, so that it is not left out unnoticed",
        .enabled(if: try RegistryKind.named.areMet, Comment(rawValue: RegistryKind.named.reason))
    )
    func realOneIsHere() throws {
        #expect(FileManager.default.isExecutableFile(atPath: try #require(RegistryKind.program)))
        #expect(RegistryKind.present == RegistryKind.allCases)
    }

    @Test(
        "a tag leads to the bytes behind it, and to others when it moves; a digest stays what it is",
        arguments: RegistryKind.present
    )
    func manifests(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            let first = try await scene.pushImage("one", tag: "v1")
            #expect(try await scene.client.resolve(scene.tag("v1")).descriptor == first)
            #expect(try await scene.client.target(scene.repository, of: "v1", within: .zero) == first.digest)
            let second = try await scene.pushImage("two", tag: "v1")
            #expect(second.digest != first.digest)
            #expect(try await scene.client.resolve(scene.tag("v1")).descriptor == second)
            #expect(try await scene.client.target(scene.repository, of: "v1", within: .zero) == second.digest)
            let pinned = ImageReference(repository: scene.repository, tag: "v1", digest: first.digest)
            #expect(try await scene.client.resolve(pinned).descriptor == first)
            let fetched = try await scene.client.manifest(scene.repository, first)
            #expect(Digest.of(fetched.bytes) == first.digest)
        }
    }

    @Test("manifests of Docker's and of both kinds of index come as what they are", arguments: RegistryKind.present)
    func types(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            let image = try await scene.pushImage("one", type: .dockerManifest)
            var lists: [Descriptor] = []
            for type in [MediaType.ociIndex, .dockerManifestList] {
                let platform: JSONValue = ["architecture": "amd64", "os": "linux"]
                let entry: JSONValue = [
                    "mediaType": .string(image.mediaType.rawValue), "digest": .string(image.digest.description),
                    "size": .integer(image.size), "platform": platform,
                ]
                let list: JSONValue = [
                    "schemaVersion": .integer(2), "mediaType": .string(type.rawValue), "manifests": .array([entry]),
                ]
                lists.append(try await scene.push(manifest: JSONSerializer().bytes(list), type))
            }
            for descriptor in [image] + lists {
                let reference = ImageReference(repository: scene.repository, digest: descriptor.digest)
                #expect(try await scene.client.resolve(reference).descriptor == descriptor)
            }
        }
    }

    @Test("a descriptor that lies about size or type is found out", arguments: RegistryKind.present)
    func lies(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            let image = try await scene.pushImage("one")
            var wrong = image
            wrong.size += 1
            await Self.expect([.digestMismatch]) { [wrong] () async throws(RegistryError) in
                _ = try await scene.client.manifest(scene.repository, wrong)
            }
            wrong = image
            wrong.mediaType = .ociIndex
            await Self.expect([.malformed]) { [wrong] () async throws(RegistryError) in
                _ = try await scene.client.manifest(scene.repository, wrong)
            }
        }
    }

    @Test("a blob comes whole, and a limit holds before anything is asked", arguments: RegistryKind.present)
    func blobs(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
            let blob = try await scene.push(blob: content, .jose)
            #expect(try await scene.client.blob(scene.repository, blob, limit: content.count) == content)
            await Self.expect([.tooLarge]) { () async throws(RegistryError) in
                _ = try await scene.client.blob(scene.repository, blob, limit: content.count - 1)
            }
            var wrong = blob
            wrong.size -= 1
            await Self.expect([.digestMismatch, .tooLarge]) { [wrong] () async throws(RegistryError) in
                _ = try await scene.client.blob(scene.repository, wrong, limit: content.count)
            }
        }
    }

    @Test("what is absent is told apart from what is refused or broken", arguments: RegistryKind.present)
    func absence(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            try await scene.pushImage("one", tag: "v1")
            let absent = Descriptor(of: [9], mediaType: .jose)
            await Self.expect([.notFound]) { () async throws(RegistryError) in
                _ = try await scene.client.resolve(scene.tag("v2"))
            }
            await Self.expect([.notFound]) { () async throws(RegistryError) in
                _ = try await scene.client.target(scene.repository, of: "v2", within: .zero)
            }
            await Self.expect([.notFound]) { () async throws(RegistryError) in
                _ = try await scene.client.manifest(scene.repository, absent.digest)
            }
            await Self.expect([.notFound]) { () async throws(RegistryError) in
                _ = try await scene.client.blob(scene.repository, absent, limit: 9)
            }
            let nowhere = try RepositoryName(registry: scene.repository.registry, path: "shop/nothing/here")
            // The one says that the repository is unknown, the other that the manifest is.
            await Self.expect([.notFound, .repositoryNotFound]) { () async throws(RegistryError) in
                _ = try await scene.client.resolve(ImageReference(repository: nowhere, tag: "v1"))
            }
        }
    }

    @Test("signatures are found by the referrers tag, and none where there is none", arguments: RegistryKind.present)
    func referrers(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            let (image, unsigned) = (try await scene.pushImage("one"), try await scene.pushImage("two"))
            func signatures(_ image: Descriptor) async throws(RegistryError) -> [Descriptor] {
                try await scene.client.referrers(scene.repository, to: image.digest, artifactType: .notarySignature)
            }
            // Manifests that say what they are about in no other way than the tag.
            var signature = try await scene.pushImage("signature")
            signature.artifactType = .notarySignature
            var other = try await scene.pushImage("other")
            other.artifactType = MediaType("application/vnd.example.sbom")
            let tag = RegistryClient.referrersTag(for: image.digest)
            try await scene.push(manifest: RegistryFixture.index([signature, other]), .ociIndex, tag: tag)
            for _ in 0..<2 {
                #expect(try await signatures(image).map(\.digest) == [signature.digest])
                #expect(try await signatures(unsigned).isEmpty)
            }
        }
    }

    @Test("what did not change is not transferred again, and what did is", arguments: RegistryKind.present)
    func unchanged(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            let first = try await scene.pushImage("one", tag: "v1")
            for _ in 0..<3 { #expect(try await scene.client.resolve(scene.tag("v1")).descriptor == first) }
            #expect(scene.traffic.figures[scene.repository.registry]?.unchanged == 2)
            let second = try await scene.pushImage("two", tag: "v1")
            #expect(try await scene.client.resolve(scene.tag("v1")).descriptor == second)
            #expect(scene.traffic.figures[scene.repository.registry]?.unchanged == 2)
        }
    }

    @Test("many who ask at once are all answered", arguments: RegistryKind.present)
    func concurrency(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            var images: [Descriptor] = []
            for number in 0..<16 { images.append(try await scene.pushImage("image \(number)")) }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for image in images + images {
                    group.addTask {
                        try await Digest.of(scene.client.manifest(scene.repository, image).bytes) == image.digest
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test("a wrong password, and none, are refusals that name neither", arguments: RegistryKind.secured)
    func refusals(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            let image = try await scene.pushImage("one", tag: "v1")
            let strangers: [(RegistryCredential?, String)] = [
                (nil, "there are none"),
                (.basic(username: RegistryScene.user.name, password: "wrong"), "refused Basic credentials of robot"),
                (.basic(username: "nobody", password: RegistryScene.user.password), "refused Basic credentials"),
                (.identityToken("token-of-nobody"), "only an identity token"),
                (.accessToken("token-of-nobody"), "refused"),
            ]
            for (credential, words) in strangers {
                let client = scene.client(as: credential)
                await Self.expect([.unauthorized], saying: words) { () async throws(RegistryError) in
                    _ = try await client.resolve(scene.tag("v1"))
                }
                await Self.expect([.unauthorized], saying: words) { () async throws(RegistryError) in
                    _ = try await client.referrers(scene.repository, to: image.digest, artifactType: nil)
                }
                await Self.expect([.unauthorized], saying: words) { () async throws(RegistryError) in
                    _ = try await client.target(scene.repository, of: "v1", within: .zero)
                }
            }
            // The refusals of others change nothing for whoever is known.
            #expect(try await scene.client.resolve(scene.tag("v1")).descriptor == image)
        }
    }

    @Test("a certificate of an unknown authority is not trusted", arguments: RegistryKind.secured)
    func insecure(kind: RegistryKind) async throws {
        try await RegistryScene.with(kind) { scene in
            try await scene.pushImage("one", tag: "v1")
            try await scene.withDistrustfulClient { client in
                await Self.expect([.insecure]) { () async throws(RegistryError) in
                    _ = try await client.resolve(scene.tag("v1"))
                }
            }
        }
    }
}
