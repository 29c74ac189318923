public import HummingbirdCore
public import NIOCore
import Synchronization

/// Lets a server of HTTP end while connections come in.
///
/// A connection that was accepted is set up on its event loop, then handed to the server's task. If the listening socket is
/// closed or the task is cancelled in between, swift-nio drops the connection, finds that nobody has finished its writer, and
/// ends the process (`NIOAsyncWriter`, "Deinited without calling finish"). So the socket stays open until all who were
/// accepted are handed over, and the task is cancelled after that.
///
/// One for each server: build its connections with ``connections(_:)``, call ``watch(_:)`` once it listens, and run it by
/// ``serve(_:)``.
public final class ConnectionHandover: Sendable {
    private struct State {
        var listening: (any Channel)?
        /// Those that were accepted, and that nobody has taken over.
        var underWay: Set<ObjectIdentifier> = []
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Creates one for a server that does not listen yet.
    public init() {}

    /// Connections like `base`, of which is known when they are taken over.
    ///
    /// - Parameter base: how a connection is set up and served.
    /// - Returns: what the server is built with.
    public func connections(_ base: some ServerChildChannel) -> any ServerChildChannel {
        HandedOverConnection(base: base, handover: self)
    }

    /// Takes care of the listening socket; to be called before the server takes over its first connection.
    ///
    /// - Parameter channel: the listening socket.
    public func watch(_ channel: any Channel) async {
        state.withLock { $0.listening = channel }
        // A socket that is closed already has nothing to be held back.
        try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(ListeningGate(self), position: .first)
        }.get()
    }

    /// Runs a server to its end.
    ///
    /// When the caller's task is cancelled, accepting ends first, and the server is cancelled when everybody who was
    /// accepted is handed over. A graceful shutdown reaches the server as it would without this.
    ///
    /// - Parameter server: runs it.
    /// - Throws: what `server` throws, unless the caller's task is cancelled.
    public func serve(_ server: @escaping @Sendable () async throws -> Void) async throws {
        let serving = Task { try await server() }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                close { serving.cancel() }
            }
        } catch {
            // A server whose socket was closed says that it ended unexpectedly.
            guard Task.isCancelled else { throw error }
        }
    }

    private func close(then next: @escaping @Sendable () -> Void) {
        guard let channel = state.withLock({ $0.listening }) else { return next() }
        channel.close(promise: nil)
        channel.closeFuture.whenComplete { _ in next() }
    }

    // MARK: - Who is under way

    func accepted(_ connection: any Channel) {
        let identifier = ObjectIdentifier(connection)
        state.withLock { _ = $0.underWay.insert(identifier) }
        connection.closeFuture.whenComplete { _ in self.takenOver(identifier) }
    }

    func takenOver(_ connection: any Channel) { takenOver(ObjectIdentifier(connection)) }

    private func takenOver(_ identifier: ObjectIdentifier) {
        let waiting = state.withLock { state -> [@Sendable () -> Void] in
            state.underWay.remove(identifier)
            guard state.underWay.isEmpty else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for next in waiting { next() }
    }

    /// Calls `next` once nobody is under way.
    ///
    /// - Returns: whether nobody is at this moment; `next` is not called then.
    func isIdle(orThen next: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.underWay.isEmpty { return true }
            state.waiting.append(next)
            return false
        }
    }
}
