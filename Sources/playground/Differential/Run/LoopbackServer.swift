import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on loopback that gives what is put there, or misbehaves: responders and revocation lists of any kind.
final class LoopbackServer: Sendable {
    /// What comes back for a path.
    enum Answer: Sendable {
        case body([UInt8])
        /// A status other than 200, without a body.
        case status(Int)
        /// What a function makes of the body, where that is sent by POST and of media type `query`.
        case exchange(query: String, reply: String, @Sendable ([UInt8]) async throws -> [UInt8])
        case redirect(String)
        /// A body that never ends.
        case endless
        /// Nothing at all, for as long as the client waits.
        case silence
        /// The connection is closed without an answer.
        case hangUp
    }

    fileprivate final class State: Sendable {
        let answers = Mutex<[String: Answer]>([:])
        let asked = Mutex<[String]>([])
    }

    let port: Int
    private let state: State

    private init(port: Int, _ state: State) {
        self.port = port
        self.state = state
    }

    /// `http://127.0.0.1:port`.
    var url: String { "http://127.0.0.1:\(port)" }
    /// The paths that were asked for.
    var requests: [String] { state.asked.withLock(\.self) }

    /// Gives `answer` at `path` and at everything below it.
    func put(_ answer: Answer, at path: String) { state.answers.withLock { $0[path] = answer } }

    /// Runs `body` with a server on a free port.
    static func with<Result: Sendable>(_ body: (LoopbackServer) async throws -> Result) async throws -> Result {
        let state = State()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(Connection(state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = LoopbackServer(port: listener.localAddress?.port ?? 0, state)
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

        private let state: State
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []
        private var isEndless = false

        init(_ state: State) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part): body += part.readableBytesView
            case .end: respond(context)
            }
        }

        private func respond(_ context: ChannelHandlerContext) {
            let path = head?.uri ?? ""
            state.asked.withLock { $0.append(path) }
            let answer = state.answers.withLock { answers in
                answers.first { path == $0.key || path.hasPrefix($0.key + "/") }?.value
            }
            switch answer {
            case .silence: return
            case .hangUp: context.close(promise: nil)
            case .status(let status):
                Self.send([], HTTPResponseStatus(statusCode: status), [:], context.channel)
            case .endless:
                begin(context, .ok, ["transfer-encoding": "chunked"])
                isEndless = true
                flood(context)
            case .redirect(let location): Self.send([], .found, ["location": location], context.channel)
            case .body(let bytes): Self.send(bytes, .ok, [:], context.channel)
            case .exchange(let query, let reply, let answer): exchange(query, reply, answer, context.channel)
            case nil: Self.send([], .notFound, [:], context.channel)
            }
        }

        private func exchange(
            _ query: String,
            _ reply: String,
            _ answer: @escaping @Sendable ([UInt8]) async throws -> [UInt8],
            _ channel: any Channel
        ) {
            guard head?.method == .POST, head?.headers["content-type"] == [query] else {
                Self.send([], .badRequest, [:], channel)
                return
            }
            let body = body
            let answered = channel.eventLoop.makeFutureWithTask { try await answer(body) }
            answered.whenSuccess { Self.send($0, .ok, ["content-type": reply], channel) }
            answered.whenFailure { Self.send(Array("\($0)".utf8), .internalServerError, [:], channel) }
        }

        private static func send(
            _ body: [UInt8],
            _ status: HTTPResponseStatus,
            _ headers: HTTPHeaders,
            _ channel: any Channel
        ) {
            var headers = headers
            headers.add(name: "content-length", value: "\(body.count)")
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            if !body.isEmpty {
                channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            }
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            if isEndless, context.channel.isWritable { flood(context) }
            context.fireChannelWritabilityChanged()
        }

        private func flood(_ context: ChannelHandlerContext) {
            while context.channel.isWritable, context.channel.isActive {
                let chunk = ByteBuffer(bytes: [UInt8](repeating: 0x30, count: 64 << 10))
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: nil)
            }
        }

        private func begin(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
        }
    }
}
