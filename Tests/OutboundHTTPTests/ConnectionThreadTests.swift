import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import OutboundHTTP

/// Which thread carries a connection is found out there: permission to send is asked on the thread of the connection.
@Suite("A thread for the connections of a few clients", .timeLimit(.minutes(1)))
struct ConnectionThreadTests {
    private static let done = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"

    /// The event loops of the threads that all clients share.
    private static let shared = Set(MultiThreadedEventLoopGroup.singleton.makeIterator().map { ObjectIdentifier($0) })

    private static func configuration(_ thread: ConnectionThread) -> OutboundConfiguration {
        var configuration = OutboundConfiguration()
        configuration.thread = thread
        return configuration
    }

    /// The event loop that carries the connection of a request.
    private static func loop(of client: some HTTPExchange, _ url: OutboundURL) async throws -> ObjectIdentifier {
        let found = Mutex<ObjectIdentifier?>(nil)
        var request = OutboundRequest(.get, url)
        request.isPermitted = {
            let loop = MultiThreadedEventLoopGroup.currentEventLoop.map { ObjectIdentifier($0) }
            found.withLock { $0 = loop }
            return true
        }
        _ = try await client.send(request, limit: .bytes(0))
        let loop = found.withLock { $0 }
        return try #require(loop)
    }

    @Test("carries every connection of its clients, and none of others")
    func own() async throws {
        let thread = ConnectionThread()
        let configuration = Self.configuration(thread)
        try await ScriptedServer.with(Array(repeating: Self.done, count: 4)) { server in
            let url = try OutboundURL("http://127.0.0.1:\(server.port)/x")
            let loops = try await OutboundHTTPClient.with(configuration) { one in
                try await OutboundHTTPClient.with(configuration) { other in
                    let first = try await Self.loop(of: one, url)
                    let second = try await Self.loop(of: other, url)
                    return [first, second, try await Self.loop(of: one, url)]
                }
            }
            #expect(Set(loops).count == 1 && Self.shared.isDisjoint(with: loops))
            let common = try await OutboundHTTPClient.with { try await Self.loop(of: $0, url) }
            #expect(Self.shared.contains(common))
        }
        #expect(thread.users == 0)
        await thread.shutdown()
    }

    @Test("carries the connections through proxies too")
    func throughProxy() async throws {
        let thread = ConnectionThread()
        var configuration = Self.configuration(thread)
        let connected = "HTTP/1.1 200 Connection established\r\n\r\n"
        try await ScriptedServer.with([connected, Self.done]) { server in
            configuration.proxies = ProxySettings(
                http: try ProxyServer("http://127.0.0.1:\(server.port)", source: "the test")
            )
            let url = try OutboundURL("http://192.0.2.1/x")
            let loop = try await OutboundHTTPClient.with(configuration) { try await Self.loop(of: $0, url) }
            #expect(!Self.shared.contains(loop), "\(server.heads)")
        }
        #expect(thread.users == 0)
        await thread.shutdown()
    }

    @Test("stays the same when certificates are renewed")
    func renewal() async throws {
        let thread = ConnectionThread()
        try await ScriptedServer.with([Self.done, Self.done]) { server in
            let url = try OutboundURL("http://127.0.0.1:\(server.port)/x")
            let client = try RotatingHTTPClient(Self.configuration(thread))
            let before = try await Self.loop(of: client, url)
            try client.use(TLSSettings(withoutVerificationUnsafe: true))
            let after = try await Self.loop(of: client, url)
            await client.shutdown()
            #expect(before == after && !Self.shared.contains(before))
        }
        #expect(thread.users == 0)
        await thread.shutdown()
    }

    @Test("ends with the last of its clients, and takes no new one meanwhile")
    func end() async throws {
        let thread = ConnectionThread()
        let configuration = Self.configuration(thread)
        let client = try OutboundHTTPClient(configuration)
        #expect(thread.users == 1)
        await thread.shutdown()
        let refused = #expect(throws: OutboundError.self) { _ = try OutboundHTTPClient(configuration) }
        #expect(refused?.code == .shutDown)
        await client.shutdown()
        await client.shutdown()
        #expect(thread.users == 0)
        let request = OutboundRequest(.get, try OutboundURL("http://127.0.0.1:1/"))
        let late = await #expect(throws: OutboundError.self) { _ = try await client.send(request, limit: .bytes(1)) }
        #expect(late?.code == .shutDown)
        await thread.shutdown()
    }
}
