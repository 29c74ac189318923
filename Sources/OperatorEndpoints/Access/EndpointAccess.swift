/// Decides who may read what is not open to everybody.
public protocol EndpointAccess: Sendable {
    /// Decides about one request.
    ///
    /// - Parameters:
    ///   - token: the bearer token of the request; its characters are those of RFC 6750 §2.1.
    ///   - path: the path of the endpoint, which is one of the server's own.
    /// - Returns: what is to be answered; what cannot be decided is ``EndpointDecision/undecided(_:)``.
    func decision(token: String, path: String) async -> EndpointDecision
}

/// Whether a request is answered.
public enum EndpointDecision: Sendable, Hashable {
    /// It is.
    case allowed
    /// The token is nobody's.
    case unauthenticated
    /// The token's owner may not read this path.
    case denied(user: String)
    /// It could not be found out; a sentence without a full stop says why, for everybody to read.
    case undecided(String)
}
