/// An `http` or `https` URL, parsed once and strictly (RFC 3986), so that every check looks at the same host.
///
/// It never holds credentials: a URL with user information is refused. The host is lower case, the port is always
/// known, and what is sent is exactly `target`. Hosts that are addresses in disguise (`127.1`, `0x7f000001`) are refused.
public struct OutboundURL: Sendable, Hashable {
    /// The schemes there are.
    public enum Scheme: String, Sendable, Hashable {
        /// Without encryption.
        case http
        /// Over TLS.
        case https

        /// The port when none is written.
        public var defaultPort: Int { self == .https ? 443 : 80 }
    }

    /// The longest URL accepted, in bytes: 8 KiB, what servers commonly accept of a request line.
    public static let maximumLength = 8192

    /// `http` or `https`.
    public let scheme: Scheme
    /// The host in lower case, without brackets: a DNS name or an IP address.
    public let host: String
    /// The port, 1 to 65535; the scheme's default when none was written.
    public let port: Int
    /// The path, percent-encoded, starting with `/`.
    public let path: String
    /// The query, percent-encoded and without `?`; `nil` when there is none.
    public let query: String?

    /// Parses an absolute URL.
    ///
    /// A fragment is dropped: it is never sent.
    ///
    /// - Throws: ``OutboundError`` with code `invalidRequest`; its message holds no part of the query.
    public init(_ text: String) throws(OutboundError) {
        guard let components = URLComponentsReader.read(text), let scheme = components.scheme,
            let authority = components.authority
        else { throw Self.refusal(of: text, "it is not an absolute http or https URL") }
        guard let known = Scheme(rawValue: scheme) else {
            throw Self.refusal(of: text, "its scheme is neither http nor https")
        }
        try self.init(scheme: known, authority: authority, path: components.path, query: components.query)
    }

    /// Creates a URL of its parts.
    ///
    /// - Parameters:
    ///   - scheme: with or without TLS.
    ///   - authority: `host` or `host:port`; version 6 addresses in brackets.
    ///   - path: percent-encoded, starting with `/`; empty means `/`.
    ///   - query: percent-encoded, without `?`.
    /// - Throws: ``OutboundError`` with code `invalidRequest`.
    public init(scheme: Scheme, authority: String, path: String, query: String? = nil) throws(OutboundError) {
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw Self.refusal(of: authority, "it carries user information")
        }
        guard let (host, port) = URLComponentsReader.hostAndPort(authority) else {
            throw Self.refusal(of: authority, "its host or port is malformed")
        }
        let rooted = path.isEmpty ? "/" : path
        guard rooted.hasPrefix("/"), URLComponentsReader.isPath(rooted), query.map(URLComponentsReader.isQuery) ?? true
        else { throw Self.refusal(of: authority, "its path or query holds characters that must be percent-encoded") }
        guard rooted.utf8.count + (query?.utf8.count ?? 0) + authority.utf8.count + 16 <= Self.maximumLength else {
            throw Self.refusal(of: authority, "it is longer than \(Self.maximumLength) bytes")
        }
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        self.path = rooted
        self.query = query
    }

    private static func refusal(of text: String, _ cause: String) -> OutboundError {
        OutboundError(.invalidRequest, "the URL \(URLRedaction.redact(text)) cannot be used: \(cause)")
    }

    /// The host as a URL writes it: version 6 addresses in brackets.
    public var bracketedHost: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

    /// `host`, or `host:port` where the port is not the scheme's default; what the `Host` field says.
    public var authority: String { port == scheme.defaultPort ? bracketedHost : "\(bracketedHost):\(port)" }

    /// `scheme://authority`: two URLs with equal origins lead to the same server.
    public var origin: String { "\(scheme.rawValue)://\(authority)" }

    /// Path and query, as the request line carries them.
    public var target: String { query.map { "\(path)?\($0)" } ?? path }

    /// The whole URL, secrets in the query included.
    ///
    /// For sending only: print ``description``.
    public var absoluteString: String { origin + target }

    /// The address, when the host is one.
    public var address: IPAddress? { IPAddress(host) }

    /// Whether the host says by itself that it is not on the public network: an internal address or `localhost`.
    ///
    /// A name that a resolver maps to such an address is not recognised: that is known only after resolution.
    public var isInternal: Bool {
        address?.isInternal ?? (host == "localhost" || host.hasSuffix(".localhost"))
    }

    /// The URL a reference in an answer of this URL means (RFC 3986 §5.2), as in `Location` and `Link`.
    ///
    /// - Throws: ``OutboundError`` with code `invalidRequest`.
    public func resolving(_ reference: String) throws(OutboundError) -> OutboundURL {
        guard let parts = URLComponentsReader.read(reference) else {
            throw Self.refusal(of: reference, "it is not a URL reference")
        }
        if parts.scheme != nil { return try OutboundURL(reference) }
        if let authority = parts.authority {
            return try OutboundURL(scheme: scheme, authority: authority, path: parts.path, query: parts.query)
        }
        var newPath = path
        var newQuery = parts.query
        if parts.path.isEmpty {
            newQuery = parts.query ?? query
        } else if parts.path.hasPrefix("/") {
            newPath = URLComponentsReader.removingDotSegments(parts.path)
        } else {
            let folder = path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
            newPath = URLComponentsReader.removingDotSegments(folder + parts.path)
        }
        return try OutboundURL(scheme: scheme, authority: authority, path: newPath, query: newQuery)
    }
}

extension OutboundURL: CustomStringConvertible {
    /// The URL with the values of its query masked: fit for errors and logs.
    public var description: String { URLRedaction.redact(absoluteString) }
}
