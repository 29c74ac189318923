internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Serves one connection: collects each request, asks for the answer, sends it as the fault wants it.
final class RegistryConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let maximumBody = 64 << 20

    private let respond: @Sendable (RecordedRequest) -> (RegistryAnswer, RegistryFault.Effect?)
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    private let latency: TimeAmount

    init(
        latency: Duration,
        respond: @escaping @Sendable (RecordedRequest) -> (RegistryAnswer, RegistryFault.Effect?)
    ) {
        self.latency = .nanoseconds(Int64(latency / .nanoseconds(1)))
        self.respond = respond
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            if head.headers["expect"].contains("100-continue") {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))),
                    promise: nil
                )
            }
        case .body(let part):
            guard body.count + part.readableBytes <= Self.maximumBody else {
                context.close(promise: nil)
                return
            }
            body += part.readableBytesView
        case .end:
            guard let head else { return }
            let request = RecordedRequest(
                method: head.method.rawValue,
                target: head.uri,
                headers: head.headers.reduce(into: [:]) { result, field in
                    let name = field.name.lowercased()
                    result[name] = result[name].map { "\($0), \(field.value)" } ?? field.value
                },
                body: body
            )
            let (answer, effect) = respond(request)
            guard latency > .zero else { return send(answer, effect, context) }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: latency) {
                let (handler, context) = bound.value
                if context.channel.isActive { handler.send(answer, effect, context) }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func send(_ right: RegistryAnswer, _ effect: RegistryFault.Effect?, _ context: ChannelHandlerContext) {
        var answer = right
        switch effect {
        case nil:
            sendWhole(answer, context)
        case .hang:
            break
        case .hangMidway:
            sendPart(answer, answer.body.prefix(answer.body.count / 2), context)
        case .close:
            context.close(promise: nil)
        case .reset:
            Self.reset(context)
        case .resetMidway:
            sendPart(answer, answer.body.prefix(answer.body.count / 2), context)
            Self.reset(context)
        case .truncate(let count):
            sendPart(answer, answer.body.prefix(count), context)
            context.close(promise: nil)
        case .drip(let pause):
            sendPart(answer, [], context)
            drip(answer.body[...], every: .nanoseconds(Int64(pause / .nanoseconds(1))), context)
        case .oversize(let count, let isAnnounced):
            answer.body += Array(repeating: UInt8(ascii: " "), count: count)
            if !isAnnounced { answer.setHeader("transfer-encoding", "chunked") }
            sendWhole(answer, context)
        case .replaceBody(let body):
            answer.body = body
            sendWhole(answer, context)
        case .setHeader(let name, let value):
            answer.setHeader(name, value)
            sendWhole(answer, context)
        case .answer(let status, let headers, let body):
            sendWhole(RegistryAnswer(status: status, headers: headers, body: body), context)
        case .raw(let bytes):
            let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            encoder?.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
            context.close(promise: nil)
        case .endless(let beginning, let part):
            guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            else {
                return
            }
            encoder.write(NIOAny(ByteBuffer(bytes: beginning)), promise: nil)
            repeatForever(ByteBuffer(bytes: part), encoder)
        }
    }

    /// Closes the socket without waiting for what it still has to send: the peer sees RST (socket(7), `SO_LINGER`).
    ///
    /// The way leads past TLS, which would say that it closes.
    private static func reset(_ context: ChannelHandlerContext) {
        // On the event loop it is done when this returns.
        _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        let pipeline = context.pipeline.syncOperations
        let outermost = try? pipeline.context(handlerType: NIOSSLServerHandler.self)
        (outermost ?? context).close(promise: nil)
    }

    /// Sends a part once more whenever the one before is gone.
    private func repeatForever(_ part: ByteBuffer, _ encoder: ChannelHandlerContext) {
        let written = encoder.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, encoder), eventLoop: encoder.eventLoop)
        written.futureResult.whenSuccess {
            // Not at once: the connection is to be read, and closed, in between.
            bound.value.1.eventLoop.execute {
                let (handler, encoder) = bound.value
                if encoder.channel.isActive { handler.repeatForever(part, encoder) }
            }
        }
        encoder.writeAndFlush(NIOAny(part), promise: written)
    }

    private func responseHead(_ answer: RegistryAnswer) -> HTTPResponseHead {
        var headers = HTTPHeaders(answer.headers)
        if !headers.contains(name: "transfer-encoding") {
            headers.replaceOrAdd(name: "content-length", value: "\(answer.announcedLength ?? answer.body.count)")
        }
        return HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
    }

    private func sendWhole(_ answer: RegistryAnswer, _ context: ChannelHandlerContext) {
        sendPart(answer, answer.body[...], context)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func sendPart(_ answer: RegistryAnswer, _ part: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(responseHead(answer))), promise: nil)
        if !part.isEmpty { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: part)))), promise: nil) }
        context.flush()
    }

    private func drip(_ rest: ArraySlice<UInt8>, every pause: TimeAmount, _ context: ChannelHandlerContext) {
        guard let byte = rest.first else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            let (handler, context) = bound.value
            guard context.channel.isActive else { return }
            let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: [byte])))
            context.writeAndFlush(handler.wrapOutboundOut(part), promise: nil)
            handler.drip(rest.dropFirst(), every: pause, context)
        }
    }
}
