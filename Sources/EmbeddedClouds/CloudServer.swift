internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// An ``EmbeddedCloud`` on a port of this machine, over TLS.
public final class CloudServer: Sendable {
    /// `127.0.0.1:port`.
    public let authority: String
    private let listener: any Channel

    private init(_ listener: any Channel, _ authority: String) {
        self.listener = listener
        self.authority = authority
    }

    /// Runs `body` with a server that is stopped afterwards, whatever happens.
    ///
    /// - Parameters:
    ///   - cloud: what answers; it is moved to the port.
    ///   - certificatePEM: the server's certificate, for 127.0.0.1.
    ///   - keyPEM: its key.
    ///   - body: what is done with it.
    /// - Returns: what `body` returns.
    /// - Throws: what the network or `body` throws.
    public static func with<Result: Sendable>(
        _ cloud: any EmbeddedCloud,
        certificatePEM: String,
        keyPEM: String,
        _ body: (CloudServer) async throws -> Result
    ) async throws -> Result {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificatePEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
        )
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(CloudConnection(cloud))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let authority = "127.0.0.1:\(listener.localAddress?.port ?? 0)"
        cloud.move(to: authority)
        let server = CloudServer(listener, authority)
        do {
            let result = try await body(server)
            try? await listener.close().get()
            return result
        } catch {
            try? await listener.close().get()
            throw error
        }
    }
}

/// One connection.
private final class CloudConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let maximumBody = 1 << 20
    private static let framing: Set<String> = ["host", "content-length", "connection", "transfer-encoding"]

    private let cloud: any EmbeddedCloud
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ cloud: any EmbeddedCloud) { self.cloud = cloud }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            guard body.count + part.readableBytes <= Self.maximumBody else { return context.close(promise: nil) }
            body += part.readableBytesView
        case .end:
            guard let head else { return }
            var headers: [String: String] = [:]
            for field in head.headers where !Self.framing.contains(field.name.lowercased()) {
                headers[field.name.lowercased()] = field.value
            }
            let answer = cloud.answer(
                CloudRequest(
                    method: head.method.rawValue,
                    isEncrypted: true,
                    host: head.headers.first(name: "host") ?? "",
                    target: head.uri,
                    headers: headers,
                    body: body
                )
            )
            send(answer, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func send(_ answer: CloudAnswer, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
        headers.replaceOrAdd(name: "content-length", value: "\(answer.body.count)")
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
