import NIOCore
import NIOPosix
import Synchronization

/// A TCP server that answers each request head it reads with the next of its scripted answers, byte for byte.
final class ScriptedServer: Sendable {
    let port: Int
    private let listener: any Channel
    private let received: Received

    private init(listener: any Channel, received: Received) {
        self.listener = listener
        self.received = received
        port = listener.localAddress?.port ?? 0
    }

    /// Whatever was received, on all connections.
    var text: String { received.all.withLock { $0 } }

    /// The request heads, in order.
    var heads: [String] { received.heads.withLock { $0 } }

    @discardableResult
    static func with<Result: Sendable>(
        _ answers: [String],
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let received = Received(answers)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Script(received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(listener: listener, received: received)
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

private final class Received: Sendable {
    let all = Mutex("")
    let heads = Mutex<[String]>([])
    let answers: Mutex<[String]>

    init(_ answers: [String]) { self.answers = Mutex(answers) }
}

private final class Script: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let received: Received
    private var text = ""

    init(_ received: Received) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let arrived = String(buffer: unwrapInboundIn(data))
        received.all.withLock { $0 += arrived }
        text += arrived
        guard text.contains("\r\n\r\n") else { return }
        let head = text
        received.heads.withLock { $0.append(head) }
        text = ""
        let answer = received.answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let answer else {
            context.close(promise: nil)
            return
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }
}
