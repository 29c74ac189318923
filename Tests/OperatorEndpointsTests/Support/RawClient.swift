import NIOCore
import NIOPosix
import NIOSSL

/// A connection on which a test sends whatever it likes, and reads when it likes.
final class RawClient: Sendable {
    /// Hands what arrives to a stream, which ends with the connection, in whatever way that ends.
    private final class Receiver: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let received: AsyncStream<ByteBuffer>.Continuation

        init(_ received: AsyncStream<ByteBuffer>.Continuation) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { received.yield(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { received.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel
    private let received: AsyncStream<ByteBuffer>

    private init(port: Int, tls: NIOSSLContext?) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        received = stream
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // A handshake is read as it comes.
            .channelOption(.autoRead, value: tls != nil)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: "vigil")
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(Receiver(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// Opens a connection, in TLS to a server called `vigil` if told, hands it to `body` and closes it.
    static func with<Result: Sendable>(
        port: Int,
        tls: NIOSSLContext? = nil,
        _ body: (RawClient) async throws -> Result
    ) async throws -> Result {
        let client = try await RawClient(port: port, tls: tls)
        do {
            let result = try await body(client)
            try? await client.channel.close().get()
            return result
        } catch {
            try? await client.channel.close().get()
            throw error
        }
    }

    /// Sends a request on a connection of its own and reads until the server closes it.
    static func response(_ request: String, port: Int, tls: NIOSSLContext? = nil) async throws -> String {
        try await with(port: port, tls: tls) { client in
            try await client.send(request)
            return try await client.readToEnd()
        }
    }

    /// Sends bytes; a server that has closed already does not get them.
    func send(_ text: String) async throws { try? await channel.writeAndFlush(ByteBuffer(string: text)).get() }

    /// Reads until what has come since the beginning of this call contains `text`, or the server closes.
    func read(until text: String) async throws -> String {
        try? await channel.setOption(.autoRead, value: true).get()
        var bytes = ""
        for await buffer in received {
            bytes += String(buffer: buffer)
            if bytes.contains(text) { break }
        }
        return bytes
    }

    /// Reads until the server closes the connection.
    func readToEnd() async throws -> String {
        try? await channel.setOption(.autoRead, value: true).get()
        var all = ByteBuffer()
        for await buffer in received { all.writeImmutableBuffer(buffer) }
        return String(buffer: all)
    }
}
