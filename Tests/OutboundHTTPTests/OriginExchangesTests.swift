import OutboundHTTP
import Testing

@Suite("Exchanges by origin") struct OriginExchangesTests {
    /// Answers with its name.
    private struct Named: HTTPExchange {
        let name: String

        func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
            OutboundResponse(status: 200, headers: ["x-name": name], body: [])
        }

        func stream<Result: Sendable>(
            _ request: OutboundRequest,
            _ body: @Sendable (OutboundResponseStream) async throws -> Result
        ) async throws -> Result { throw OutboundError(.unreachable, name) }
    }

    @Test(
        "scheme, host and port decide, and nothing less",
        arguments: [
            ("https://r.example/v2/", "own"), ("https://R.example:443/x?y=z", "own"),
            ("http://r.example/v2/", "general"), ("https://r.example:5000/v2/", "general"),
            ("https://r.example.evil.example/", "general"), ("https://a.r.example/", "general"),
            ("https://other.example/r.example", "general"),
        ]
    )
    func origins(_ url: String, _ name: String) async throws {
        let exchanges = OriginExchanges(
            general: Named(name: "general"),
            own: ["https://r.example": Named(name: "own")]
        )
        let request = OutboundRequest(.get, try OutboundURL(url))
        #expect(try await exchanges.send(request, limit: .kibibytes(1)).headers["x-name"] == name)
        await #expect(throws: OutboundError(.unreachable, name)) {
            try await exchanges.stream(request) { (_) async throws in }
        }
    }
}
