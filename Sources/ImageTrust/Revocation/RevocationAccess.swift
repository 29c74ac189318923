public import OutboundHTTP

/// Which hosts may be asked about revocation.
///
/// Certificates name them, and so whoever obtains a certificate may choose them: hosts of the internal network are not
/// asked unless they are named here.
public struct RevocationAccess: Sendable, Hashable {
    /// A host that may be asked wherever it is.
    public struct Host: Sendable, Hashable {
        /// Its name or address, lower case, without brackets.
        public let name: String
        /// The port; `nil` for every one.
        public let port: Int?

        /// Reads `HOST` or `HOST:PORT`, with IPv6 addresses in brackets; `nil` for anything else.
        public init?(_ text: String) {
            guard !text.utf8.contains(UInt8(ascii: "/")), let url = try? OutboundURL("http://\(text)"), url.path == "/",
                url.query == nil
            else { return nil }
            name = url.host
            let hasPort = text.utf8.last != UInt8(ascii: "]") && text.utf8.contains(UInt8(ascii: ":"))
            port = hasPort ? url.port : nil
        }
    }

    /// The hosts that may be asked although they are internal.
    public var allowedHosts: Set<Host>
    /// Which requests go through a proxy.
    ///
    /// Where a name leads is then the proxy's affair.
    public var proxies: ProxySettings

    /// Creates the access; without hosts, only what is on the public network may be asked.
    public init(allowedHosts: Set<Host> = [], proxies: ProxySettings = .none) {
        self.allowedHosts = allowedHosts
        self.proxies = proxies
    }

    /// Whether the host of `url` is named.
    func allows(_ url: OutboundURL) -> Bool {
        allowedHosts.contains { $0.name == url.host && ($0.port == nil || $0.port == url.port) }
    }
}
