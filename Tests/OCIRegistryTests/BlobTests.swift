import EmbeddedRegistry
import OCIModel
import OCIRegistry
import OutboundHTTP
import TestCertificates
import Testing

@Suite("Blobs", .timeLimit(.minutes(5)))
struct BlobTests {
    private static let bytes = Array("layer of the image".utf8)

    @Test("a blob is fetched whole and checked")
    func good() async throws {
        try await RegistryFixture.with { fixture in
            let found = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 18)
            #expect(found == Self.bytes)
        }
    }

    @Test("a blob larger than the limit is refused without asking")
    func overLimit() async throws {
        try await RegistryFixture.with { fixture in
            await fixture.expect(.tooLarge) {
                _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 17)
            }
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test("other bytes, more bytes and fewer bytes are all mismatches")
    func mismatches() async throws {
        let effects: [RegistryFault.Effect] = [
            .replaceBody(Array("layer of the imagf".utf8)), .replaceBody(Array("layer".utf8)), .replaceBody([]),
            .oversize(by: 1, isAnnounced: true), .oversize(by: 1, isAnnounced: false),
            .oversize(by: 1 << 22, isAnnounced: false),
        ]
        for effect in effects {
            try await RegistryFixture.with { fixture in
                fixture.server.inject(effect, target: "/blobs/")
                await fixture.expect(.digestMismatch) {
                    _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024)
                }
            }
        }
    }

    @Test("a bogus size in the descriptor is a mismatch", arguments: [0, 1, 17, 19, 1000])
    func bogusSize(size: Int64) async throws {
        try await RegistryFixture.with { fixture in
            var descriptor = fixture.layer
            descriptor.size = size
            await fixture.expect(.digestMismatch) {
                _ = try await fixture.client.blob(fixture.repository, descriptor, limit: 1024)
            }
        }
    }

    @Test("a small descriptor does not turn an absent blob into a large one")
    func absent() async throws {
        try await RegistryFixture.with { fixture in
            let descriptor = Descriptor(of: [1], mediaType: .jose)
            await fixture.expect(.notFound, saying: "BLOB_UNKNOWN") {
                _ = try await fixture.client.blob(fixture.repository, descriptor, limit: 1024)
            }
        }
    }

    @Test("a blob that breaks off is an outage")
    func truncated() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.truncate(after: 5), target: "/blobs/")
            await fixture.expect(.unreachable) {
                _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024)
            }
        }
    }

    // MARK: Redirects

    @Test(
        "a redirect to another server is followed, and no credentials go there",
        arguments: [301, 302, 303, 307, 308]
    )
    func redirect(status: Int) async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .basic(username: "user", password: "hunter2")
        try await EmbeddedRegistry.with { store in
            try store.push(blob: Self.bytes, to: "store")
            try await RegistryFixture.with(
                behaviour,
                configure: { configuration, _ in
                    configuration.credentials = FixedCredential(.basic(username: "user", password: "hunter2"))
                },
                { fixture in
                    _ = try await fixture.client.resolve(fixture.tag)
                    let target = "http://\(store.host)/v2/store/blobs/\(fixture.layer.digest)?sig=hunter2"
                    fixture.server.inject(RegistryFault.redirect(to: target, status: status), target: "/blobs/")
                    #expect(try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024) == Self.bytes)
                    #expect(fixture.server.requests.last?.headers["authorization"] != nil)
                    #expect(store.requests.count == 1)
                    #expect(store.requests.allSatisfy { $0.headers["authorization"] == nil })
                }
            )
        }
    }

    @Test("a redirect within the registry keeps the credentials")
    func redirectHome() async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .basic(username: "user", password: "hunter2")
        try await RegistryFixture.with(
            behaviour,
            configure: { configuration, _ in
                configuration.credentials = FixedCredential(.basic(username: "user", password: "hunter2"))
            },
            { fixture in
                let target = "/v2/shop/web/blobs/\(fixture.layer.digest)?moved=1"
                _ = try await fixture.client.resolve(fixture.tag)
                fixture.server.inject(RegistryFault.redirect(to: target), target: "/blobs/", times: 1)
                #expect(try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024) == Self.bytes)
            }
        )
    }

    @Test("a challenge of the server redirected to is not answered")
    func redirectChallenge() async throws {
        var guarded = EmbeddedRegistryConfiguration()
        guarded.authentication = .basic(username: "user", password: "hunter2")
        try await EmbeddedRegistry.with(guarded) { thief in
            try await RegistryFixture.with(
                configure: { configuration, _ in
                    configuration.credentials = FixedCredential(.basic(username: "user", password: "hunter2"))
                },
                { fixture in
                    fixture.server.inject(
                        RegistryFault.redirect(to: "http://\(thief.host)/v2/x/blobs/y"),
                        target: "/blobs/"
                    )
                    await fixture.expect(.forbidden, saying: thief.host) {
                        _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024)
                    }
                    #expect(thief.requests.count == 1)
                    #expect(thief.requests.allSatisfy { $0.headers["authorization"] == nil })
                }
            )
        }
    }

    @Test("redirects in a circle end after five")
    func redirectLoop() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(RegistryFault.redirect(to: "/v2/shop/web/blobs/again"), target: "/blobs/")
            await fixture.expect(.malformed, saying: "redirects too often") {
                _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024)
            }
            #expect(fixture.count("/blobs/") == 6)
        }
    }

    @Test(
        "a redirect to nowhere is malformed; what it says is not repeated",
        arguments: [
            "ftp://host/hunter2", "https://user:hunter2@host/", "http://127.1/hunter2", "http://",
        ]
    )
    func redirectNowhere(location: String) async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(RegistryFault.redirect(to: location), target: "/blobs/")
            await fixture.expect(.malformed) {
                _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024)
            }
        }
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.answer(status: 307), target: "/blobs/")
            await fixture.expect(.malformed) {
                _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024)
            }
        }
    }

    @Test("a redirect from TLS to plain HTTP is refused")
    func redirectDowngrade() async throws {
        let authority = try TestAuthority()
        let identity = try authority.issue(names: [], addresses: [[127, 0, 0, 1]])
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.tls = .init(certificateChainPEM: identity.certificate, privateKeyPEM: identity.key)
        let outbound = OutboundConfiguration(tls: TLSSettings(roots: .only(pem: Array(try authority.pem.utf8))))
        try await EmbeddedRegistry.with { plain in
            try await RegistryFixture.with(behaviour, outbound: outbound) { fixture in
                let found = try await fixture.client.resolve(fixture.tag).descriptor.digest
                #expect(found == fixture.image.digest)
                fixture.server.inject(RegistryFault.redirect(to: "http://\(plain.host)/x"), target: "/blobs/")
                await fixture.expect(.insecure, saying: "from TLS to plain HTTP") {
                    _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1024)
                }
                #expect(plain.requests.isEmpty)
            }
        }
    }
}
