internal import NIOCore
internal import NIOHTTP1

/// Stands between a connection's requests and its bytes, and lets nothing of a request pass that is not permitted.
///
/// It asks on the thread of the connection, in the same turn in which the bytes are handed to the kernel: nothing waits in
/// between, for a thread, a lock or a connection.
final class PermissionHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private static let withheld = OutboundError(
        .withheld,
        "a request was held back: it is not permitted any more"
    )

    private let permissions: SendingPermissions
    private var isPermitted: (@Sendable () -> Bool)?
    private var isRefused = false
    private var isClosed = false
    /// What waits for parts that were held back.
    private var refused: [EventLoopPromise<Void>] = []

    private init(_ permissions: SendingPermissions) { self.permissions = permissions }

    /// Puts a handler into a connection that AsyncHTTPClient has made.
    static func add(to channel: any Channel, _ permissions: SendingPermissions) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let encoder = try pipeline.handler(type: HTTPRequestEncoder.self)
            try pipeline.addHandler(PermissionHandler(permissions), position: .after(encoder))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var part = unwrapOutboundIn(data)
        if case .head(var head) = part {
            isPermitted = head.headers.first(name: SendingPermissions.field).map { permissions.question($0) }
            head.headers.remove(name: SendingPermissions.field)
            part = .head(head)
        }
        guard !isRefused, isPermitted?() ?? true else {
            refuse(context, promise)
            return
        }
        context.write(wrapOutboundOut(part), promise: promise)
    }

    private func refuse(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        guard !isClosed else {
            promise?.fail(Self.withheld)
            return
        }
        if let promise { refused.append(promise) }
        guard !isRefused else { return }
        isRefused = true
        // Not in this turn: whoever writes is not to be failed while it does. The error goes first, as it is that which is to
        // be reported, and not the end of the connection, which is of no use with half a request on it.
        let (loop, bound) = (context.eventLoop, NIOLoopBound((self, context), eventLoop: context.eventLoop))
        loop.execute {
            let (handler, context) = bound.value
            handler.isClosed = true
            context.fireErrorCaught(Self.withheld)
            for promise in handler.refused { promise.fail(Self.withheld) }
            handler.refused = []
            context.close(promise: nil)
        }
    }
}
