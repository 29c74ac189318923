import EmbeddedRegistry
import OCIModel
import OutboundHTTP
import Synchronization
import TestTiming
import Testing

@Suite("HTTP exchanges", .timeLimit(.minutes(5)))
struct OutboundHTTPClientTests {
    private static let blob = Array(repeating: UInt8(ascii: "x"), count: 20_000)

    /// Runs `body` with a client and the URL of a blob of 20,000 bytes on a server.
    @discardableResult
    private static func withBlob<Result: Sendable>(
        _ configuration: OutboundConfiguration = OutboundConfiguration(),
        fault: RegistryFault.Effect? = nil,
        _ body: (OutboundHTTPClient, OutboundURL, EmbeddedRegistry) async throws -> Result
    ) async throws -> Result {
        try await EmbeddedRegistry.with { server in
            let descriptor = try server.push(blob: blob, to: "a/b")
            if let fault { server.inject(fault, target: "/blobs/") }
            let url = try OutboundURL("http://\(server.host)/v2/a/b/blobs/\(descriptor.digest)")
            return try await OutboundHTTPClient.with(configuration) { try await body($0, url, server) }
        }
    }

    private static func expectFailure(
        _ code: OutboundError.Code,
        fault: RegistryFault.Effect,
        timeouts: OutboundTimeouts = OutboundTimeouts(),
        limit: BodyLimit = .mebibytes(1),
        location: SourceLocation = #_sourceLocation
    ) async throws {
        try await withBlob(OutboundConfiguration(timeouts: timeouts), fault: fault) { client, url, _ in
            await #expect(sourceLocation: location) {
                _ = try await client.send(OutboundRequest(.get, url), limit: limit)
            } throws: { error in
                let error = error as? OutboundError
                return error?.code == code && error?.message.contains(url.authority) == true
            }
        }
    }

    @Test("a request is answered with status, header fields and body")
    func whole() async throws {
        try await Self.withBlob { client, url, server in
            let response = try await client.send(
                OutboundRequest(.get, url, headers: ["X-Test": "1"]),
                limit: .bytes(Self.blob.count)
            )
            #expect(response.status == 200)
            #expect(response.body == Self.blob)
            #expect(response.headers["Content-Type"] == "application/octet-stream")
            #expect(server.requests.last?.headers["x-test"] == "1")
            let agent = OutboundConfiguration().userAgent
            #expect(!agent.isEmpty && server.requests.last?.headers["user-agent"] == agent)
        }
    }

    @Test("HEAD announces a length that is not counted as a body")
    func head() async throws {
        try await Self.withBlob { client, url, _ in
            let response = try await client.send(OutboundRequest(.head, url), limit: .bytes(0))
            #expect(response.status == 200)
            #expect(response.headers["content-length"] == "20000")
            #expect(response.body.isEmpty)
        }
    }

    @Test("a body is sent")
    func upload() async throws {
        try await Self.withBlob { client, url, server in
            let target = try url.resolving("/v2/a/b/blobs/uploads/?digest=sha256:0")
            _ = try await client.send(OutboundRequest(.post, target, body: Self.blob), limit: .kibibytes(64))
            #expect(server.requests.last?.body == Self.blob)
        }
    }

    @Test("the request line is the URL's target, byte for byte")
    func target() async throws {
        try await Self.withBlob { client, url, server in
            let target = "/v2//a%2Fb%2f;p=1/'(x)'?x=%2f&y=a+b%20c&z=/?:@&empty="
            _ = try await client.send(OutboundRequest(.get, try url.resolving(target)), limit: .kibibytes(4))
            #expect(server.requests.last?.target == target)
        }
    }

    @Test("redirects are answers")
    func redirect() async throws {
        try await Self.withBlob(fault: RegistryFault.redirect(to: "/elsewhere")) { client, url, server in
            let response = try await client.send(OutboundRequest(.get, url), limit: .kibibytes(1))
            #expect(response.status == 307)
            #expect(response.headers["location"] == "/elsewhere")
            #expect(server.requests.count == 1)
        }
    }

    @Test("a body of one byte too many is refused by its announced length")
    func announcedTooLarge() async throws {
        try await Self.expectFailure(.tooLarge, fault: .setHeader("x", "y"), limit: .bytes(Self.blob.count - 1))
    }

    @Test("a body without an announced length is refused when the limit is passed")
    func chunkedTooLarge() async throws {
        try await Self.expectFailure(
            .tooLarge,
            fault: .oversize(by: 10, isAnnounced: false),
            limit: .bytes(Self.blob.count)
        )
    }

    @Test("the explanation of an error is cut, not refused")
    func explanation() async throws {
        let body = Array(repeating: UInt8(ascii: "e"), count: 200_000)
        try await Self.withBlob(fault: .answer(status: 404, body: body)) { client, url, _ in
            let response = try await client.send(OutboundRequest(.get, url), limit: .bytes(0))
            #expect(response.status == 404)
            #expect(response.body.count == BodyLimit.maximumExplanationBytes)
        }
    }

    @Test("a server that never answers times out")
    func hang() async throws {
        try await Self.expectFailure(.timedOut, fault: .hang, timeouts: .init(overall: .milliseconds(150)))
    }

    @Test("a server that falls silent amid its answer times out by the idle limit")
    func hangMidway() async throws {
        try await Self.expectFailure(
            .timedOut,
            fault: .hangMidway,
            timeouts: .init(idle: .milliseconds(150), overall: .seconds(50))
        )
    }

    @Test("a server that drips times out by the overall limit")
    func drip() async throws {
        try await Self.expectFailure(
            .timedOut,
            fault: .drip(every: .milliseconds(20)),
            timeouts: .init(idle: .seconds(50), overall: .milliseconds(200))
        )
    }

    @Test("the timeout of a request goes before the client's")
    func requestTimeout() async throws {
        try await Self.withBlob(fault: .hang) { client, url, _ in
            await #expect {
                _ = try await client.send(OutboundRequest(.get, url, timeout: .milliseconds(100)), limit: .bytes(1))
            } throws: { "\($0)" == "\(url.authority) timed out: no complete answer within 100 ms" }
        }
    }

    @Test("a connection closed without an answer is lost")
    func closed() async throws {
        try await Self.expectFailure(.connectionLost, fault: .close)
    }

    @Test("a body that breaks off is lost, not short")
    func truncated() async throws {
        try await Self.expectFailure(.connectionLost, fault: .truncate(after: 100))
    }

    @Test("an answer that is not HTTP is malformed")
    func notHTTP() async throws {
        try await Self.expectFailure(.malformed, fault: .raw(Array("220 smtp.example ESMTP\r\n\r\n".utf8)))
    }

    @Test("a port on which nobody listens is unreachable, at once and with the cause")
    func refused() async throws {
        let held = try HeldPort()
        let port = held.number
        try await OutboundHTTPClient.with { client in
            let url = try OutboundURL("http://127.0.0.1:\(port)/")
            await #expect { _ = try await client.send(OutboundRequest(.get, url), limit: .bytes(1)) } throws: { error in
                (error as? OutboundError)?.code == .unreachable
                    && "\(error)" == "127.0.0.1:\(port) cannot be reached: connection refused"
            }
        }
        withExtendedLifetime(held) {}
    }

    @Test("a cancelled request ends with its own code")
    func cancelled() async throws {
        try await Self.withBlob(fault: .hang) { client, url, _ in
            let code = await withTaskGroup(of: OutboundError.Code?.self) { group in
                group.addTask {
                    do throws(OutboundError) {
                        _ = try await client.send(OutboundRequest(.get, url), limit: .bytes(1))
                        return nil
                    } catch {
                        return error.code
                    }
                }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(code == .cancelled)
        }
    }

    @Test("a header field cannot smuggle another")
    func headerInjection() async throws {
        try await Self.withBlob { client, url, server in
            let request = OutboundRequest(.get, url, headers: ["x": "a\r\nauthorization: Bearer hunter2"])
            await #expect { _ = try await client.send(request, limit: .bytes(1)) } throws: { error in
                (error as? OutboundError)?.code == .invalidRequest && !"\(error)".contains("hunter2")
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("a client that was shut down says so")
    func shutDown() async throws {
        let client = try OutboundHTTPClient()
        await client.shutdown()
        let url = try OutboundURL("http://127.0.0.1:1/")
        await #expect { _ = try await client.send(OutboundRequest(.get, url), limit: .bytes(1)) } throws: { error in
            (error as? OutboundError)?.code == .shutDown
        }
    }

    @Test("a stream delivers the body in parts, once")
    func stream() async throws {
        try await Self.withBlob { client, url, _ in
            let (status, bytes) = try await client.stream(OutboundRequest(.get, url)) { stream in
                var bytes: [UInt8] = []
                for try await part in stream.body { bytes += part }
                await #expect(throws: OutboundError.self) { for try await _ in stream.body {} }
                return (stream.status, bytes)
            }
            #expect(status == 200)
            #expect(bytes == Self.blob)
        }
    }

    @Test("a stream may be left early, and the connection does not hold the server up")
    func leaveEarly() async throws {
        try await Self.withBlob(fault: .hangMidway) { client, url, _ in
            let first = try await client.stream(OutboundRequest(.get, url)) { stream in
                for try await part in stream.body { return part.count }
                return 0
            }
            #expect(first > 0)
        }
    }

    @Test("the overall limit of a stream ends with its head; then its silence counts")
    func streamIdle() async throws {
        try await EmbeddedRegistry.with { server in
            let descriptor = try server.push(blob: Self.blob, to: "a/b")
            server.inject(.hangMidway, target: "/blobs/")
            let clock = ManualClock()
            let timeouts = OutboundTimeouts(idle: .seconds(300), overall: .seconds(10))
            try await OutboundHTTPClient.with(OutboundConfiguration(timeouts: timeouts), clock: clock) { client in
                let url = try OutboundURL("http://\(server.host)/v2/a/b/blobs/\(descriptor.digest)")
                await #expect {
                    try await client.stream(OutboundRequest(.get, url)) { stream in
                        clock.advance(by: .seconds(200))
                        var count = 0
                        for try await part in stream.body {
                            count += part.count
                            if count == Self.blob.count / 2 { clock.advance(by: .seconds(301)) }
                        }
                    }
                } throws: { "\($0)" == "\(url.authority) timed out: silent for 300 s amid its answer" }
            }
        }
    }

    @Test("what the reader of a stream throws comes out unchanged")
    func streamThrows() async throws {
        struct Stop: Error {}
        try await Self.withBlob { client, url, _ in
            await #expect(throws: Stop.self) {
                try await client.stream(OutboundRequest(.get, url)) { _ in throw Stop() }
            }
        }
    }

    @Test("a stream that breaks off throws; it does not just end")
    func streamTruncated() async throws {
        try await Self.withBlob(fault: .truncate(after: 100)) { client, url, _ in
            await #expect {
                try await client.stream(OutboundRequest(.get, url)) { stream in for try await _ in stream.body {} }
            } throws: { ($0 as? OutboundError)?.code == .connectionLost }
        }
    }

    @Test("a proxy is asked to connect, with its credentials; the target gets none of them")
    func proxy() async throws {
        let answers = ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]
        try await ScriptedServer.with(answers) { proxy in
            var configuration = OutboundConfiguration()
            configuration.proxies = try ProxySettings(environment: [
                "HTTP_PROXY": "http://user:pass@127.0.0.1:\(proxy.port)"
            ])
            let response = try await OutboundHTTPClient.with(configuration) { client in
                try await client.send(
                    OutboundRequest(.get, try OutboundURL("http://target.example/x")),
                    limit: .bytes(2)
                )
            }
            #expect(response.body == Array("ok".utf8))
            #expect(proxy.heads.count == 2)
            #expect(proxy.heads.first?.hasPrefix("CONNECT target.example:80 HTTP/1.1\r\n") == true)
            #expect(proxy.heads.first?.contains("Basic dXNlcjpwYXNz") == true)
            #expect(proxy.heads.last?.hasPrefix("GET /x HTTP/1.1\r\nhost: target.example\r\n") == true)
            #expect(proxy.heads.last?.contains("dXNlcjpwYXNz") == false)
        }
    }

    @Test(
        "a proxy that refuses is named as the cause",
        arguments: [
            "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        ]
    )
    func proxyRefuses(answer: String) async throws {
        try await ScriptedServer.with([answer]) { proxy in
            var configuration = OutboundConfiguration()
            configuration.proxies = try ProxySettings(environment: ["HTTP_PROXY": "127.0.0.1:\(proxy.port)"])
            try await OutboundHTTPClient.with(configuration) { client in
                let request = OutboundRequest(.get, try OutboundURL("http://target.example/x"))
                await #expect { _ = try await client.send(request, limit: .bytes(2)) } throws: { error in
                    (error as? OutboundError)?.code == .proxyRefused
                }
            }
        }
    }
}
