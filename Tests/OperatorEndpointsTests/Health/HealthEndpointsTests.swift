import HTTPTypes
import Testing

@testable import OperatorEndpoints

/// Probes are answered as kube-apiserver answers them.
@Suite("Health endpoints")
struct HealthEndpointsTests {
    private let endpoints = Endpoint.health(
        [
            HealthCheck("caches", detail: { "two of them" }) { nil },
            HealthCheck("leader") { "stuck" },
        ],
        at: "readyz"
    )

    private func ask(_ path: String, _ parameters: [(name: String, value: String)] = []) async -> (Int, String)? {
        guard let endpoint = endpoints.first(where: { $0.path == path }) else { return nil }
        let answer = await endpoint.answer(Endpoint.Query(parameters: parameters))
        return (answer.status.code, String(decoding: answer.body, as: UTF8.self))
    }

    @Test("what fails is told, with all the rest")
    func failure() async throws {
        let (status, text) = try #require(await ask("/readyz"))
        #expect(status == 500)
        #expect(text == "[+]caches ok: two of them\n[-]leader failed: stuck\nreadyz check failed\n")
    }

    @Test("what is left out does not count")
    func exclusion() async throws {
        #expect(try #require(await ask("/readyz", [("exclude", "leader")])) == (200, "ok"))
        let verbose = try #require(await ask("/readyz", [("exclude", "leader"), ("verbose", "")]))
        #expect(verbose == (200, "[+]caches ok: two of them\nreadyz check passed\n"))
    }

    @Test("one check alone")
    func single() async throws {
        #expect(try #require(await ask("/readyz/caches")) == (200, "ok"))
        #expect(try #require(await ask("/readyz/leader")).0 == 500)
        #expect(await ask("/readyz/other") == nil)
    }
}
