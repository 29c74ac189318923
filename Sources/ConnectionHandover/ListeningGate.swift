import NIOCore

/// Holds the end of a listening socket back until everybody who was accepted is taken over.
final class ListeningGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let handover: ConnectionHandover
    private var isClosing = false

    init(_ handover: ConnectionHandover) { self.handover = handover }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        handover.accepted(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        // At most those come yet for whom the socket was asked before.
        guard !isClosing else { return }
        context.read()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        isClosing = true
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let isIdle = handover.isIdle {
            loop.execute {
                let (gate, context) = bound.value
                gate.close(context: context, mode: mode, promise: promise)
            }
        }
        if isIdle { context.close(mode: mode, promise: promise) }
    }
}
