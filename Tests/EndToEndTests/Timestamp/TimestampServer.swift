import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// A time-stamping authority's HTTP server on loopback (RFC 3161 §3.4): each request's body goes to a function, whose answer
/// goes back.
struct TimestampServer: Sendable {
    /// `http://127.0.0.1:port`.
    let url: String

    static func with<Result: Sendable>(
        _ answer: @escaping @Sendable ([UInt8]) async throws -> [UInt8],
        _ body: (TimestampServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(Connection(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = TimestampServer(url: "http://127.0.0.1:\(listener.localAddress?.port ?? 0)")
        do {
            let result = try await body(server)
            try? await listener.close().get()
            return result
        } catch {
            try? await listener.close().get()
            throw error
        }
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable ([UInt8]) async throws -> [UInt8]
        private var isQuery = false
        private var body: [UInt8] = []

        init(_ answer: @escaping @Sendable ([UInt8]) async throws -> [UInt8]) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                isQuery = head.method == .POST && head.headers["content-type"] == ["application/timestamp-query"]
                body = []
            case .body(let part): body += part.readableBytesView
            case .end: respond(context.channel)
            }
        }

        private func respond(_ channel: any Channel) {
            guard isQuery else {
                Self.send([], .badRequest, channel)
                return
            }
            let body = body
            let answer = answer
            let answered = channel.eventLoop.makeFutureWithTask { try await answer(body) }
            answered.whenSuccess { Self.send($0, .ok, channel) }
            answered.whenFailure { error in
                Issue.record(error)
                Self.send([], .internalServerError, channel)
            }
        }

        private static func send(_ body: [UInt8], _ status: HTTPResponseStatus, _ channel: any Channel) {
            let headers: HTTPHeaders = [
                "content-type": "application/timestamp-reply", "content-length": "\(body.count)",
            ]
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }
}
