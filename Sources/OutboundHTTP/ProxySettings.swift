/// Which requests go through a proxy, read from the customary environment variables.
///
/// The rules are those that other Kubernetes tools follow: a request to `localhost` or a loopback address never goes
/// through a proxy; `NO_PROXY` is a comma-separated list of `*`, hosts (`example.com` stands for itself and its
/// subdomains, `.example.com` for its subdomains alone), IP addresses and CIDR blocks, hosts and addresses optionally
/// with a port. Hosts are compared label by label, never as text prefixes.
public struct ProxySettings: Sendable, Hashable {
    /// The proxy for `http` URLs.
    public var http: ProxyServer?
    /// The proxy for `https` URLs.
    public var https: ProxyServer?
    /// What is asked for directly.
    public var exceptions: [ProxyException]
    /// Whether requests to `localhost` and loopback addresses go through the proxy too.
    ///
    /// Default `false`. A proxy that was named for one server is used for it wherever it stands: behind a tunnel,
    /// `localhost` is another machine's.
    public var includesLoopback = false

    /// No proxy at all.
    public static let none = ProxySettings()

    /// Creates settings.
    public init(http: ProxyServer? = nil, https: ProxyServer? = nil, exceptions: [ProxyException] = []) {
        self.http = http
        self.https = https
        self.exceptions = exceptions
    }

    /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, or the same in lower case where those are absent or empty.
    ///
    /// - Throws: ``OutboundError`` with code `invalidConfiguration`, naming the variable, when a value cannot be used.
    public init(environment: [String: String]) throws(OutboundError) {
        func value(_ name: String) -> (String, String)? {
            for name in [name, name.lowercased()] {
                if let value = environment[name], !value.isEmpty { return (name, value) }
            }
            return nil
        }
        self.init()
        if let (name, text) = value("HTTP_PROXY") { http = try ProxyServer(text, source: name) }
        if let (name, text) = value("HTTPS_PROXY") { https = try ProxyServer(text, source: name) }
        if let (name, text) = value("NO_PROXY") {
            for item in text.split(separator: ",") {
                let entry = item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                if entry.isEmpty { continue }
                guard let exception = ProxyException(String(entry)) else {
                    throw OutboundError(
                        .invalidConfiguration,
                        "\(name) holds \"\(URLRedaction.printable(String(entry), limit: 64))\", which is neither a "
                            + "host, an IP address nor a CIDR block"
                    )
                }
                exceptions.append(exception)
            }
        }
    }

    /// The proxy for a URL; `nil` for a direct connection.
    public func proxy(for url: OutboundURL) -> ProxyServer? {
        guard let proxy = url.scheme == .https ? https : http else { return nil }
        if !includesLoopback, url.host == "localhost" || url.address?.isLoopback == true { return nil }
        return exceptions.contains { $0.matches(url) } ? nil : proxy
    }
}

/// One entry of `NO_PROXY`.
public enum ProxyException: Sendable, Hashable {
    /// Everything.
    case everything
    /// A host, and its subdomains, at one port or all.
    case domain(String, includingItself: Bool, port: Int?)
    /// One address, at one port or all.
    case address(IPAddress, port: Int?)
    /// A block of addresses.
    case range(NetworkRange)

    /// Parses an entry; `nil` if it is none of the four kinds.
    public init?(_ text: String) {
        if text == "*" {
            self = .everything
        } else if text.contains("/") {
            guard let range = NetworkRange(text) else { return nil }
            self = .range(range)
        } else if let address = IPAddress(text) {
            self = .address(address, port: nil)
        } else {
            let isSubdomains = text.hasPrefix(".") || text.hasPrefix("*.")
            let bare = isSubdomains ? String(text.drop { $0 == "*" }.dropFirst()) : text
            guard let (host, port) = URLComponentsReader.hostAndPort(bare) else { return nil }
            if let address = IPAddress(host) {
                if isSubdomains { return nil }
                self = .address(address, port: port)
            } else {
                self = .domain(host, includingItself: !isSubdomains, port: port)
            }
        }
    }

    func matches(_ url: OutboundURL) -> Bool {
        switch self {
        case .everything:
            return true
        case .domain(let domain, let includesItself, let port):
            guard port == nil || port == url.port else { return false }
            return (includesItself && url.host == domain) || url.host.hasSuffix("." + domain)
        case .address(let address, let port):
            return url.address == address && (port == nil || port == url.port)
        case .range(let range):
            return url.address.map(range.contains) ?? false
        }
    }
}
