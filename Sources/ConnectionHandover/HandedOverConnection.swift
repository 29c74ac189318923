import HummingbirdCore
import Logging
import NIOCore

/// A connection that says when the server's task has it.
struct HandedOverConnection<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let handover: ConnectionHandover

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: Base.Value, logger: Logger) async {
        handover.takenOver(value.channel)
        await base.handle(value: value, logger: logger)
    }
}
