import Testing

@testable import OutboundHTTP

@Suite("Ways through proxies")
struct TunnelledClientsTests {
    private static func route(_ number: Int) throws -> TunnelRoute {
        TunnelRoute(
            to: try OutboundURL("https://host\(number).example/"),
            through: try ProxyServer("https://proxy", source: "test")
        )
    }

    @Test("the ways that were used longest ago are given up, those in use never")
    func bounded() async throws {
        let configuration = OutboundConfiguration(tls: TLSSettings(withoutVerificationUnsafe: true))
        let clients = try TunnelledClients(configuration, try configuration.makeNative(SendingPermissions()))
        let (busy, idle) = (try Self.route(-1), try Self.route(-2))
        let kept = try clients.begin(busy)
        let first = try clients.begin(idle)
        await clients.end(idle)
        for number in 0..<TunnelledClients.maximumKept + 5 {
            _ = try clients.begin(try Self.route(number))
            await clients.end(try Self.route(number))
            #expect(clients.count <= TunnelledClients.maximumKept)
        }
        #expect(try clients.begin(busy) === kept)
        #expect(try clients.begin(idle) !== first)
        await clients.shutdown()
        let error = #expect(throws: OutboundError.self) { try clients.begin(busy) }
        #expect(error?.code == .shutDown)
        await clients.end(busy)
    }
}
