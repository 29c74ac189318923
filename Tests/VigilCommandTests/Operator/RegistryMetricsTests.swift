import ImageTrust
import MetricsExposition
import OCIModel
import OCIRegistry
import OutboundHTTP
import Testing

@testable import VigilCommand

@Suite("Metrics of registries")
struct RegistryMetricsTests {
    /// Asks for a pause, or does not answer.
    private struct Unwilling: HTTPExchange {
        func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
            guard request.url.host == "busy.example.com" else {
                throw OutboundError(.unreachable, "\(request.url.host) refuses connections")
            }
            return OutboundResponse(status: 429, headers: ["retry-after": "600"])
        }

        func stream<Result: Sendable>(
            _ request: OutboundRequest,
            _ body: @Sendable (OutboundResponseStream) async throws -> Result
        ) async throws -> Result { throw OutboundError(.unreachable, "not streamed") }
    }

    private static func value(_ readings: [MetricReading], _ name: String, _ labels: String...) -> Double? {
        readings.first { $0.family.name == name && $0.labels == labels }?.value
    }

    @Test("what is held back is told by host and reason; no more hosts are told apart than fifty")
    func readings() async throws {
        let traffic = RegistryTraffic()
        var configuration = RegistryConfiguration()
        configuration.retry = .never
        let client = RegistryClient(http: Unwilling(), configuration: configuration, traffic: traffic)
        let cache = ContentCache()
        let registry = CachingRegistry(client, cache: cache)
        let digest = Digest.of([1])
        func ask(_ host: String) async throws {
            let repository = try RepositoryName(registry: host, path: "shop/web")
            _ = try? await registry.manifest(repository, digest)
        }
        for _ in 0..<3 { try await ask("busy.example.com") }
        for _ in 0..<7 { try await ask("down.example.com") }
        for number in 0..<200 { try await ask("h\(number).example.com") }
        let metrics = RegistryMetrics(
            figures: { RegistryFigures(traffic: traffic, caches: ["shared": cache]) }
        )
        let readings = await metrics.readings()
        #expect(Self.value(readings, "vigil_registry_requests_held_back_total", "busy.example.com", "asked") == 2)
        #expect(Self.value(readings, "vigil_registry_requests_held_back_total", "down.example.com", "circuit") == 2)
        #expect(Self.value(readings, "vigil_registry_circuit_open", "down.example.com") == 1)
        #expect(Self.value(readings, "vigil_registry_circuit_open", "busy.example.com") == 0)
        #expect(Self.value(readings, "vigil_registry_cache_lookups_total", "down.example.com", "miss") == 7)
        #expect(Self.value(readings, "vigil_registry_cache_bytes", "shared") == 0)
        let budget = try #require(Self.value(readings, "vigil_registry_budget_ratio", "busy.example.com"))
        #expect(budget < 0.1)
        for family in Set(readings.map(\.family)) {
            let count = readings.filter { $0.family == family }.count
            #expect(count <= 3 * (HostTally<Int>.maximumHosts + 1), "\(family.name)")
            #expect(count <= family.seriesLimit, "\(family.name)")
            #expect(RegistryMetrics.all.contains(family))
        }
        let text = readings.flatMap(\.labels).joined(separator: " ")
        #expect(!text.contains(digest.hex))
        #expect(text.contains("other"))
    }

    @Test("while nothing is open there are none")
    func closed() async {
        let metrics = RegistryMetrics(figures: { nil })
        #expect(await metrics.readings().isEmpty)
    }
}
