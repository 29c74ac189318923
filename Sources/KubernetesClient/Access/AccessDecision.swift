/// What the owner of a token wants to do: a verb on a path that is no resource of the API server.
public struct AccessAction: Sendable, Hashable {
    /// The method in lower case, such as `get`.
    public var verb: String
    /// The path, such as `/metrics`.
    public var path: String

    /// Creates an action.
    public init(verb: String, path: String) {
        self.verb = verb
        self.path = path
    }
}

/// What the API server says of a token and an action.
public enum AccessDecision: Sendable, Hashable {
    /// The owner may.
    case allowed(user: String)
    /// The token is nobody's: unknown, expired, revoked, or made for somebody else.
    case unauthenticated
    /// The owner may not.
    case denied(user: String)
}

/// The API server could not be asked, or its answer was none; nothing follows from that for the token.
public struct AccessReviewError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whether the API server refuses to be asked by this client.
    public let isRefused: Bool
    /// One sentence without a full stop.
    public let message: String

    /// The sentence.
    public var description: String { message }
}

/// How long answers about tokens are believed, how many are kept, and how often the API server is asked.
public struct AccessLimits: Sendable, Hashable {
    /// How long the owner of a token is remembered.
    ///
    /// Default one minute, as in controller-runtime's `metrics/filters`: a token that is revoked is good for so long.
    public var tokenAge = Duration.seconds(60)
    /// How long it is remembered that somebody may do something.
    ///
    /// Default five minutes, as there.
    public var allowedAge = Duration.seconds(300)
    /// How long it is remembered that somebody may not, or that a token is nobody's.
    ///
    /// Default 30 seconds, as there.
    public var deniedAge = Duration.seconds(30)
    /// The most entries of each sort.
    public var entries = 1024
    /// How long an answer may take, with everything that is asked for it.
    public var deadline = Duration.seconds(10)

    /// Creates the defaults.
    public init() {}
}
