internal import NIOCore
internal import Synchronization

/// The socket on which a server accepts connections, so that accepting can end before serving does.
///
/// A server that is cancelled while a connection comes in drops that connection without having looked at it, which
/// swift-nio takes for a mistake of the program and ends it (`NIOAsyncWriter.deinit`).
final class ListeningSocket: Sendable {
    /// How long those who were accepted last have to be taken over: far longer than that takes.
    private static let pause: TimeAmount = .milliseconds(100)

    private let channel = Mutex<(any Channel)?>(nil)

    func set(_ channel: any Channel) { self.channel.withLock { $0 = channel } }

    /// Accepts nobody from here on, and goes on with `next` when everybody who was accepted is served.
    func close(then next: @escaping @Sendable () -> Void) {
        guard let channel = channel.withLock({ $0 }) else { return next() }
        channel.close(promise: nil)
        channel.closeFuture.whenComplete { _ in
            _ = channel.eventLoop.scheduleTask(in: Self.pause) { next() }
        }
    }
}
