/// A service of a cloud could not be asked, or refused.
public struct CloudError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it was.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The service gave no answer.
        case unreachable
        /// The service asks for fewer requests.
        case throttled
        /// The service failed (5xx), or is being updated.
        case serverError
        /// The identity service issued no token, or the service does not accept the one it issued.
        case unauthorized
        /// The identity lacks the permission.
        case forbidden
        /// The service does not let this network in.
        case firewall
        /// There is no such thing.
        case notFound
        /// It exists and was switched off.
        case disabled
        /// The answer makes no sense, or holds nothing that can be used.
        case malformed
        /// What this side was told cannot be used: a variable, a file, a host.
        case misconfigured
        /// The task was cancelled.
        case cancelled
    }

    /// What kind of trouble it was.
    public let code: Code
    /// A sentence that says who was asked, what came back and what to do; free of secrets.
    public let message: String
    /// How long the service asks to wait.
    public let retryAfter: Duration?

    /// Creates an error.
    public init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The sentence.
    public var description: String { message }

    /// Whether the same request may well succeed a little later.
    public var isTransient: Bool { [.unreachable, .throttled, .serverError].contains(code) }

    /// Whether it says what is there, rather than that it could not be seen.
    public var isDefinite: Bool { [.notFound, .disabled].contains(code) }

    /// The same failure as what it means where the service has a word for it, with what to do.
    func meaning(_ code: Code, _ remedy: String? = nil) -> CloudError {
        CloudError(code, remedy.map { "\(message); \($0)" } ?? message, retryAfter: retryAfter)
    }

    /// The task was cancelled before there was an answer.
    static let cancelled = CloudError(.cancelled, "the request was cancelled")
}
