import EmbeddedRegistry
import KubernetesAPI
import KubernetesClient
import NIOCore
import NIOPosix
import OutboundHTTP
import Synchronization
import TestCertificates
import TestTiming
import Testing

/// What a configuration says about connections, seen on the connections.
@Suite("Connections as configured", .timeLimit(.minutes(2)))
struct ConfiguredConnectionTests {
    /// The outcome of a request to a TLS server whose certificate has these names.
    private static func outcome(
        names: [String],
        addresses: [[UInt8]],
        _ change: (inout ClusterConfiguration) throws -> Void
    ) async throws -> Result<Int, TransportError> {
        let authority = try TestAuthority()
        let identity = try authority.issue(names: names, addresses: addresses)
        var settings = EmbeddedRegistryConfiguration()
        settings.tls = .init(certificateChainPEM: identity.certificate, privateKeyPEM: identity.key)
        return try await EmbeddedRegistry.with(settings) { server in
            var configuration = ClusterConfiguration(
                server: try OutboundURL("https://\(server.host)"),
                source: "the test"
            )
            configuration.certificateAuthority = Array(try authority.pem.utf8)
            try change(&configuration)
            let transport = try HTTPAPITransport(configuration)
            let result: Result<Int, TransportError>
            do {
                result = .success(try await transport.send(APIRequest(.get, "/v2/")).status)
            } catch let error as TransportError {
                result = .failure(error)
            }
            await transport.shutdown()
            return result
        }
    }

    private static func code(_ result: Result<Int, TransportError>) -> TransportError.Code? {
        guard case .failure(let error) = result else { return nil }
        return error.code
    }

    @Test("a server whose certificate has another name is refused, and trusted under its tls-server-name")
    func serverName() async throws {
        let refused = try await Self.outcome(names: ["api.internal"], addresses: []) { _ in }
        #expect(Self.code(refused) == .insecure)
        let named = try await Self.outcome(names: ["api.internal"], addresses: []) { $0.tlsServerName = "api.internal" }
        #expect(try named.get() == 200)
        let misnamed = try await Self.outcome(names: ["api.internal"], addresses: []) { $0.tlsServerName = "other" }
        #expect(Self.code(misnamed) == .insecure)
    }

    @Test("insecure-skip-tls-verify trusts whoever answers, and nothing else does")
    func insecure() async throws {
        let other = try TestAuthority()
        for isInsecure in [false, true] {
            let result = try await Self.outcome(names: [], addresses: [[127, 0, 0, 1]]) { configuration in
                configuration.certificateAuthority = isInsecure ? nil : Array(try other.pem.utf8)
                configuration.isInsecure = isInsecure
            }
            #expect(Self.code(result) == (isInsecure ? nil : .insecure))
        }
    }

    @Test("a request goes to the proxy that the configuration names")
    func proxy() async throws {
        let asked = Mutex(0)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                asked.withLock { $0 += 1 }
                return channel.close()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        let result = try await Self.outcome(names: [], addresses: [[127, 0, 0, 1]]) { configuration in
            // Loopback addresses are never proxied.
            configuration.server = try OutboundURL("https://api.example.com")
            configuration.proxies = ProxySettings(
                https: try ProxyServer("http://127.0.0.1:\(port)", source: "the test")
            )
        }
        #expect(Self.code(result) != nil && asked.withLock { $0 } > 0)
        try await listener.close().get()
    }

    @Test("300 watches are open at the same time, and none waits for another's connection")
    func manyWatches() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 512)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EndlessAnswer())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let configuration = ClusterConfiguration(
            server: try OutboundURL("http://127.0.0.1:\(listener.localAddress?.port ?? 0)"),
            source: "the test"
        )
        let transport = try HTTPAPITransport(configuration)
        let watches = OpenWatches(expected: 300)
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<300 {
                    group.addTask {
                        try await transport.stream(APIRequest(.get, "/watch")) { _ in await watches.joined() }
                    }
                }
                try await group.waitForAll()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        try await listener.close().get()
        try result.get()
        #expect(watches.count == 300)
    }
}

/// Keeps watches open until there are as many as expected.
private final class OpenWatches: Sendable {
    private let expected: Int
    private let opened = Mutex(0)
    private let areAllOpen = Latch()

    init(expected: Int) { self.expected = expected }

    var count: Int { opened.withLock { $0 } }

    func joined() async {
        let count = opened.withLock { count in
            count += 1
            return count
        }
        if count == expected { areAllOpen.open() }
        await areAllOpen.wait()
    }
}

/// Begins an answer to a request, and never ends it.
private final class EndlessAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
    }
}
