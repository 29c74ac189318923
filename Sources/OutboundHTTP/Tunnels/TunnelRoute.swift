/// The way to a server through a proxy.
struct TunnelRoute: Sendable, Hashable {
    let proxy: ProxyServer
    /// Whether TLS is spoken with the server, inside the tunnel.
    let scheme: OutboundURL.Scheme
    /// The server: a DNS name or an address, without brackets.
    let host: String
    let port: Int

    init(to url: OutboundURL, through proxy: ProxyServer) {
        self.proxy = proxy
        scheme = url.scheme
        host = url.host
        port = url.port
    }

    /// The server as a proxy is asked for it: always with the port (RFC 9110 §9.3.6).
    var server: String { "\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)" }

    /// An error that says what was asked of which proxy.
    func refusal(_ cause: String, _ code: OutboundError.Code = .proxyRefused) -> OutboundError {
        OutboundError(code, "the proxy \(proxy) did not connect to \(server): \(cause)")
    }
}
