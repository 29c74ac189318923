public import KubernetesAPI

/// Which failed requests are sent again, and when.
///
/// A request is repeated when the server says both that it did not act on it (429 or 5xx) and when to come back
/// (`Retry-After` in seconds); that holds for writes too. After a connection that broke, only reads are repeated:
/// whether a write happened is unknown, and its caller must look.
public struct RetryPolicy: Sendable, Hashable {
    /// The most repetitions of one request.
    public var maximumRetries: Int
    /// The longest `Retry-After` that is waited for; with a longer one the failure is returned at once.
    public var longestRetryAfter: Duration
    /// The most repetitions of a read whose connection broke.
    public var maximumReconnects: Int
    /// The wait before such a repetition.
    public var reconnectDelay: Duration

    /// Creates a policy with client-go's figures: 10 retries, and a second after a broken connection.
    public init(
        maximumRetries: Int = 10,
        longestRetryAfter: Duration = .seconds(60),
        maximumReconnects: Int = 3,
        reconnectDelay: Duration = .seconds(1)
    ) {
        self.maximumRetries = maximumRetries
        self.longestRetryAfter = longestRetryAfter
        self.maximumReconnects = maximumReconnects
        self.reconnectDelay = reconnectDelay
    }

    /// Every request is sent once.
    public static let none = RetryPolicy(maximumRetries: 0, maximumReconnects: 0)

    /// How long to wait before `request` is sent again after `error`, having been sent `attempt` times; `nil` when it
    /// must not be.
    public func delay(after error: any Error, request: APIRequest, attempt: Int) -> Duration? {
        if let error = error as? APIError {
            guard attempt <= maximumRetries, error.httpStatus == 429 || error.httpStatus >= 500,
                let delay = error.retryAfter, delay <= longestRetryAfter
            else { return nil }
            return delay
        }
        if let error = error as? TransportError {
            guard error.code == .connectionLost, request.method == .get, attempt <= maximumReconnects else {
                return nil
            }
            return reconnectDelay
        }
        return nil
    }
}
