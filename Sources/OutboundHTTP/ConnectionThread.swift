internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A thread of its own for the connections of a few clients.
///
/// Clients without one share the threads of the process, one for each processor: what keeps such a thread busy, be it
/// handshakes, a large answer or a server in the same process, holds up every connection on it. Give one to clients whose
/// requests must not wait for those of others (``OutboundConfiguration/thread``). It costs a stack and three file
/// descriptors.
///
/// The thread begins with the object and ends with ``shutdown()``, or with the last reference to it. It never ends under a
/// client that was not shut down, nor under an exchange.
public final class ConnectionThread: Sendable {
    private struct State {
        /// Clients that were not shut down, and exchanges under way.
        var users = 0
        var isEnding = false
    }

    /// The thread as NIO takes it: a group of one event loop.
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state = Mutex(State())

    /// Starts a thread.
    public init() {}

    deinit { group.shutdownGracefully { _ in } }

    /// Ends the thread, and returns when it has ended; shut its clients down first.
    ///
    /// While a client was not shut down or an exchange is under way it only takes no new ones, and ends with the last of
    /// them.
    public func shutdown() async {
        let isUnused = state.withLock { state in
            state.isEnding = true
            return state.users == 0
        }
        guard isUnused else { return }
        // A thread that has ended is no failure.
        try? await group.shutdownGracefully()
    }

    /// How many clients and exchanges use it.
    var users: Int { state.withLock { $0.users } }

    /// Keeps the thread until ``leave()``.
    ///
    /// - Throws: ``OutboundError`` with code `shutDown`.
    func enter() throws(OutboundError) {
        let isOpen = state.withLock { state in
            guard !state.isEnding else { return false }
            state.users += 1
            return true
        }
        guard isOpen else { throw OutboundError(.shutDown, "the thread of the client's connections has ended") }
    }

    /// Gives up what ``enter()`` kept.
    func leave() {
        let isLast = state.withLock { state in
            state.users -= 1
            return state.isEnding && state.users == 0
        }
        if isLast { group.shutdownGracefully { _ in } }
    }
}
