/// A proxy: an HTTP proxy that understands `CONNECT`, with or without TLS to itself, or a SOCKS 5 server.
public struct ProxyServer: Sendable, Hashable, CustomStringConvertible {
    /// The protocol spoken to the proxy.
    public enum Kind: String, Sendable, Hashable {
        /// HTTP/1.1 with `CONNECT`, for `http` and `https` URLs alike.
        case http
        /// The same over TLS: the proxy proves who it is, and what it is asked for is hidden on the way there.
        case https
        /// SOCKS 5, without authentication.
        case socks5

        /// The port when none is written.
        var defaultPort: Int {
            switch self {
            case .http: 80
            case .https: 443
            case .socks5: 1080
            }
        }
    }

    /// A user name and password for an HTTP proxy.
    public struct Credentials: Sendable, Hashable {
        let user: String
        let password: String
    }

    /// The protocol spoken to the proxy.
    public let kind: Kind
    /// Its host.
    public let host: String
    /// Its port.
    public let port: Int
    /// The credentials it is given.
    public let credentials: Credentials?

    /// Parses `[http://|https://|socks5://][user:password@]host[:port]`; the default port is 80, 443 with TLS, or 1080
    /// for SOCKS.
    ///
    /// - Parameters:
    ///   - text: the URL.
    ///   - source: where the text comes from, for the error.
    /// - Throws: ``OutboundError`` with code `invalidConfiguration`; its message shows no credentials.
    public init(_ text: String, source: String) throws(OutboundError) {
        func refusal(_ cause: String) -> OutboundError {
            OutboundError(.invalidConfiguration, "\(source) (\(Self.shown(text))) cannot be used: \(cause)")
        }
        let hasScheme = text.contains("://")
        guard let parts = URLComponentsReader.read(hasScheme ? text : "http://\(text)"),
            let authority = parts.authority, parts.path.isEmpty || parts.path == "/", parts.query == nil
        else { throw refusal("it is not the URL of a proxy") }
        switch parts.scheme {
        case "http": kind = .http
        case "https": kind = .https
        case "socks5", "socks5h": kind = .socks5
        default: throw refusal("only http://, https:// and socks5:// proxies are supported")
        }
        var server = authority
        var credentials: Credentials?
        if let sign = authority.lastIndex(of: "@") {
            server = String(authority[authority.index(after: sign)...])
            let pair = authority[..<sign].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard kind != .socks5, let user = PercentEncoding.decode(pair[0]),
                let password = PercentEncoding.decode(pair.count > 1 ? pair[1] : "")
            else { throw refusal("its credentials cannot be used") }
            credentials = Credentials(user: user, password: password)
        }
        guard let (host, port) = URLComponentsReader.hostAndPort(server) else {
            throw refusal("its host or port is malformed")
        }
        self.host = host
        self.port = port ?? kind.defaultPort
        self.credentials = credentials
    }

    /// A text that is no URL of a proxy, without anything that may be meant as credentials: a password with a `/`, `?` or
    /// `#` in it that was not written as RFC 3986 wants it ends where the last `@` stands.
    private static func shown(_ text: String) -> String {
        guard let sign = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return URLRedaction.redact(text) }
        return URLRedaction.redact("***\(text[sign...])")
    }

    /// The proxy without its credentials.
    public var description: String { "\(kind.rawValue)://\(authority)" }

    /// Host and port, an address of version 6 in brackets.
    var authority: String { "\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)" }
}
