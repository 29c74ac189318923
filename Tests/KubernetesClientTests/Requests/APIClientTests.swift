import KubernetesAPI
import KubernetesClient
import Testing

@Suite("API client")
struct APIClientTests {
    private func client(
        _ transport: FakeTransport,
        _ clock: JumpingClock = JumpingClock(),
        policy: RetryPolicy = RetryPolicy()
    ) -> APIClient {
        APIClient(
            transport: transport,
            userAgent: "example/1.0 (linux/amd64)",
            retryPolicy: policy,
            clock: clock,
            spread: { 0.5 }
        )
    }

    private let get = APIRequest(.get, "/api/v1/pods")
    private let post = APIRequest(.post, "/api/v1/namespaces/shop/pods")

    @Test("429 and 5xx with Retry-After are repeated after that time, writes too")
    func retryAfter() async throws {
        for request in [get, post] {
            let transport = FakeTransport([
                .answer(429, "", ["retry-after": "2"]), .answer(503, "", ["retry-after": "10"]), .answer(200, "{}"),
            ])
            let clock = JumpingClock()
            let response = try await client(transport, clock).send(request)
            #expect(response.status == 200)
            #expect(clock.sleeps == [.milliseconds(2100), .milliseconds(10_500)])
        }
    }

    @Test("a request is repeated ten times at most")
    func limit() async {
        let transport = FakeTransport(Array(repeating: .answer(429, "", ["retry-after": "1"]), count: 50))
        let error = await #expect(throws: APIError.self) { try await client(transport).send(get) }
        #expect(error?.code == .tooManyRequests)
        #expect(transport.requests.count == 11)
    }

    @Test("without Retry-After, with a very long one, and for other statuses nothing is repeated")
    func notRepeated() async {
        for answer in [
            FakeTransport.Answer.answer(429, ""), .answer(500, ""), .answer(503, "", ["retry-after": "3600"]),
            .answer(409, "", ["retry-after": "1"]), .answer(404, "404 page not found"),
        ] {
            let transport = FakeTransport([answer])
            await #expect(throws: APIError.self) { try await client(transport).send(get) }
            #expect(transport.requests.count == 1)
        }
    }

    @Test("a read whose connection broke is repeated, a write is not")
    func brokenConnection() async throws {
        let broken = FakeTransport.Answer.failure(TransportError(.connectionLost, "cut"))
        let reading = FakeTransport([broken, broken, .answer(200, "{}")])
        let clock = JumpingClock()
        _ = try await client(reading, clock).send(get)
        #expect(clock.sleeps == [.milliseconds(1050), .milliseconds(1050)])
        let writing = FakeTransport([broken, .answer(200, "{}")])
        await #expect(throws: TransportError.self) { try await client(writing).send(post) }
        #expect(writing.requests.count == 1)
        let refused = FakeTransport([.failure(TransportError(.unreachable, "refused")), .answer(200, "{}")])
        await #expect(throws: TransportError.self) { try await client(refused).send(get) }
    }

    @Test("a client without retries sends once")
    func withoutRetries() async {
        let transport = FakeTransport([.answer(429, "", ["retry-after": "1"])])
        await #expect(throws: APIError.self) { try await client(transport).withoutRetries.send(get) }
        #expect(transport.requests.count == 1)
    }

    @Test("every request names its program; the field manager is the program's name")
    func userAgent() async throws {
        let transport = FakeTransport([.answer(200, "{}")])
        let client = client(transport)
        _ = try await client.send(get)
        #expect(transport.requests.first?.headers["user-agent"] == "example/1.0 (linux/amd64)")
        #expect(client.fieldManager == "example")
    }
}
