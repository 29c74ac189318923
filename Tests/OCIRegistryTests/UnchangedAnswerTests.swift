import EmbeddedRegistry
import OCIModel
import OutboundHTTP
import TestTiming
import Testing

@testable import OCIRegistry

@Suite("What is asked for again only if it changed", .timeLimit(.minutes(5)))
struct UnchangedAnswerTests {
    @Test("a tag that did not move is not transferred again, and one that did is")
    func tag() async throws {
        try await RegistryFixture.with { fixture in
            for _ in 0..<3 {
                #expect(try await fixture.client.resolve(fixture.tag).descriptor.digest == fixture.image.digest)
            }
            let asked = fixture.server.requests.map { $0.headers["if-none-match"] }
            #expect(asked == [nil, "\"\(fixture.image.digest)\"", "\"\(fixture.image.digest)\""])
            let other = try RegistryFixture.push(to: fixture.server, annotation: "other")
            fixture.server.setTag("v1", of: RegistryFixture.repositoryPath, to: other.digest)
            #expect(try await fixture.client.resolve(fixture.tag).descriptor.digest == other.digest)
            #expect(try await fixture.client.resolve(fixture.tag).descriptor.digest == other.digest)
            #expect(fixture.server.requests.last?.headers["if-none-match"] == "\"\(other.digest)\"")
        }
    }

    @Test("a list of signatures costs one small answer as long as it stays the same")
    func listing() async throws {
        try await RegistryFixture.with { fixture in
            let signatures = try fixture.sign(2)
            func list() async throws -> [Digest] {
                try await fixture.client.referrers(
                    fixture.repository,
                    to: fixture.image.digest,
                    artifactType: .notarySignature
                ).map(\.digest)
            }
            for _ in 0..<3 { #expect(try await list() == signatures.map(\.digest)) }
            #expect(fixture.server.requests.count == 3)
            #expect(fixture.server.requests.dropFirst().allSatisfy { $0.headers["if-none-match"] != nil })
            fixture.server.delete(manifest: signatures[0].digest, from: RegistryFixture.repositoryPath)
            #expect(try await list() == [signatures[1].digest])
            let added = try fixture.sign(3)[2]
            #expect(try await list() == [signatures[1].digest, signatures[0].digest, added.digest])
        }
    }

    @Test("pages are read anew, since what is behind a page that stays the same may change")
    func pages() async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.referrersPageSize = 2
        try await RegistryFixture.with(behaviour) { fixture in
            _ = try fixture.sign(2)
            for count in [2, 2, 3, 5, 5] {
                _ = try fixture.sign(count)
                #expect(try await Self.list(fixture, fixture.client).count == count)
            }
        }
    }

    @Test("a list is transferred anew every ten minutes, whatever its tag")
    func listingLife() async throws {
        try await RegistryFixture.with { fixture in
            _ = try fixture.sign(2)
            for (seconds, isConditional) in [(0, false), (599, true), (1, false), (599, true), (1, false)] {
                fixture.clock.advance(by: .seconds(seconds))
                _ = try await Self.list(fixture, fixture.client)
                #expect((fixture.server.requests.last?.headers["if-none-match"] != nil) == isConditional)
            }
        }
    }

    @Test("where GET counts and HEAD does not, HEAD is asked first")
    func head() async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.pullQuota = 2
        try await EmbeddedRegistry.with(behaviour) { server in
            try await OutboundHTTPClient.with { http in
                let image = try RegistryFixture.push(to: server, tag: "v1")
                var allowance = RegistryAllowance(pulls: .init(burst: 2, perSecond: 0.001))
                allowance.announcesPulls = true
                let traffic = RegistryTraffic(allowances: [server.host: allowance])
                var configuration = RegistryConfiguration()
                configuration.usesPlainHTTPEverywhere = true
                let client = RegistryClient(http: http, configuration: configuration, traffic: traffic)
                let tag = try ImageReference("\(server.host)/\(RegistryFixture.repositoryPath):v1")
                for _ in 0..<10 { #expect(try await client.resolve(tag).descriptor.digest == image.digest) }
                #expect(server.requests.map(\.method) == ["GET"] + Array(repeating: "HEAD", count: 9))
                let other = try RegistryFixture.push(to: server, annotation: "other")
                server.setTag("v1", of: RegistryFixture.repositoryPath, to: other.digest)
                #expect(try await client.resolve(tag).descriptor.digest == other.digest)
                #expect(server.requests.map(\.method).suffix(2) == ["HEAD", "GET"])
                // The registry said that none is left: nobody finds out by being refused.
                let third = try RegistryFixture.push(to: server, annotation: "third")
                server.setTag("v1", of: RegistryFixture.repositoryPath, to: third.digest)
                let error = await #expect(throws: RegistryError.self) { try await client.resolve(tag) }
                #expect(error?.isHeldBack == true)
                #expect(server.requests.map(\.method).last == "HEAD")
            }
        }
    }

    @Test("a registry that says that nothing changed without having been asked is malformed")
    func unasked() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.answer(status: 304, headers: [("etag", "\"x\"")]), target: "/manifests/")
            await fixture.expect(.malformed, saying: "304") { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test("what cannot be used is not asked for again as something known")
    func unusable() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.replaceBody(Array("{}".utf8)), target: "/manifests/", times: 1)
            await fixture.expect(.digestMismatch) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(try await fixture.client.resolve(fixture.tag).descriptor.digest == fixture.image.digest)
            _ = try fixture.sign(1)
            fixture.server.inject(.replaceBody(Array("[]".utf8)), target: "/referrers/", times: 1)
            await fixture.expect(.malformed) { _ = try await Self.list(fixture, fixture.client) }
            #expect(try await Self.list(fixture, fixture.client).count == 1)
            #expect(fixture.server.requests.allSatisfy { $0.headers["if-none-match"] == nil })
        }
    }

    @Test("nobody is told what another credential read")
    func credentials() async throws {
        try await RegistryFixture.with { fixture in
            try await OutboundHTTPClient.with { http in
                let traffic = RegistryTraffic()
                var configuration = RegistryConfiguration()
                configuration.usesPlainHTTPEverywhere = true
                for _ in 0..<2 {
                    let client = RegistryClient(http: http, configuration: configuration, traffic: traffic)
                    _ = try await client.resolve(fixture.tag)
                    #expect(fixture.server.requests.last?.headers["if-none-match"] == nil)
                }
            }
        }
    }

    @Test(
        "an entity tag is kept when it is one, and a short one",
        arguments: [
            ("\"x\"", true), ("W/\"x\"", true), ("\"\"", true), ("x", false), ("\"", false), ("\"a\"b\"", false),
            ("\"a b\"", false), ("\"\(String(repeating: "a", count: 300))\"", false), ("\"a\u{e9}\"", false),
        ]
    )
    func entityTags(text: String, isKept: Bool) {
        let response = OutboundResponse(status: 200, headers: ["etag": text], body: [1])
        #expect((AnswerCache.Known(response)?.tag == text) == isKept)
    }

    @Test("within its memory everything stays, beyond it the longest unused go; a large answer is not kept")
    func memory() throws {
        let cache = AnswerCache(maximumBytes: 64 << 10)
        func key(_ number: Int) throws -> AnswerCache.Key {
            AnswerCache.Key(session: 1, url: try OutboundURL("https://r.example/\(number)"))
        }
        func known(_ count: Int) -> AnswerCache.Known? {
            AnswerCache.Known(
                OutboundResponse(status: 200, headers: ["etag": "\"x\""], body: Array(repeating: 0, count: count))
            )
        }
        for number in 0..<1000 {
            cache.keep(known(7 << 10), try key(number))
            #expect(cache.bytes <= 64 << 10)
            _ = cache.known(try key(0))
        }
        #expect(cache.known(try key(0)) != nil)
        #expect(cache.known(try key(1)) == nil)
        #expect(cache.known(try key(999)) != nil)
        cache.keep(known(32 << 10), try key(1))
        #expect(cache.known(try key(1)) == nil)
        #expect(known(AnswerCache.maximumBody + 1) == nil)
        cache.keep(nil, try key(0))
        #expect(cache.known(try key(0)) == nil)
    }

    // MARK: What a repository lacks

    private static func list(_ fixture: RegistryFixture, _ client: RegistryClient) async throws -> [Digest] {
        try await client.referrers(fixture.repository, to: fixture.image.digest, artifactType: .notarySignature)
            .map(\.digest)
    }

    @Test("where there is no API, it is not asked again for ten minutes; the tag always is")
    func withoutAPI() async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.hasReferrers = false
        try await RegistryFixture.with(behaviour) { fixture in
            let signatures = try fixture.sign(1)
            for _ in 0..<3 { #expect(try await Self.list(fixture, fixture.client).isEmpty) }
            #expect(fixture.count("/referrers/") == 1)
            #expect(fixture.count("/manifests/") == 3)
            // What is signed meanwhile is found at once.
            try fixture.server.push(
                manifest: RegistryFixture.index(signatures.map { Self.typed($0) }),
                mediaType: .ociIndex,
                to: RegistryFixture.repositoryPath,
                tag: RegistryClient.referrersTag(for: fixture.image.digest)
            )
            #expect(try await Self.list(fixture, fixture.client) == signatures.map(\.digest))
            #expect(fixture.count("/referrers/") == 1)
            fixture.clock.advance(by: ReferrersKnowledge.absence)
            _ = try await Self.list(fixture, fixture.client)
            #expect(fixture.count("/referrers/") == 2)
        }
    }

    private static func typed(_ descriptor: Descriptor) -> Descriptor {
        var typed = descriptor
        typed.artifactType = .notarySignature
        return typed
    }

    @Test(
        "one answer that looks like a missing API hides nothing where the API was seen",
        arguments: [404, 400, 405, 501]
    )
    func oneFailure(status: Int) async throws {
        try await RegistryFixture.with { fixture in
            let signatures = try fixture.sign(2).map(\.digest)
            #expect(try await Self.list(fixture, fixture.client) == signatures)
            fixture.server.inject(.answer(status: status), target: "/referrers/", times: 1)
            #expect(try await Self.list(fixture, fixture.client).isEmpty)
            #expect(try await Self.list(fixture, fixture.client) == signatures)
        }
    }

    @Test("an image without signatures costs one request, once it is known that it has no tag either")
    func unsigned() async throws {
        try await RegistryFixture.with { fixture in
            for _ in 0..<3 { #expect(try await Self.list(fixture, fixture.client).isEmpty) }
            #expect(fixture.count("/referrers/") == 3)
            #expect(fixture.count("/manifests/") == 1)
            let signatures = try fixture.sign(1).map(\.digest)
            #expect(try await Self.list(fixture, fixture.client) == signatures)
        }
    }

    @Test("whoever asks anew is told what is, whatever a repository was known to lack")
    func anew() async throws {
        try await RegistryFixture.with { fixture in
            #expect(try await Self.list(fixture, fixture.client).isEmpty)
            // Signed by a client that knows tags alone.
            let signature = try RegistryFixture.push(to: fixture.server, artifactType: .notarySignature)
            try fixture.server.push(
                manifest: RegistryFixture.index([Self.typed(signature)]),
                mediaType: .ociIndex,
                to: RegistryFixture.repositoryPath,
                tag: RegistryClient.referrersTag(for: fixture.image.digest)
            )
            #expect(try await Self.list(fixture, fixture.client).isEmpty)
            let found = try await RegistryFreshness.$asksAnew.withValue(true) {
                try await Self.list(fixture, fixture.client)
            }
            #expect(found == [signature.digest])
            #expect(try await Self.list(fixture, fixture.client) == [signature.digest])
        }
    }
}
