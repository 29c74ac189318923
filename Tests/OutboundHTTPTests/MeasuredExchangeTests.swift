import MetricsExposition
import OutboundHTTP
import TestTiming
import Testing

/// Requests are counted by whom they asked and how that went.
@Suite("Measured exchange")
struct MeasuredExchangeTests {
    /// Answers, or fails, after a time.
    private struct Scripted: HTTPExchange {
        var result: Result<Int, OutboundError>
        var clock = ManualClock()
        var delay = Duration.zero

        func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
            clock.advance(by: delay)
            return OutboundResponse(status: try result.get(), headers: [:], body: [])
        }

        func stream<Value: Sendable>(
            _ request: OutboundRequest,
            _ body: @Sendable (OutboundResponseStream) async throws -> Value
        ) async throws -> Value {
            throw OutboundError(.unreachable, "not here")
        }
    }

    private let registry = MetricRegistry(families: [
        MetricFamily("asked_total", .counter, labels: ["host", "code"], seriesLimit: 3, help: "A."),
        MetricFamily("asking_seconds", .histogram([1, 10]), unit: .seconds, labels: ["host"], help: "B."),
    ])

    private func measured(_ base: Scripted) -> MeasuredExchange {
        MeasuredExchange(
            base,
            requests: "asked_total",
            duration: "asking_seconds",
            clock: base.clock,
            metricsFactory: registry
        )
    }

    private func lines() async -> [String] {
        String(decoding: await registry.exposition(.prometheusText), as: UTF8.self).split(separator: "\n").map(
            String.init
        )
    }

    private static func request(_ url: String) throws -> OutboundRequest { OutboundRequest(.get, try OutboundURL(url)) }

    @Test("an answer counts under its status, whatever it is, with the time it took")
    func answers() async throws {
        let exchange = measured(Scripted(result: .success(404), delay: .seconds(2)))
        let response = try await exchange.send(try Self.request("https://r.example:5000/v2/"), limit: .bytes(10))
        #expect(response.status == 404)
        let lines = await lines()
        #expect(lines.contains(#"asked_total{host="r.example:5000",code="404"} 1"#), "\(lines)")
        #expect(lines.contains(#"asking_seconds_sum{host="r.example:5000"} 2"#))
        #expect(lines.contains(#"asking_seconds_bucket{host="r.example:5000",le="1"} 0"#))
        #expect(lines.contains(#"asking_seconds_bucket{host="r.example:5000",le="10"} 1"#))
    }

    @Test(
        "a failure counts under its kind; what the caller gave up does not count",
        arguments: OutboundError.Code.allCases
    )
    func failures(_ code: OutboundError.Code) async throws {
        let exchange = measured(Scripted(result: .failure(OutboundError(code, "no"))))
        await #expect(throws: OutboundError.self) {
            try await exchange.send(try Self.request("https://r.example/v2/"), limit: .bytes(10))
        }
        let isCounted = await lines().contains(#"asked_total{host="r.example",code="\#(code.rawValue)"} 1"#)
        #expect(isCounted == (code != .cancelled))
    }

    @Test("a stream that does not begin counts as a failure")
    func streams() async throws {
        let exchange = measured(Scripted(result: .success(200)))
        await #expect(throws: OutboundError.self) {
            try await exchange.stream(try Self.request("https://r.example/v2/")) { _ in }
        }
        #expect(await lines().contains(#"asked_total{host="r.example",code="unreachable"} 1"#))
    }

    @Test("hosts without end do not fill memory, and requests to them go on")
    func manyHosts() async throws {
        let exchange = measured(Scripted(result: .success(200)))
        for number in 0..<50 {
            _ = try await exchange.send(try Self.request("https://r\(number).example/"), limit: .bytes(10))
        }
        #expect(await lines().count { $0.hasPrefix("asked_total{") } == 3)
    }
}
