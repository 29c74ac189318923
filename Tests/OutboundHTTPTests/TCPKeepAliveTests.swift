import NIOCore
import NIOPosix
import Testing

@testable import OutboundHTTP

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Probes of connections", .timeLimit(.minutes(5)))
struct TCPKeepAliveTests {
    @Test("the kernel has the settings")
    func options() async throws {
        try await ScriptedServer.with([]) { server in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: server.port).get()
            let keepAlive = TCPKeepAlive(idleSeconds: 31, intervalSeconds: 11, probes: 4, unacknowledgedLimit: 46_000)
            try await keepAlive.apply(to: channel).get()
            for (option, value) in keepAlive.socketOptions {
                #expect(try await channel.getOption(option).get() == value)
            }
            #expect(keepAlive.socketOptions.count == 5)
            try await channel.close().get()
        }
    }

    @Test("what the kernel holds of a request that is given up is forgotten if so wished", arguments: [false, true])
    func unsent(discards: Bool) async throws {
        let reader = LateReader()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_rcvbuf), value: 4096)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(reader) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        var configuration = OutboundConfiguration()
        configuration.keepAlive.discardsUnsent = discards
        try await OutboundHTTPClient.with(configuration) { client in
            let url = try OutboundURL("http://127.0.0.1:\(listener.localAddress?.port ?? 0)/")
            var request = OutboundRequest(.post, url)
            request.body = [UInt8](repeating: 7, count: 1 << 20)
            let isSent = AsyncStream<Void>.makeStream()
            request.isPermitted = {
                isSent.continuation.yield()
                return true
            }
            let sent = request
            let sending = Task { try await client.send(sent, limit: .bytes(1)) }
            // The head was asked about, and the body.
            var asked = isSent.stream.makeAsyncIterator()
            for _ in 0..<2 { await asked.next() }
            sending.cancel()
            _ = await sending.result
        }
        let end = try await reader.readOn()
        #expect(end == (discards ? .reset : .ended))
        try await listener.close().get()
    }

    @Test("every connection of a client is probed, after half a minute of silence")
    func connections() async throws {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx"
        try await ScriptedServer.with([answer]) { server in
            try await OutboundHTTPClient.with { client in
                let url = try OutboundURL("http://127.0.0.1:\(server.port)/")
                try await client.stream(OutboundRequest(.get, url)) { stream in
                    for try await _ in stream.body {
                        let found = try Self.timer(remotePort: server.port)
                        let timer = try #require(found)
                        #expect(timer.kind == "02", "no probes are due")
                        // In hundredths of a second; without the settings it would be two hours.
                        #expect((1...3000).contains(timer.hundredths))
                        return
                    }
                }
            }
        }
    }

    /// The timer of the connection to a port of this machine, as /proc/net/tcp shows it: 02 is the probe's.
    private static func timer(remotePort: Int) throws -> (kind: String, hundredths: Int)? {
        let table = try contents("/proc/self/net/tcp")
        let port = ":" + String(String(0x10000 + remotePort, radix: 16, uppercase: true).suffix(4))
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[2].hasSuffix(port), fields[3] == "01" else { continue }
            let parts = fields[5].split(separator: ":")
            guard parts.count == 2, let time = Int(parts[1], radix: 16) else { continue }
            return (String(parts[0]), time)
        }
        return nil
    }

    /// A file of the kernel's has no size, and must be read until nothing more comes.
    private static func contents(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&part, 1, part.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += part.prefix(count)
        }
    }
}

/// The server's end of one connection, which reads nothing until it is told to.
private final class LateReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    enum End: Equatable { case ended, reset }

    private let connection = AsyncStream<any Channel>.makeStream()
    private let ends = AsyncStream<End>.makeStream()

    func channelActive(context: ChannelHandlerContext) { connection.continuation.yield(context.channel) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ends.continuation.yield(.reset)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { ends.continuation.yield(.ended) }

    /// Reads to the end, and returns how it came.
    func readOn() async throws -> End? {
        var connections = connection.stream.makeAsyncIterator()
        let channel = await connections.next()
        try? await channel?.setOption(.autoRead, value: true).get()
        var iterator = ends.stream.makeAsyncIterator()
        return await iterator.next()
    }
}
