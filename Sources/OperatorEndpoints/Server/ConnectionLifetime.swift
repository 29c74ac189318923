import NIOCore

/// Ends a connection when its time is over: at once if it is idle, else after the response under way, and in any case
/// when the grace is over too.
final class ConnectionLifetime: ChannelInboundHandler, RemovableChannelHandler {
    // Whatever passes is left as it is.
    typealias InboundIn = Any

    private let lifetime: TimeAmount
    private let grace: TimeAmount
    private var timer: Scheduled<Void>?

    init(lifetime: Duration, grace: Duration) {
        self.lifetime = TimeAmount(lifetime)
        self.grace = TimeAmount(grace)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        after(lifetime, context) { handler, context in
            handler.after(handler.grace, context) { _, context in context.close(promise: nil) }
            context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    private func after(
        _ delay: TimeAmount,
        _ context: ChannelHandlerContext,
        _ body: @escaping @Sendable (ConnectionLifetime, ChannelHandlerContext) -> Void
    ) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: delay) {
            let (handler, context) = bound.value
            body(handler, context)
        }
    }
}
