internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// A connection through a proxy, to be made.
struct Tunnel: Sendable {
    let route: TunnelRoute
    /// The name that the server's certificate must hold.
    let serverName: String
    let tls: TunnelTLS
    /// What is spoken with the proxy where it wants TLS.
    let proxyTLS: TunnelTLS
    /// How long it may take from the connection to the proxy to the handshake with the server.
    let limit: Duration

    /// Leads a new connection with the proxy to the server.
    ///
    /// Must be called on the event loop of the channel, which is closed when the result is a failure.
    func open(on channel: any Channel) -> EventLoopFuture<Void> {
        let established = channel.eventLoop.makePromise(of: Void.self)
        do {
            try channel.pipeline.syncOperations.addHandler(TunnelHandler(self, established), position: .first)
        } catch {
            established.fail(route.refusal("it closed the connection", .unreachable))
            channel.close(promise: nil)
        }
        return established.futureResult
    }
}

/// Stands between the network and the HTTP handlers until the tunnel stands, then leaves.
///
/// One after the other: TLS with the proxy where it wants that, the dialogue with the proxy, TLS with the server where
/// the URL says so. TLS handlers go in before this one, so that it sees how their handshakes end. Nothing that happens
/// until then reaches the HTTP handlers, for which the connection is not there yet.
private final class TunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Stage {
        case securingProxy(NIOSSLClientHandler)
        case asking
        case securingServer(NIOSSLClientHandler)
        case over
    }

    private let tunnel: Tunnel
    private let established: EventLoopPromise<Void>
    private var dialogue: any ProxyDialogue
    private var stage = Stage.asking
    private var timer: Scheduled<Void>?

    init(_ tunnel: Tunnel, _ established: EventLoopPromise<Void>) {
        self.tunnel = tunnel
        self.established = established
        dialogue = tunnel.route.makeDialogue()
    }

    private var proxy: ExchangePeer {
        ExchangePeer(
            name: "the proxy \(tunnel.route.proxy)",
            host: tunnel.route.proxy.host,
            tls: tunnel.proxyTLS.settings,
            proxy: nil
        )
    }

    private var server: ExchangePeer {
        ExchangePeer(name: tunnel.route.server, host: tunnel.serverName, tls: tunnel.tls.settings, proxy: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: tunnel.limit.native) {
            self.fail(self.lateness, context)
        }
        if tunnel.route.proxy.kind == .https {
            secure(proxy, tunnel.proxyTLS, context) { .securingProxy($0) }
        } else {
            ask(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(tunnel.route.refusal("the connection was closed", .unreachable), context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .asking = stage else { return }
        do {
            switch try dialogue.receive(Array(unwrapInboundIn(data).readableBytesView)) {
            case .wait:
                break
            case .send(let bytes):
                send(bytes, context)
            case .connected where tunnel.route.scheme == .https:
                secure(server, tunnel.tls, context) { .securingServer($0) }
            case .connected:
                finish(context)
            }
        } catch {
            fail(error, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSUserEvent, case .handshakeCompleted = event else { return }
        switch stage {
        case .securingProxy(let handler):
            if let failure = tunnel.proxyTLS.failure(of: handler, for: proxy) { return fail(failure, context) }
            ask(context)
        case .securingServer(let handler):
            if let failure = tunnel.tls.failure(of: handler, for: server) { return fail(failure, context) }
            finish(context)
        case .asking, .over:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch stage {
        case .securingProxy: fail(.describing(error, of: proxy), context)
        case .securingServer: fail(.describing(error, of: server), context)
        case .asking:
            let described = OutboundError.describing(error, of: proxy)
            fail(described.code == .connectionLost ? brokenOff : described, context)
        case .over: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(brokenOff, context)
        context.fireChannelInactive()
    }

    private var brokenOff: OutboundError {
        let hint = tunnel.route.proxy.kind == .http ? "; if it expects TLS, give its address as https://" : ""
        return tunnel.route.refusal("it closed the connection before it had answered\(hint)", .unreachable)
    }

    private var lateness: OutboundError {
        let cause =
            switch stage {
            case .securingProxy: "it did not complete the TLS handshake"
            case .asking, .over: "it did not answer"
            case .securingServer: "the server did not complete the TLS handshake through it"
            }
        return tunnel.route.refusal("\(cause) within \(tunnel.limit.inWords)", .unreachable)
    }

    private func ask(_ context: ChannelHandlerContext) {
        stage = .asking
        send(dialogue.open(), context)
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    /// Begins a handshake with a peer.
    private func secure(
        _ peer: ExchangePeer,
        _ tls: TunnelTLS,
        _ context: ChannelHandlerContext,
        _ next: (NIOSSLClientHandler) -> Stage
    ) {
        do {
            let handler = try tls.makeHandler(for: peer.host)
            stage = next(handler)
            try context.pipeline.syncOperations.addHandler(handler, position: .before(self))
        } catch {
            fail(.describing(error, of: peer), context)
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        stage = .over
        timer?.cancel()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        established.succeed()
    }

    /// Ends the attempt; whoever waits for the connection hears of it before it is closed.
    private func fail(_ error: OutboundError, _ context: ChannelHandlerContext) {
        if case .over = stage { return }
        stage = .over
        timer?.cancel()
        established.fail(error)
        context.close(promise: nil)
    }
}
