import OutboundHTTP
import Synchronization
import TestTiming
import Testing

/// Requests that may only leave while someone permits it.
@Suite("Permission to send", .timeLimit(.minutes(1)))
struct PermissionTests {
    private static let done = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"

    private static func request(
        _ server: ScriptedServer,
        body: String?,
        _ isPermitted: @escaping @Sendable () -> Bool
    ) throws -> OutboundRequest {
        let url = try OutboundURL("http://127.0.0.1:\(server.port)/x")
        var request = OutboundRequest(.post, url, body: body.map { Array($0.utf8) })
        request.isPermitted = isPermitted
        return request
    }

    private static func code(_ body: () async throws -> Void) async -> OutboundError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? OutboundError)?.code
        }
    }

    @Test("a request that is permitted arrives whole, with its length")
    func permitted() async throws {
        try await ScriptedServer.with([Self.done]) { server in
            try await OutboundHTTPClient.with { client in
                let request = try Self.request(server, body: "the body") { true }
                let response = try await client.send(request, limit: .bytes(0))
                #expect(response.status == 200)
                #expect(server.heads.first?.lowercased().contains("content-length: 8\r\n") == true)
                // The server answers the head alone; what came after it is read when the next request asks for it.
                _ = try? await client.send(request, limit: .bytes(0))
                #expect(server.text.contains("the body"))
            }
        }
    }

    @Test("a request that is not permitted fails, and nothing of it arrives", arguments: ["the body", "", nil])
    func refused(_ body: String?) async throws {
        try await ScriptedServer.with([]) { server in
            try await OutboundHTTPClient.with { client in
                let code = await Self.code {
                    _ = try await client.send(Self.request(server, body: body) { false }, limit: .bytes(0))
                }
                #expect(code == .withheld)
                #expect(!server.text.contains("the body"))
                #expect(server.text.isEmpty)
            }
        }
    }

    @Test("a body is held back though its head was sent")
    func refusedBody() async throws {
        try await ScriptedServer.with([""]) { server in
            try await OutboundHTTPClient.with { client in
                let questions = Mutex(0)
                let request = try Self.request(server, body: "the body") {
                    questions.withLock {
                        $0 += 1; return $0 == 1
                    }
                }
                #expect(await Self.code { _ = try await client.send(request, limit: .bytes(0)) } == .withheld)
                #expect(!server.text.contains("the body"))
            }
        }
    }

    @Test("what is sent through a proxy is asked about too")
    func throughProxy() async throws {
        let connected = "HTTP/1.1 200 Connection established\r\n\r\n"
        try await ScriptedServer.with([connected, connected, Self.done]) { server in
            var configuration = OutboundConfiguration()
            configuration.proxies = ProxySettings(
                http: try ProxyServer("http://127.0.0.1:\(server.port)", source: "the test")
            )
            try await OutboundHTTPClient.with(configuration) { client in
                var request = OutboundRequest(
                    .post,
                    try OutboundURL("http://192.0.2.1/x"),
                    body: Array("the body".utf8)
                )
                request.isPermitted = { false }
                let code = await Self.code { _ = try await client.send(request, limit: .bytes(0)) }
                #expect(code == .withheld, "\(server.heads)")
                #expect(!server.text.contains("the body"))
                request.isPermitted = { true }
                // The server answers the head alone: the body before it is read when the next request comes.
                for _ in 0..<2 { _ = try? await client.send(request, limit: .bytes(0)) }
                #expect(server.text.contains("the body") && !server.text.contains("permission"))
            }
        }
    }

    @Test("over HTTP/2, where nobody could be asked, such a request is refused")
    func overHTTP2() async throws {
        var configuration = OutboundConfiguration()
        configuration.allowsHTTP2 = true
        try await OutboundHTTPClient.with(configuration) { client in
            var request = OutboundRequest(.post, try OutboundURL("https://127.0.0.1:1/x"), body: [1])
            request.isPermitted = { true }
            #expect(await Self.code { _ = try await client.send(request, limit: .bytes(0)) } == .invalidRequest)
        }
    }

    @Test("a request that waits for a connection is asked about when it has one")
    func waiting() async throws {
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf "
        try await ScriptedServer.with([half, Self.done]) { server in
            var configuration = OutboundConfiguration()
            configuration.connectionsPerHost = 1
            try await OutboundHTTPClient.with(configuration) { client in
                let mayGo = Mutex(true)
                let (isTaken, mayEnd, isAsked) = (Latch(), Latch(), Latch())
                async let first: Void = client.stream(Self.request(server, body: nil) { true }) { _ in
                    isTaken.open()
                    await mayEnd.wait()
                }
                await isTaken.wait()
                async let second = Self.code {
                    let request = try Self.request(server, body: "the body") {
                        isAsked.open()
                        return mayGo.withLock(\.self)
                    }
                    _ = try await client.send(request, limit: .bytes(0))
                }
                for _ in 0..<1000 { await Task.yield() }
                #expect(!isAsked.isOpen)
                mayGo.withLock { $0 = false }
                mayEnd.open()
                try await first
                let code = await second
                #expect(code == .withheld)
                #expect(!server.text.contains("the body"))
            }
        }
    }
}
