internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// ``EmbeddedAzure`` on a port of this machine, over TLS.
///
/// Every service answers at the one address: `settings` are changed so that their hosts are it, except for the metadata
/// service, which is asked over plain HTTP at an address of the link and so cannot be here.
public final class AzureServer: Sendable {
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
    ///   - azure: what answers.
    ///   - certificatePEM: the server's certificate, for 127.0.0.1.
    ///   - keyPEM: its key.
    ///   - body: what is done with it.
    /// - Returns: what `body` returns.
    /// - Throws: what the network or `body` throws.
    public static func with<Result: Sendable>(
        _ azure: EmbeddedAzure,
        certificatePEM: String,
        keyPEM: String,
        _ body: (AzureServer) async throws -> Result
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
                    try pipeline.addHandler(AzureConnection(azure))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let authority = "127.0.0.1:\(listener.localAddress?.port ?? 0)"
        azure.update { settings in
            settings.authorityHost = authority
            settings.registryHost = authority
        }
        let server = AzureServer(listener, authority)
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
private final class AzureConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let maximumBody = 1 << 20
    private static let framing: Set<String> = ["host", "content-length", "connection", "transfer-encoding"]

    private let azure: EmbeddedAzure
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ azure: EmbeddedAzure) { self.azure = azure }

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
            let answer = azure.answer(
                AzureRequest(
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

    private func send(_ answer: AzureAnswer, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
        headers.replaceOrAdd(name: "content-length", value: "\(answer.body.count)")
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
