import Foundation
import Synchronization
import Testing

@testable import OperatorEndpoints

/// What is served, to whom it is not, and what a hostile client can take.
@Suite("Endpoint server", .timeLimit(.minutes(10)))
struct EndpointServerTests {
    private static let hello = Endpoint(path: "/hello") { query in
        Endpoint.Answer(
            contentType: "text/x-hello",
            body: Array("hello \(query.values("name").joined(separator: "+")) \(query.accept ?? "-")".utf8)
        )
    }

    private static func request(_ method: String, _ target: String, _ headers: [String] = []) -> String {
        (["\(method) \(target) HTTP/1.1", "host: a", "connection: close"] + headers).joined(separator: "\r\n")
            + "\r\n\r\n"
    }

    @Test("GET is answered with the body, HEAD with the same headers and none")
    func reading() async throws {
        try await ServedEndpoints.with([Self.hello]) { port in
            let get = try await RawClient.response(
                Self.request("GET", "/hello?name=a&x&name=b%20c", ["accept: text/plain"]),
                port: port
            )
            #expect(get.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(get.hasSuffix("\r\n\r\nhello a+b c text/plain"))
            for header in ["Content-Type: text/x-hello", "X-Content-Type-Options: nosniff", "Content-Length: 22"] {
                #expect(get.lowercased().contains(header.lowercased()), "\(header)")
            }
            let head = try await RawClient.response(Self.request("HEAD", "/hello?name=a"), port: port)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(head.lowercased().contains("content-length: 9\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test(
        "other methods are refused with the ones there are",
        arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
    )
    func methods(_ method: String) async throws {
        try await ServedEndpoints.with([Self.hello]) { port in
            let answer = try await RawClient.response(Self.request(method, "/hello"), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"), "\(answer)")
            #expect(answer.lowercased().contains("allow: get, head\r\n"))
            #expect(answer.hasSuffix("/hello is read with GET or HEAD\n"))
        }
    }

    @Test(
        "other paths are not there, and nothing of them is repeated",
        arguments: ["/", "/hello/", "/hello/../hello", "//hello", "/HELLO", "/%68ello", "/<script>", "/hello%00"]
    )
    func paths(_ path: String) async throws {
        try await ServedEndpoints.with([Self.hello]) { port in
            let answer = try await RawClient.response(Self.request("GET", path), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n"), "\(answer)")
            #expect(answer.lowercased().contains("content-type: text/plain; charset=utf-8\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nnothing is served at this path; there are /hello\n"))
        }
    }

    @Test("headers that are too long, or too many, end the connection and are never looked at")
    func headers() async throws {
        let asked = Mutex(0)
        let counting = Endpoint(path: "/hello") { _ in
            asked.withLock { $0 += 1 }
            return Endpoint.Answer(body: [])
        }
        try await ServedEndpoints.with([counting]) { port in
            for headers in [
                ["x: " + String(repeating: "a", count: 20_000)], (0..<200).map { "x-\($0): a" },
                (0..<90).map { "x-\($0): " + String(repeating: "a", count: 1000) },
            ] {
                let answer = try await RawClient.response(Self.request("GET", "/hello", headers), port: port)
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
            }
            let long = "/hello?" + String(repeating: "a", count: 100_000)
            let answer = try await RawClient.response(Self.request("GET", long), port: port)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(100))")
            #expect(asked.withLock(\.self) == 0)
            let good = try await RawClient.response(Self.request("GET", "/hello"), port: port)
            #expect(good.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test(
        "what is no HTTP is answered with 400 or nothing, and does no harm",
        arguments: [
            "\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET /hello HTTP/9.9\r\n\r\n",
            "\u{16}\u{3}\u{1}\r\n\r\n",
        ]
    )
    func garbage(_ bytes: String) async throws {
        var limits = ServerLimits()
        limits.idle = .seconds(10)
        try await ServedEndpoints.with([Self.hello], limits: limits) { port in
            let answer = try await RawClient.response(bytes, port: port)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
            let good = try await RawClient.response(Self.request("GET", "/hello"), port: port)
            #expect(good.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("a client that says nothing, or never finishes its headers, is sent away")
    func slowRequests() async throws {
        var limits = ServerLimits()
        limits.idle = .milliseconds(300)
        try await ServedEndpoints.with([Self.hello], limits: limits) { port in
            for beginning in ["", "GET /hello HTTP/1.1\r\nhost: a\r\nx: "] {
                let answer = try await RawClient.response(beginning, port: port)
                #expect(answer.isEmpty, "\(answer)")
            }
        }
    }

    @Test("a client that sends its body for ever is sent away when the connection's time is over")
    func slowBody() async throws {
        var limits = ServerLimits()
        limits.lifetime = .seconds(10)
        limits.grace = .milliseconds(200)
        try await ServedEndpoints.with([Self.hello], limits: limits) { port in
            try await RawClient.with(port: port) { exchange in
                try await exchange.send("GET /hello HTTP/1.1\r\nhost: a\r\ncontent-length: 60000\r\n\r\n")
                #expect(try await exchange.readToEnd().hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test(
        "a body that is longer than anybody needs, or of no known length, ends the connection and is not waited for",
        arguments: [
            "content-length: 1000000000", "content-length: 65537", "transfer-encoding: chunked",
            "content-length: 99999999999999999999999",
        ]
    )
    func longBody(_ header: String) async throws {
        let asked = Mutex(0)
        let counting = Endpoint(path: "/hello") { _ in
            asked.withLock { $0 += 1 }
            return Endpoint.Answer(body: [])
        }
        try await ServedEndpoints.with([counting]) { port in
            for method in ["GET", "POST"] {
                try await RawClient.with(port: port) { exchange in
                    try await exchange.send("\(method) /hello HTTP/1.1\r\nhost: a\r\n\(header)\r\n\r\n")
                    let answer = try await exchange.readToEnd()
                    #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
                }
            }
            #expect(asked.withLock(\.self) == 0)
        }
    }

    @Test("a client that does not read is sent away too")
    func slowReader() async throws {
        var limits = ServerLimits()
        limits.lifetime = .seconds(10)
        limits.grace = .milliseconds(200)
        let (asked, asking) = AsyncStream.makeStream(of: Void.self)
        let large = Endpoint(path: "/large") { _ in
            asking.yield()
            return Endpoint.Answer(body: Array(repeating: 0x61, count: 64 << 20))
        }
        try await ServedEndpoints.with([large], limits: limits) { port in
            try await RawClient.with(port: port) { exchange in
                try await exchange.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
                _ = await asked.first { _ in true }
                // Two connections one after the other, each for a lifetime, are longer than one with its grace.
                for _ in 0..<2 { #expect(try await RawClient.response("", port: port).isEmpty) }
                #expect(try await exchange.readToEnd().utf8.count < 64 << 20)
            }
        }
    }

    @Test("those who say nothing do not keep others out: who has waited longest makes room")
    func connections() async throws {
        var limits = ServerLimits()
        limits.connections = 2
        limits.lifetime = .seconds(600)
        limits.idle = .seconds(600)
        try await ServedEndpoints.with([Self.hello], limits: limits) { port in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                // More than there are places, all of them silent.
                for _ in 0..<20 { group.addTask { try await RawClient.response("", port: port).isEmpty } }
                for _ in 0..<18 { #expect(try await group.next() == true) }
                for _ in 0..<10 {
                    let answer = try await RawClient.response(Self.request("GET", "/hello"), port: port)
                    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
                }
                group.cancelAll()
            }
        }
    }

    @Test("among those who are answered and do not read, who is answered longest makes room")
    func answers() async throws {
        var limits = ServerLimits()
        limits.answers = 2
        limits.lifetime = .seconds(60)
        let (asked, asking) = AsyncStream.makeStream(of: Void.self)
        let large = Endpoint(path: "/large") { _ in
            asking.yield()
            return Endpoint.Answer(body: Array(repeating: 0x61, count: 64 << 20))
        }
        try await ServedEndpoints.with([large, Self.hello], limits: limits) { port in
            try await RawClient.with(port: port) { first in
                try await RawClient.with(port: port) { second in
                    var questions = asked.makeAsyncIterator()
                    for client in [first, second] {
                        try await client.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
                        await questions.next()
                    }
                    let answer = try await RawClient.response(Self.request("GET", "/hello"), port: port)
                    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    #expect(try await first.readToEnd().utf8.count < 64 << 20)
                    #expect(try await second.read(until: "aaaa").contains("aaaa"))
                }
            }
        }
    }

    @Test("one connection serves many requests")
    func keepAlive() async throws {
        try await ServedEndpoints.with([Self.hello]) { port in
            try await RawClient.with(port: port) { exchange in
                for number in 0..<20 {
                    try await exchange.send("GET /hello?name=\(number) HTTP/1.1\r\nhost: a\r\n\r\n")
                    #expect(try await exchange.read(until: "hello \(number) -").hasPrefix("HTTP/1.1 200 OK\r\n"))
                }
            }
        }
    }
}
