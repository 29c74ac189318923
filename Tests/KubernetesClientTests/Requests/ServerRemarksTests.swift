import KubernetesAPI
import Logging
import OperatorTestKit
import Testing

@testable import KubernetesClient

@Suite("What a server says beside its answer")
struct ServerRemarksTests {
    private let log = LogRecord()
    private let get = APIRequest(.get, "/api/v1/pods")

    private func client(_ answers: [FakeTransport.Answer], throttle: RequestThrottle? = nil) -> APIClient {
        APIClient(
            transport: FakeTransport(answers),
            userAgent: "example/1",
            retryPolicy: .none,
            throttle: throttle,
            clock: JumpingClock(),
            logger: log.logger
        )
    }

    @Test(
        "warnings are read out of the field",
        arguments: [
            ("299 - \"a\"", ["a"]), ("299 - \"a, b\", 299 - \"c \\\"d\\\"\"", ["a, b", "c \"d\""]),
            ("299 x \"a\" \"Sun, 06 Nov 1994 08:49:37 GMT\", 299 - \"b\"", ["a", "b"]), ("199 - \"a\"", []),
            ("299 - \"\"", []), ("", []), ("299", []), ("299 -", []), ("299 - \"a", []), ("299 - a\", x", []),
            ("299 - \"a\" \"", ["a"]), ("299 - \"a\\", []), ("299 - \"ü\"", ["ü"]), ("299 - \"a\nb\"", ["a b"]),
        ]
    )
    func texts(field: String, expected: [String]) {
        #expect(WarningHeader.texts(field) == expected)
    }

    @Test("each warning is reported once")
    func warnings() async throws {
        let answer = FakeTransport.Answer.answer(200, "{}", ["warning": "299 - \"v1beta1 is deprecated\""])
        let client = client([answer, answer, .answer(200, "{}", ["warning": "299 - \"other\""])])
        for _ in 0..<3 { _ = try await client.send(get) }
        #expect(
            log.lines == [
                "warning the API server warns warning=v1beta1 is deprecated",
                "warning the API server warns warning=other",
            ]
        )
    }

    @Test("a flood of different warnings is cut off")
    func flood() {
        let reported = ReportedWarnings()
        #expect((0..<1000).filter { reported.isNew("\($0)") }.count == 256)
        #expect(!reported.isNew("0"))
    }

    @Test("the log of a refused request names its audit entry and its queue; the error's sentence does not")
    func audit() async {
        let headers = [
            "audit-id": "a-1", "x-kubernetes-pf-flowschema-uid": "f-1", "x-kubernetes-pf-prioritylevel-uid": "p-1",
        ]
        let client = client([.answer(429, "", headers), .answer(403, Gadget.status(403, "Forbidden"), headers)])
        let error = await #expect(throws: APIError.self) { try await client.send(get) }
        #expect(error?.auditID == "a-1" && error?.description.contains("a-1") == false)
        await #expect(throws: APIError.self) { try await client.send(get) }
        #expect(
            log.lines == [
                "info a request was refused audit-id=a-1 flow-schema=f-1 priority-level=p-1 reason=TooManyRequests "
                    + "request=GET /api/v1/pods status=429",
                "debug a request was refused audit-id=a-1 flow-schema=f-1 priority-level=p-1 reason=Forbidden "
                    + "request=GET /api/v1/pods status=403",
            ]
        )
    }

    @Test("a failure that comes as a success is a failure; a successful Status and an object called Status are not")
    func hiddenFailure() async throws {
        let client = client([
            .answer(200, Gadget.status(410, "Expired")), .answer(200, " \n" + Gadget.status(503, "ServiceUnavailable")),
            .answer(200, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\"}"),
            .answer(200, "{\"kind\":\"Status\",\"apiVersion\":\"example.com/v1\",\"status\":\"Failure\"}"),
            .answer(200, "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"Status\"}}"),
        ])
        let expired = await #expect(throws: APIError.self) { try await client.send(get) }
        #expect(expired?.isExpired == true)
        let unavailable = await #expect(throws: APIError.self) { try await client.send(get) }
        #expect(unavailable?.code == .serviceUnavailable)
        for _ in 0..<3 { #expect(try await client.send(get).status == 200) }
    }

    @Test("a redirection is no success; 'not modified' is what was asked for")
    func redirection() async throws {
        let client = client([.answer(302, "<html>login</html>"), .answer(304, "")])
        let error = await #expect(throws: APIError.self) { try await client.send(get) }
        #expect(error?.httpStatus == 302)
        #expect(try await client.send(get).status == 304)
    }

    @Test("a body that no server takes is not sent")
    func largeBody() async {
        let transport = FakeTransport([])
        let client = APIClient(transport: transport, userAgent: "example/1")
        let body = [UInt8](repeating: 0x20, count: APIClient.maximumRequestBytes + 1)
        let error = await #expect(throws: APIError.self) {
            try await client.send(APIRequest(.post, "/api/v1/namespaces", body: body))
        }
        #expect(error?.code == .requestEntityTooLarge)
        #expect(transport.requests.isEmpty)
    }

    @Test("requests wait for their turn, repetitions too, and long waits are logged; streams never wait")
    func throttling() async throws {
        let clock = JumpingClock()
        let throttle = RequestThrottle(requestsPerSecond: 0.5, burst: 1, clock: clock)
        let client = client(
            [.answer(200, "{}"), .answer(200, "{}"), .answer(200, "{}"), .answer(200, "{}")],
            throttle: throttle
        )
        _ = try await client.send(get)
        try await client.stream(get) { _ in }
        try await client.stream(get) { _ in }
        #expect(clock.sleeps.isEmpty)
        _ = try await client.send(get)
        #expect(clock.sleeps == [.seconds(2)])
        #expect(log.lines.count == 1 && log.lines[0].hasPrefix("info a request waited for its turn"))
    }

    @Test("lists that are read as they arrive wait for their turn, and are measured as requests")
    func throttledLists() async throws {
        let clock = JumpingClock()
        let throttle = RequestThrottle(requestsPerSecond: 0.5, burst: 1, clock: clock)
        let list = #"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}"#
        let record = MetricsRecord()
        let client = APIClient(
            transport: FakeTransport([.answer(200, list), .answer(200, list)]),
            userAgent: "example/1",
            throttle: throttle,
            clock: clock,
            metricsFactory: record
        )
        let reader = CollectionReader(client, ObjectReader(ConfigMap.self) { $0.metadata.name })
        for _ in 0..<2 { _ = try await reader.list { _ in } }
        #expect(clock.sleeps == [.seconds(2)])
        let measured = record.values("rest_client_request_duration_seconds{host=in-process,verb=GET}")
        #expect(measured?.count == 2)
        #expect(record.values("rest_client_rate_limiter_duration_seconds{host=in-process,verb=GET}")?.count == 2)
    }

    @Test("what becomes of a request that is sent once more is counted by its status")
    func retries() async throws {
        let record = MetricsRecord()
        let busy = FakeTransport.Answer.answer(429, "", ["retry-after": "1"])
        let transport = FakeTransport([
            busy, busy, .answer(200, "{}"), .failure(TransportError(.connectionLost, "reset")),
            .failure(TransportError(.connectionLost, "reset")), .answer(200, "{}"), .answer(200, "{}"),
        ])
        let client = APIClient(
            transport: transport,
            userAgent: "example/1",
            clock: JumpingClock(),
            metricsFactory: record
        )
        for _ in 0..<3 { _ = try await client.send(APIRequest(.get, "/x")) }
        func total(_ code: String) -> Double? {
            record.values("rest_client_request_retries_total{code=\(code),host=in-process,verb=GET}")?.reduce(0, +)
        }
        #expect(total("429") == 1 && total("200") == 2 && total("<error>") == 1)
        #expect(record.values("rest_client_rate_limiter_duration_seconds{host=in-process,verb=GET}")?.isEmpty != false)
    }

    @Test("requests are counted and measured under client-go's names, with zeros from the beginning")
    func metrics() async throws {
        let record = MetricsRecord()
        let transport = FakeTransport([
            .answer(200, "{}"), .answer(200, "{}"), .answer(418, ""), .failure(TransportError(.timedOut, "late")),
        ])
        let client = APIClient(
            transport: transport,
            userAgent: "example/1",
            retryPolicy: .none,
            clock: JumpingClock(),
            metricsFactory: record
        )
        func total(_ code: String, _ method: String) -> Double? {
            record.values("rest_client_requests_total{code=\(code),host=in-process,method=\(method)}")?.reduce(0, +)
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            #expect(total(method == "POST" ? "201" : "200", method) == 0 && total("<error>", method) == 0)
        }
        // A stream that breaks was answered, and is counted once.
        await #expect(throws: TransportError.self) {
            try await client.stream(APIRequest(.get, "/x")) { _ in throw TransportError(.connectionLost, "reset") }
        }
        #expect(total("200", "GET") == 1 && total("<error>", "GET") == 0)
        for _ in 0..<3 { _ = try? await client.send(APIRequest(.put, "/x", body: [1, 2, 3])) }
        #expect(total("200", "PUT") == 1 && total("418", "PUT") == 1 && total("<error>", "PUT") == 1)
        #expect(record.values("rest_client_request_duration_seconds{host=in-process,verb=PUT}")?.count == 3)
        #expect(record.values("rest_client_request_size_bytes{host=in-process,verb=PUT}") == [3, 3, 3])
        #expect(record.values("rest_client_response_size_bytes{host=in-process,verb=PUT}") == [2, 0])
    }

    @Test("acting as somebody else is said with every request, each group in a line of its own")
    func impersonation() async throws {
        let transport = FakeTransport([.answer(200, "{}")])
        let groups = ["x, y", "z"]
        let somebody = Impersonation(user: "a, b", uid: "1", groups: groups, extra: ["example.com/k": ["1, 2", "3"]])
        var request = get
        // Whom the client acts as is all that counts.
        request.headers["impersonate-extra-other"] = "4"
        request.headerLines = [.init("impersonate-group", "admins"), .init("x-other", "5")]
        _ = try await APIClient(transport: transport, userAgent: "example/1").acting(as: somebody).send(request)
        let sent = try #require(transport.requests.first)
        let expected: [APIRequest.HeaderLine] = [
            .init("x-other", "5"), .init("impersonate-user", "a, b"), .init("impersonate-uid", "1"),
            .init("impersonate-group", "x, y"), .init("impersonate-group", "z"),
            .init("impersonate-extra-example.com%2fk", "1, 2"), .init("impersonate-extra-example.com%2fk", "3"),
        ]
        #expect(sent.headerLines == expected)
        #expect(!sent.headers.keys.contains { $0.hasPrefix("impersonate-") })
    }
}
