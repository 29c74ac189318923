import EmbeddedRegistry
import OCIModel
import OCIRegistry
import OutboundHTTP
import Testing

@Suite("Referrers", .timeLimit(.minutes(5)))
struct ReferrersTests {
    private static let other = MediaType("application/vnd.example.sbom")

    private static func list(_ fixture: RegistryFixture) async throws -> [Digest] {
        try await fixture.client.referrers(fixture.repository, to: fixture.image.digest, artifactType: .notarySignature)
            .map(\.digest)
    }

    private static func expect(
        _ code: RegistryError.Code,
        _ fixture: RegistryFixture,
        saying words: String = "",
        location: SourceLocation = #_sourceLocation
    ) async {
        await fixture.expect(code, saying: words, location: location) { _ = try await list(fixture) }
    }

    @Test("referrers of the wanted type are listed, whether or not the registry filters", arguments: [true, false])
    func filter(isFiltering: Bool) async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.filtersReferrers = isFiltering
        try await RegistryFixture.with(behaviour) { fixture in
            let signatures = try fixture.sign(3)
            _ = try fixture.sign(2, artifactType: Self.other)
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
            let all = try await fixture.client.referrers(
                fixture.repository,
                to: fixture.image.digest,
                artifactType: nil
            )
            #expect(all.count == 5)
            #expect(fixture.count("artifactType=application%2Fvnd.cncf.notary.signature") == 1)
        }
    }

    @Test("all pages are read, and the filter stays on")
    func pages() async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.referrersPageSize = 2
        try await RegistryFixture.with(behaviour) { fixture in
            let signatures = try fixture.sign(7)
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
            #expect(fixture.count("/referrers/") == 4)
            #expect(fixture.count("artifactType=") == 4)
        }
    }

    @Test("pages that link in a circle are an error, not an endless loop")
    func circle() async throws {
        try await RegistryFixture.with { fixture in
            _ = try fixture.sign(1)
            fixture.server.inject(.setHeader("link", "<?last=9>; rel=\"next\""), target: "/referrers/")
            await Self.expect(.malformed, fixture, saying: "circle")
            #expect(fixture.count("/referrers/") == 2)
        }
    }

    @Test("a link to another server is not followed")
    func foreignLink() async throws {
        try await EmbeddedRegistry.with { thief in
            try await RegistryFixture.with { fixture in
                _ = try fixture.sign(1)
                fixture.server.inject(
                    .setHeader("link", "<http://\(thief.host)/x>; rel=\"next\""),
                    target: "/referrers/"
                )
                await Self.expect(.insecure, fixture, saying: thief.host)
                #expect(thief.requests.isEmpty)
            }
        }
    }

    @Test(
        "a link that cannot be read does not end the listing early",
        arguments: [
            "nonsense", "</x>; rel=\"next", "<ftp://x>; rel=next", "</a>; rel=next, </b>; rel=next", "</a rel=next",
        ]
    )
    func malformedLink(link: String) async throws {
        try await RegistryFixture.with { fixture in
            _ = try fixture.sign(1)
            fixture.server.inject(.setHeader("link", link), target: "/referrers/")
            await Self.expect(.malformed, fixture)
        }
    }

    @Test("other links do not matter")
    func otherLinks() async throws {
        try await RegistryFixture.with { fixture in
            let signatures = try fixture.sign(1)
            fixture.server.inject(.setHeader("link", "</first>; rel=\"first\"; title=\"a, b\""), target: "/referrers/")
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
        }
    }

    @Test("more pages or referrers than the limits allow are an error, never a shorter list")
    func limits() async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.referrersPageSize = 1
        try await RegistryFixture.with(
            behaviour,
            configure: { configuration, _ in configuration.limits.referrerPages = 3 },
            { fixture in
                _ = try fixture.sign(3)
                #expect(try await Self.list(fixture).count == 3)
                _ = try fixture.sign(4)
                await Self.expect(.tooLarge, fixture, saying: "more than 3 pages")
            }
        )
        try await RegistryFixture.with(
            configure: { configuration, _ in configuration.limits.referrers = 3 },
            { fixture in
                _ = try fixture.sign(3)
                _ = try fixture.sign(5, artifactType: Self.other)
                #expect(try await Self.list(fixture).count == 3)
                _ = try fixture.sign(4)
                await Self.expect(.tooLarge, fixture, saying: "more than 3 of them")
            }
        )
    }

    @Test("a page of more than 4 MiB is refused")
    func hugePage() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.oversize(by: 4 << 20, isAnnounced: false), target: "/referrers/")
            await Self.expect(.tooLarge, fixture)
        }
    }

    @Test("a referrer that is listed twice counts once")
    func twice() async throws {
        try await RegistryFixture.with { fixture in
            let signatures = try fixture.sign(1)
            let index = RegistryFixture.index(signatures + signatures)
            fixture.server.inject(.replaceBody(index), target: "/referrers/")
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
        }
    }

    @Test(
        "an outage, a refusal and a missing repository are errors, not an empty list",
        arguments: [
            (500, "UNKNOWN", RegistryError.Code.serverError), (503, "", .serverError), (429, "", .throttled),
            (403, "DENIED", .forbidden),
            (401, "", .unauthorized), (404, "NAME_UNKNOWN", .repositoryNotFound),
        ]
    )
    func outage(status: Int, errorCode: String, code: RegistryError.Code) async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(RegistryFault.error(status, code: errorCode), target: "/referrers/")
            await Self.expect(code, fixture)
        }
    }

    @Test(
        "a listing that is no list of descriptors is malformed",
        arguments: [
            "", "[]", "{}", #"{"manifests":{}}"#, #"{"schemaVersion":2,"manifests":[{}]}"#,
            #"{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"sha256:0","size":1}]}"#,
        ]
    )
    func malformedListing(body: String) async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.replaceBody(Array(body.utf8)), target: "/referrers/")
            await Self.expect(.malformed, fixture)
        }
    }

    @Test("a failure on a later page is an error, not the end", arguments: [404, 400, 500])
    func laterPage(status: Int) async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.referrersPageSize = 1
        try await RegistryFixture.with(behaviour) { fixture in
            _ = try fixture.sign(2)
            fixture.server.inject(RegistryFault.error(status, code: "X"), target: "last=1")
            await #expect(throws: RegistryError.self) { _ = try await Self.list(fixture) }
        }
    }

    // MARK: The tag

    /// Puts an index under the referrers tag of the image.
    private static func tag(_ fixture: RegistryFixture, _ descriptors: [Descriptor]) throws {
        try fixture.server.push(
            manifest: RegistryFixture.index(descriptors),
            mediaType: .ociIndex,
            to: RegistryFixture.repositoryPath,
            tag: RegistryClient.referrersTag(for: fixture.image.digest)
        )
    }

    private static func withoutAPI(_ body: (RegistryFixture) async throws -> Void) async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.hasReferrers = false
        try await RegistryFixture.with(behaviour) { try await body($0) }
    }

    @Test("without the API the tag is read, and filtered")
    func tagged() async throws {
        try await Self.withoutAPI { fixture in
            let signatures = try fixture.sign(2)
            let others = try fixture.sign(1, artifactType: Self.other)
            try Self.tag(fixture, signatures + others)
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
        }
    }

    @Test("without the API and without the tag there is nothing")
    func untagged() async throws {
        try await Self.withoutAPI { fixture in
            let found = try await Self.list(fixture)
            #expect(found.isEmpty)
        }
    }

    @Test("a tag that is no index is nothing")
    func tagIsImage() async throws {
        try await Self.withoutAPI { fixture in
            let tag = RegistryClient.referrersTag(for: fixture.image.digest)
            fixture.server.setTag(tag, of: RegistryFixture.repositoryPath, to: fixture.image.digest)
            let found = try await Self.list(fixture)
            #expect(found.isEmpty)
        }
    }

    @Test("an outage while the tag is read is an error")
    func tagOutage() async throws {
        try await Self.withoutAPI { fixture in
            fixture.server.inject(RegistryFault.error(500, code: "UNKNOWN"), target: "/manifests/sha256-")
            await Self.expect(.serverError, fixture)
        }
        try await Self.withoutAPI { fixture in
            fixture.server.inject(RegistryFault.error(404, code: "NAME_UNKNOWN"), target: "/manifests/sha256-")
            await Self.expect(.repositoryNotFound, fixture)
        }
    }

    @Test("answers that mean that there is no API lead to the tag", arguments: [400, 404, 405, 406, 501])
    func noAPI(status: Int) async throws {
        try await RegistryFixture.with { fixture in
            let signatures = try fixture.sign(1)
            try Self.tag(fixture, signatures)
            fixture.server.inject(.answer(status: status, body: Array("<html>".utf8)), target: "/referrers/")
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
        }
    }

    @Test("an answer of another type leads to the tag")
    func wrongType() async throws {
        try await RegistryFixture.with { fixture in
            let signatures = try fixture.sign(1)
            try Self.tag(fixture, signatures)
            fixture.server.inject(.setHeader("content-type", "application/json"), target: "/referrers/")
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
        }
    }

    @Test("an API that lists nothing at all leads to the tag")
    func emptyAPI() async throws {
        try await RegistryFixture.with { fixture in
            let signatures = try fixture.sign(1)
            try Self.tag(fixture, signatures)
            fixture.server.inject(.replaceBody(RegistryFixture.index([])), target: "/referrers/")
            #expect(try await Self.list(fixture) == signatures.map(\.digest))
        }
    }

    @Test("the tag is the digest with a hyphen, cut after 64 digits")
    func tagName() throws {
        let sha256 = Digest.of([1])
        let sha512 = Digest.of([1], algorithm: .sha512)
        #expect(RegistryClient.referrersTag(for: sha256) == "sha256-\(sha256.hex)")
        #expect(RegistryClient.referrersTag(for: sha512) == "sha512-\(sha512.hex.prefix(64))")
    }
}
