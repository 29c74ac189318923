/// What proves to a registry who is asking.
///
/// Its description shows no secret.
public enum RegistryCredential: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// A user name and a password, for Basic authentication or a token service.
    case basic(username: String, password: String)
    /// An OAuth 2 refresh token, which a token service exchanges for an access token.
    case identityToken(String)
    /// An access token that is sent to the registry as it is.
    case accessToken(String)

    /// The kind, and for ``basic(username:password:)`` the user.
    public var description: String {
        switch self {
        case .basic(let username, _): "user \(username)"
        case .identityToken: "an identity token"
        case .accessToken: "an access token"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { description }
}
