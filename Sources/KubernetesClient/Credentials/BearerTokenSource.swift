import Logging
import Synchronization

/// Gives the bearer token, reading its file again before the token can have expired.
///
/// The kubelet renews a pod's token long before its end; reading the file at least once a minute is enough to follow.
final class BearerTokenSource: Sendable {
    private struct State {
        var token: String?
        var readAt: Duration?
    }

    /// A token is used for 60 s after it was read, less 10 s of leeway.
    private static let lifetime = Duration.seconds(50)

    private let path: String
    private let stopwatch: Stopwatch
    private let logger: Logger
    private let state = Mutex(State())

    init(path: String, clock: any Clock<Duration>, logger: Logger) {
        self.path = path
        self.logger = logger
        stopwatch = Stopwatch(clock)
    }

    /// The token.
    ///
    /// When the file cannot be read, the last one that could.
    func token() throws(ClusterConfigurationError) -> String {
        let now = stopwatch.elapsed
        let state = state.withLock { $0 }
        if let token = state.token, let readAt = state.readAt, now - readAt < Self.lifetime { return token }
        do {
            let token = try TokenFile.read(path)
            self.state.withLock { $0 = State(token: token, readAt: now) }
            return token
        } catch {
            guard let token = state.token else { throw error }
            logger.warning("a token cannot be read again; the earlier one is used", metadata: ["cause": "\(error)"])
            return token
        }
    }

    /// Has the file read again because the server refused `token`.
    func refused(_ token: String) {
        state.withLock { state in
            if state.token == token { state.readAt = nil }
        }
    }
}
