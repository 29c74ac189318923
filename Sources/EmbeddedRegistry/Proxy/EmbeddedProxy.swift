internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// A stand-in for a proxy, for tests: on 127.0.0.2 it writes down what it is asked for, by HTTP or SOCKS, and connects to
/// that port of 127.0.0.1.
public final class EmbeddedProxy: Sendable {
    /// What it does when it is asked.
    public enum Behaviour: Sendable {
        /// Connect.
        case connect
        /// Say this instead, and nothing more.
        case say(String)
        /// Close.
        case close
    }

    fileprivate struct Notes {
        var asked: [String] = []
        var heads: [String] = []
        var connections = 0
    }

    /// Where it listens.
    public let port: Int
    private let listener: any Channel
    private let notes: Recorder

    fileprivate final class Recorder: Sendable {
        private let notes = Mutex(Notes())
        func connected() { notes.withLock { $0.connections += 1 } }
        func asked(_ server: String, _ head: String) {
            notes.withLock {
                $0.asked.append(server)
                $0.heads.append(head)
            }
        }
        var current: Notes { notes.withLock { $0 } }
    }

    private init(_ listener: any Channel, _ notes: Recorder) {
        self.listener = listener
        self.notes = notes
        port = listener.localAddress?.port ?? 0
    }

    /// The servers it was asked for, in order.
    public var asked: [String] { notes.current.asked }
    /// What it was asked with over HTTP.
    public var heads: [String] { notes.current.heads }
    /// How many connections it accepted.
    public var connections: Int { notes.current.connections }

    /// Runs `body` with a proxy.
    ///
    /// - Parameters:
    ///   - identity: its certificate and key; `nil` for a proxy without TLS.
    ///   - clientAuthority: who must have issued the certificate of every caller, PEM; `nil` to ask for none.
    ///   - behaviour: what it does when it is asked.
    ///   - body: what to do with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public static func with<Result: Sendable>(
        identity: (certificate: String, key: String)? = nil,
        clientAuthority: String? = nil,
        _ behaviour: Behaviour = .connect,
        _ body: (EmbeddedProxy) async throws -> Result
    ) async throws -> Result {
        let tls = try identity.map { identity in
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
                    .map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
            )
            if let clientAuthority {
                configuration.certificateVerification = .noHostnameVerification
                configuration.trustRoots = .certificates(
                    try NIOSSLCertificate.fromPEMBytes(Array(clientAuthority.utf8))
                )
            }
            return try NIOSSLContext(configuration: configuration)
        }
        let notes = Recorder()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    notes.connected()
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ProxySide(notes, behaviour))
                }
            }
            .bind(host: "127.0.0.2", port: 0).get()
        do {
            let result = try await body(EmbeddedProxy(listener, notes))
            try? await listener.close().get()
            return result
        } catch {
            try? await listener.close().get()
            throw error
        }
    }
}

/// The proxy's end of a client's connection: HTTP or SOCKS, by its first byte.
private final class ProxySide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let notes: EmbeddedProxy.Recorder
    private let behaviour: EmbeddedProxy.Behaviour
    private var bytes: [UInt8] = []
    private var server: (any Channel)?

    init(_ notes: EmbeddedProxy.Recorder, _ behaviour: EmbeddedProxy.Behaviour) {
        self.notes = notes
        self.behaviour = behaviour
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        if let server { return server.writeAndFlush(buffer, promise: nil) }
        bytes += buffer.readableBytesView
        if bytes.first == 5 { socks(context) } else { http(context) }
    }

    func channelInactive(context: ChannelHandlerContext) { server?.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func http(_ context: ChannelHandlerContext) {
        let head = String(decoding: bytes, as: UTF8.self)
        guard head.hasSuffix("\r\n\r\n") else { return }
        bytes = []
        let asked = String(head.split(separator: " ").dropFirst().first ?? "")
        notes.asked(asked, head)
        switch behaviour {
        case .connect:
            connect(context, Int(asked.split(separator: ":").last ?? "") ?? 0, "HTTP/1.1 200 OK\r\nx: y\r\n\r\n")
        case .say(let words): write(words, context)
        case .close: context.close(promise: nil)
        }
    }

    private func socks(_ context: ChannelHandlerContext) {
        if bytes == [5, 1, 0] {
            bytes = []
            return write("\u{5}\u{0}", context)
        }
        guard bytes.count > 5 else { return }
        let port = Int(bytes[bytes.count - 2]) << 8 | Int(bytes[bytes.count - 1])
        let host =
            bytes[3] == 3
            ? String(decoding: bytes.dropFirst(5).dropLast(2), as: UTF8.self)
            : bytes.dropFirst(4).dropLast(2).map { "\($0)" }.joined(separator: ".")
        notes.asked("\(host):\(port)", "")
        bytes = []
        connect(context, port, "\u{5}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}")
    }

    private func connect(_ context: ChannelHandlerContext, _ port: Int, _ answer: String) {
        let client = context.channel
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ServerSide(client))
                }
            }
            .connect(host: "127.0.0.1", port: port).assumeIsolated().whenComplete { result in
                guard case .success(let server) = result else { return context.close(promise: nil) }
                self.server = server
                self.write(answer, context)
            }
    }

    private func write(_ words: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: words)), promise: nil)
    }
}

/// The proxy's end of its connection to a server.
private final class ServerSide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(_ client: any Channel) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
}
