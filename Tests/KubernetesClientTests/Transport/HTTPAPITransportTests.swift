import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import Synchronization
import Testing

@Suite("HTTP transport")
struct HTTPAPITransportTests {
    /// Answers every request alike, and remembers them.
    private final class FakeExchange: HTTPExchange {
        private let state = Mutex<[OutboundRequest]>([])
        private let status: Int
        private let failure: OutboundError?

        init(status: Int = 200, failure: OutboundError? = nil) {
            self.status = status
            self.failure = failure
        }

        var requests: [OutboundRequest] { state.withLock { $0 } }

        func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
            state.withLock { $0.append(request) }
            if let failure { throw failure }
            return OutboundResponse(status: status, headers: ["X": "1", "X": "2"], body: Array("{}".utf8))
        }

        func stream<Result: Sendable>(
            _ request: OutboundRequest,
            _ body: @Sendable (OutboundResponseStream) async throws -> Result
        ) async throws -> Result {
            state.withLock { $0.append(request) }
            if let failure { throw failure }
            return try await body(
                OutboundResponseStream(status: status, headers: [:], body: OutboundBody(parts: [[1, 2], [3]]))
            )
        }
    }

    private func configuration(
        _ server: String = "https://api.example.com/k8s/"
    ) throws -> ClusterConfiguration {
        ClusterConfiguration(server: try OutboundURL(server), source: "the test")
    }

    @Test("paths are put behind the server's, queries are percent-encoded, headers are passed on")
    func request() async throws {
        let exchange = FakeExchange()
        var configuration = try configuration()
        configuration.impersonation = ["impersonate-group": "a", "impersonate-group": "b"]
        let transport = HTTPAPITransport(configuration, requests: exchange, streams: FakeExchange())
        let response = try await transport.send(
            APIRequest(
                .get,
                "/api/v1/pods",
                query: [.init("labelSelector", "a=b,c in (d)"), .init("limit", "5")],
                timeout: .seconds(3)
            )
        )
        #expect(response.headers["x"] == "1, 2")
        let sent = try #require(exchange.requests.first)
        #expect(sent.url.path == "/k8s/api/v1/pods")
        #expect(sent.url.query == "labelSelector=a%3Db%2Cc%20in%20%28d%29&limit=5")
        #expect(sent.headers["accept"] == "application/json")
        #expect(sent.headers.values("impersonate-group") == ["a", "b"])
        #expect(sent.timeout == .seconds(3))
        #expect(sent.headers["authorization"] == nil)
    }

    @Test("a permission goes along with the request, and one that was refused is told apart")
    func permission() async throws {
        let exchange = FakeExchange()
        let transport = HTTPAPITransport(try configuration(), requests: exchange, streams: exchange)
        let request = APIRequest(.post, "/api/v1/pods", body: [1])
        _ = try await transport.send(request)
        _ = try await transport.send(request) { false }
        #expect(exchange.requests.map { $0.isPermitted?() } == [nil, false])
        let refusing = FakeExchange(failure: OutboundError(.withheld, "held back"))
        let other = HTTPAPITransport(try configuration(), requests: refusing, streams: refusing)
        await #expect {
            _ = try await other.send(request) { false }
        } throws: { error in
            (error as? TransportError)?.code == .withheld
        }
    }

    @Test("whom a request acts as goes before whom the configuration names, one line for each group")
    func impersonation() async throws {
        let exchange = FakeExchange()
        var configuration = try configuration()
        configuration.impersonation = ["impersonate-user": "configured", "impersonate-group": "a"]
        let transport = HTTPAPITransport(configuration, requests: exchange, streams: FakeExchange())
        let client = APIClient(transport: transport, userAgent: "example/1")
        let somebody = Impersonation(user: "x, y", groups: ["a, b", "c"])
        _ = try await client.acting(as: somebody).send(APIRequest(.get, "/api"))
        let headers = try #require(exchange.requests.first?.headers)
        #expect(headers.values("impersonate-user") == ["x, y"])
        #expect(headers.values("impersonate-group") == ["a, b", "c"])
        // What a request says itself counts as well, and a field that it holds as one value stays one line.
        _ = try await transport.send(APIRequest(.get, "/api", headers: ["impersonate-user": "z, z"]))
        let own = try #require(exchange.requests.last?.headers)
        #expect(own.values("impersonate-user") == ["z, z"] && own.values("impersonate-group").isEmpty)
    }

    @Test("streams use their own exchange")
    func streams() async throws {
        let (requests, streams) = (FakeExchange(), FakeExchange())
        let transport = HTTPAPITransport(try configuration(), requests: requests, streams: streams)
        let bytes = try await transport.stream(APIRequest(.get, "/api/v1/pods")) { stream in
            var bytes: [UInt8] = []
            for try await chunk in stream.body { bytes += chunk }
            return bytes
        }
        #expect(bytes == [1, 2, 3])
        #expect(requests.requests.isEmpty && streams.requests.count == 1)
    }

    @Test("a token file is read again after 50 s, or once the server refused its token; a vanished file costs nothing")
    func tokenRotation() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("token", "one")
        let clock = JumpingClock()
        var configuration = try configuration()
        configuration.credential = .tokenFile(path: path)
        let (accepting, refusing) = (FakeExchange(), FakeExchange(status: 401))
        let transport = HTTPAPITransport(configuration, requests: accepting, streams: refusing, clock: clock)
        let get = APIRequest(.get, "/api/v1/pods")
        func ask() async throws -> String? {
            _ = try await transport.send(get)
            return accepting.requests.last?.headers["authorization"]
        }
        #expect(try await ask() == "Bearer one")
        try folder.write("token", "two")
        clock.advance(by: .seconds(49))
        #expect(try await ask() == "Bearer one")
        clock.advance(by: .seconds(1))
        #expect(try await ask() == "Bearer two")
        try folder.write("token", "three")
        try await transport.stream(get) { _ in }
        #expect(try await ask() == "Bearer three")
        try folder.write("token", "")
        clock.advance(by: .seconds(100))
        #expect(try await ask() == "Bearer three")
    }

    @Test("credentials never travel without TLS")
    func plainHTTP() async throws {
        let exchange = FakeExchange()
        var configuration = try configuration("http://localhost:8080")
        configuration.credential = .token("secret")
        _ = try await HTTPAPITransport(configuration, requests: exchange, streams: exchange)
            .send(APIRequest(.get, "/api"))
        #expect(exchange.requests.first?.headers["authorization"] == nil)
    }

    @Test("an unreadable token file fails the request without sending it")
    func missingToken() async throws {
        let exchange = FakeExchange()
        var configuration = try configuration()
        configuration.credential = .tokenFile(path: "/nonexistent/token")
        let transport = HTTPAPITransport(configuration, requests: exchange, streams: exchange)
        let error = await #expect(throws: TransportError.self) { try await transport.send(APIRequest(.get, "/api")) }
        #expect(error?.code == .credentialsUnavailable)
        #expect(exchange.requests.isEmpty)
    }

    @Test(
        "troubles of the connection keep their kind",
        arguments: [
            (OutboundError.Code.unreachable, TransportError.Code.unreachable), (.insecure, .insecure),
            (.notTLS, .insecure), (.connectionLost, .connectionLost), (.timedOut, .timedOut),
            (.tooLarge, .malformedResponse),
        ]
    )
    func errors(code: OutboundError.Code, expected: TransportError.Code) async throws {
        let exchange = FakeExchange(failure: OutboundError(code, "trouble"))
        let transport = HTTPAPITransport(try configuration(), requests: exchange, streams: exchange)
        let sending = await #expect(throws: TransportError.self) { try await transport.send(APIRequest(.get, "/api")) }
        let streaming = await #expect(throws: TransportError.self) {
            try await transport.stream(APIRequest(.get, "/api")) { _ in }
        }
        #expect(sending?.code == expected && streaming?.code == expected)
    }

    @Test("cancellation stays cancellation")
    func cancellation() async throws {
        let exchange = FakeExchange(failure: OutboundError(.cancelled, "cancelled"))
        let transport = HTTPAPITransport(try configuration(), requests: exchange, streams: exchange)
        await #expect(throws: CancellationError.self) { try await transport.send(APIRequest(.get, "/api")) }
    }
}
