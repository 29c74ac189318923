import EmbeddedRegistry
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import Testing

@Suite("Manifests", .timeLimit(.minutes(5)))
struct ManifestTests {
    @Test("a tag is resolved to the digest of the bytes behind it")
    func tag() async throws {
        try await RegistryFixture.with { fixture in
            let fetched = try await fixture.client.resolve(fixture.tag)
            #expect(fetched.descriptor.identifiesSameContent(as: fixture.image))
            #expect(fixture.image.digest.matches(fetched.bytes))
            guard case .image(let image) = fetched.manifest else { throw Mismatch() }
            #expect(image.layers.map(\.digest) == [fixture.layer.digest])
            let accept = fixture.server.requests.last?.headers["accept"] ?? ""
            #expect(accept.contains("application/vnd.oci.image.index.v1+json"))
            #expect(accept.contains("application/vnd.docker.distribution.manifest.list.v2+json"))
        }
    }

    private struct Mismatch: Error {}

    @Test("a reference with tag and digest means the digest")
    func digestWins() async throws {
        try await RegistryFixture.with { fixture in
            let reference = ImageReference(repository: fixture.repository, tag: "other", digest: fixture.image.digest)
            let found = try await fixture.client.resolve(reference).descriptor.digest
            #expect(found == fixture.image.digest)
            #expect(fixture.count("other") == 0)
        }
    }

    @Test("a manifest is fetched by descriptor when size and type are right")
    func byDescriptor() async throws {
        try await RegistryFixture.with { fixture in
            let fetched = try await fixture.client.manifest(fixture.repository, fixture.image)
            #expect(fetched.descriptor.size == fixture.image.size)
        }
    }

    @Test("a descriptor that lies about the size is a mismatch")
    func wrongSize() async throws {
        try await RegistryFixture.with { fixture in
            var descriptor = fixture.image
            descriptor.size += 1
            await fixture.expect(.digestMismatch, saying: "were announced") {
                _ = try await fixture.client.manifest(fixture.repository, descriptor)
            }
        }
    }

    @Test("a descriptor that lies about the type is malformed")
    func wrongDescriptorType() async throws {
        try await RegistryFixture.with { fixture in
            var descriptor = fixture.image
            descriptor.mediaType = .dockerManifest
            await fixture.expect(.malformed) {
                _ = try await fixture.client.manifest(fixture.repository, descriptor)
            }
        }
    }

    @Test("a descriptor of more than 4 MiB is refused without asking")
    func hugeDescriptor() async throws {
        try await RegistryFixture.with { fixture in
            var descriptor = fixture.image
            descriptor.size = .max
            await fixture.expect(.tooLarge) { _ = try await fixture.client.manifest(fixture.repository, descriptor) }
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test("other bytes than the digest says are a mismatch, and both digests are named")
    func wrongBytes() async throws {
        try await RegistryFixture.with { fixture in
            let other = RegistryFixture.index([])
            fixture.server.inject(.replaceBody(other), target: "/manifests/")
            await fixture.expect(.digestMismatch, saying: Digest.of(other).description) {
                _ = try await fixture.client.manifest(fixture.repository, fixture.image.digest)
            }
            await fixture.expect(.digestMismatch, saying: fixture.image.digest.description) {
                _ = try await fixture.client.resolve(fixture.tag)
            }
        }
    }

    @Test("a content digest that is none is malformed")
    func contentDigest() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.setHeader("docker-content-digest", "sha256:../../x"), target: "/manifests/")
            await fixture.expect(.malformed) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("a registry that announces no digest is believed no more: it is computed")
    func noContentDigest() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.setHeader("docker-content-digest", nil), target: "/manifests/")
            let found = try await fixture.client.resolve(fixture.tag).descriptor.digest
            #expect(found == fixture.image.digest)
        }
    }

    @Test(
        "a manifest served as another type is malformed",
        arguments: [
            "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.index.v1+json",
            "text/html", nil,
            "application/vnd.oci.image.manifest.v1+jsonx", "",
        ]
    )
    func contentType(type: String?) async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.setHeader("content-type", type), target: "/manifests/")
            await fixture.expect(.malformed) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("parameters of the content type do not matter")
    func contentTypeParameters() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(
                .setHeader("content-type", "application/vnd.oci.image.manifest.v1+json; charset=utf-8"),
                target: "/manifests/"
            )
            let found = try await fixture.client.resolve(fixture.tag).descriptor
            #expect(
                found
                    == Descriptor(
                        mediaType: .ociManifest,
                        digest: fixture.image.digest,
                        size: fixture.image.size
                    )
            )
        }
    }

    @Test(
        "what is missing is told apart from what is forbidden, refused or broken",
        arguments: [
            (404, "MANIFEST_UNKNOWN", RegistryError.Code.notFound), (404, "NAME_UNKNOWN", .repositoryNotFound),
            (403, "DENIED", .forbidden),
            (401, "UNAUTHORIZED", .unauthorized), (429, "TOOMANYREQUESTS", .throttled), (500, "UNKNOWN", .serverError),
            (503, "UNAVAILABLE", .serverError), (400, "NAME_INVALID", .refused), (418, "TEAPOT", .refused),
            (204, "", .malformed),
            (304, "", .malformed),
        ]
    )
    func statuses(status: Int, errorCode: String, code: RegistryError.Code) async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(
                RegistryFault.error(status, code: errorCode, message: "so it is"),
                target: "/manifests/"
            )
            await fixture.expect(code) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("the registry's own words are quoted, printable and short")
    func errorBody() async throws {
        try await RegistryFixture.with { fixture in
            let message = "pull access \u{1b}[31mdenied" + String(repeating: "!", count: 1000)
            fixture.server.inject(RegistryFault.error(403, code: "DENIED", message: message), target: "/manifests/")
            await #expect { _ = try await fixture.client.resolve(fixture.tag) } throws: { error in
                "\(error)".contains("403 DENIED: pull access ?[31mdenied!!!") && "\(error)".count < 500
            }
        }
    }

    @Test("an error page larger than any limit does not hide the status")
    func hugeErrorPage() async throws {
        try await RegistryFixture.with { fixture in
            let page = Array(repeating: UInt8(ascii: "<"), count: 5 << 20)
            fixture.server.inject(.answer(status: 404, body: page), target: "/manifests/")
            await fixture.expect(.notFound) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("a manifest of more than 4 MiB is refused, announced or not", arguments: [true, false])
    func oversize(isAnnounced: Bool) async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.oversize(by: 4 << 20, isAnnounced: isAnnounced), target: "/manifests/")
            await fixture.expect(.tooLarge) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("a registry that hangs, or drips, times out")
    func hang() async throws {
        for effect in [RegistryFault.Effect.hang, .hangMidway, .drip(every: .milliseconds(20))] {
            try await RegistryFixture.with(
                configure: { configuration, _ in
                    configuration.requestTimeout = .milliseconds(100)
                },
                { fixture in
                    fixture.server.inject(effect, target: "/manifests/")
                    await fixture.expect(.timedOut, saying: "100 ms") {
                        _ = try await fixture.client.resolve(fixture.tag)
                    }
                }
            )
        }
    }

    @Test("a body that breaks off, or a connection that closes, is an outage")
    func broken() async throws {
        for effect in [RegistryFault.Effect.truncate(after: 10), .close, .reset, .resetMidway] {
            try await RegistryFixture.with { fixture in
                fixture.server.inject(effect, target: "/manifests/")
                await fixture.expect(.unreachable) { _ = try await fixture.client.resolve(fixture.tag) }
            }
        }
    }

    @Test("something that is not HTTP is malformed")
    func notHTTP() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.raw(Array("SSH-2.0-OpenSSH\r\n\r\n".utf8)), target: "/manifests/")
            await fixture.expect(.malformed) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("a manifest that is two things at once is refused")
    func ambiguous() async throws {
        try await RegistryFixture.with { fixture in
            let bytes = Array(#"{"schemaVersion":2,"manifests":[],"layers":[],"config":{}}"#.utf8)
            fixture.server.inject(
                .answer(status: 200, headers: [("content-type", MediaType.ociManifest.rawValue)], body: bytes),
                target: "/manifests/"
            )
            await fixture.expect(.malformed) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("a tag that moves gives another digest, each with its own bytes")
    func movingTag() async throws {
        try await RegistryFixture.with { fixture in
            let other = try RegistryFixture.push(to: fixture.server, annotation: "other")
            fixture.server.setTag("v1", of: RegistryFixture.repositoryPath, to: fixture.image.digest, other.digest)
            for expected in [fixture.image, other, fixture.image] {
                let fetched = try await fixture.client.resolve(fixture.tag)
                #expect(fetched.descriptor.digest == expected.digest)
                #expect(expected.digest.matches(fetched.bytes))
            }
        }
    }

    @Test("a reference by sha512 is checked by sha512")
    func sha512() async throws {
        try await EmbeddedRegistry.with { server in
            try await OutboundHTTPClient.with { http in
                let bytes = RegistryFixture.index([])
                let digest = Digest.of(bytes, algorithm: .sha512)
                let put = OutboundRequest(
                    .put,
                    try OutboundURL("http://\(server.host)/v2/a/b/manifests/\(digest)"),
                    headers: ["content-type": MediaType.ociIndex.rawValue],
                    body: bytes
                )
                #expect(try await http.send(put, limit: .kibibytes(1)).status == 201)
                var configuration = RegistryConfiguration()
                configuration.plainHTTPHosts = [server.host]
                let client = RegistryClient(http: http, configuration: configuration)
                let repository = try RepositoryName(registry: server.host, path: "a/b")
                #expect(try await client.manifest(repository, digest).descriptor.digest == digest)
            }
        }
    }
}
