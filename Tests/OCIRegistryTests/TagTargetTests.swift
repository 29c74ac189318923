import EmbeddedRegistry
import OCIModel
import OCIRegistry
import TestTiming
import Testing

@Suite("Where a tag leads, asked of a registry", .timeLimit(.minutes(5)))
struct TagTargetTests {
    private func target(_ fixture: RegistryFixture, _ tag: String = "v1") async throws -> Digest {
        try await fixture.client.target(fixture.repository, of: tag, within: .zero)
    }

    @Test("costs one HEAD, which transfers nothing and no registry counts as a pull")
    func head() async throws {
        try await RegistryFixture.with { fixture in
            #expect(try await target(fixture) == fixture.image.digest)
            let other = try RegistryFixture.push(to: fixture.server, annotation: "other", tag: "v1")
            #expect(try await target(fixture) == other.digest)
            #expect(fixture.server.requests.map(\.method) == ["HEAD", "HEAD"])
            #expect(fixture.server.requests.allSatisfy { $0.headers["accept"]?.contains("image.index") == true })
        }
    }

    @Test("is found by GET where HEAD is not answered with a digest, and then only if it changed")
    func withoutHead() async throws {
        let effects: [RegistryFault.Effect] = [
            .setHeader("docker-content-digest", nil),
            .setHeader("docker-content-digest", "sha256:short"), .answer(status: 405), .answer(status: 400),
            .answer(status: 501),
        ]
        for effect in effects {
            try await RegistryFixture.with { fixture in
                fixture.server.inject(effect, target: "/manifests/", method: "HEAD")
                for _ in 0..<2 {
                    let found = try await target(fixture)
                    #expect(found == fixture.image.digest)
                }
                let gets = fixture.server.requests.filter { $0.method == "GET" }
                #expect(gets.map { $0.headers["if-none-match"] } == [nil, "\"\(fixture.image.digest)\""])
            }
        }
    }

    @Test("an absent tag is not found, and a registry in trouble is an error")
    func failures() async throws {
        try await RegistryFixture.with { fixture in
            await fixture.expect(.notFound) { _ = try await target(fixture, "v2") }
            for (status, code) in [(401, RegistryError.Code.unauthorized), (429, .throttled), (503, .serverError)] {
                fixture.server.inject(.answer(status: status), target: "/manifests/", method: "HEAD", times: 1)
                do {
                    _ = try await target(fixture)
                    Issue.record("\(status) was no error")
                } catch let error as RegistryError {
                    #expect(error.code == code || (status == 401 && error.code == .forbidden), "\(error)")
                }
                fixture.clock.advance(by: .seconds(600))
            }
        }
    }

    @Test("endless and lying answers end in errors of their own")
    func hostile() async throws {
        try await RegistryFixture.with { fixture in
            fixture.server.inject(.setHeader("docker-content-digest", nil), target: "/manifests/", method: "HEAD")
            fixture.server.inject(.replaceBody(Array("{}".utf8)), target: "/manifests/", method: "GET", times: 1)
            await fixture.expect(.digestMismatch) { _ = try await target(fixture) }
            let head = Array("HTTP/1.1 200 OK\r\ncontent-type: \(MediaType.ociIndex)\r\n\r\n".utf8)
            fixture.server.inject(
                .endless(head, then: Array(repeating: 0x20, count: 65_536)),
                target: "/manifests/",
                method: "GET",
                times: 1
            )
            await fixture.expect(.tooLarge) { _ = try await target(fixture) }
        }
    }
}
