/// Why a list or a watch did not work, as far as it decides what to do next.
public enum ReflectorFailure: Sendable, Hashable {
    /// The server could not be reached, or refused the connection.
    case unreachable
    /// The connection broke.
    case interrupted
    /// The server said nothing for too long (``ReflectorConfiguration/watchIdleLimit``).
    case silent
    /// The server asks for less traffic (429), and may say for how long to wait.
    case throttled(retryAfter: Duration?)
    /// The resource version, or the continue token, is too old (410).
    case expired
    /// The resource version is ahead of what the server has (504 with cause `ResourceVersionTooLarge`).
    case resourceVersionTooLarge
    /// The server does not take these parameters (400, 406, 415 or 422).
    case rejected
    /// Any other answer, by its HTTP status code; 500 stands for an answer that could not be read.
    case status(Int)

    /// The failures as metrics tell them apart.
    enum Cause: String, Sendable, Hashable, CaseIterable {
        case unreachable, interrupted, throttled, expired, rejected, unauthorized, forbidden, notFound = "not_found"
        case versionTooLarge = "version_too_large"
        /// An answer of 500 or more, or one that could not be read.
        case serverError = "server_error"
        case other
    }

    var cause: Cause {
        switch self {
        case .unreachable: .unreachable
        case .interrupted, .silent: .interrupted
        case .throttled: .throttled
        case .expired: .expired
        case .resourceVersionTooLarge: .versionTooLarge
        case .rejected: .rejected
        case .status(401): .unauthorized
        case .status(403): .forbidden
        case .status(404): .notFound
        case .status(500...): .serverError
        case .status: .other
        }
    }
}
