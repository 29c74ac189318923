/// Whom an exchange or a handshake is with, as its failures name it.
struct ExchangePeer: Sendable {
    /// What it is called: `host`, `host:port`, `the proxy https://host:port`.
    let name: String
    /// The name or address that its certificate must hold.
    let host: String
    /// What its certificate is judged by.
    let tls: TLSSettings
    /// The proxy that leads there, where connections begin with that.
    let proxy: ProxyServer?

    /// What a connection is made to first.
    var entrance: String { proxy.map { "the proxy \($0) (on the way to \(name))" } ?? name }

    /// The words for a connection that did not come about in time.
    var lateness: String {
        proxy.map { "the proxy \($0) did not connect to \(name) in time" }
            ?? "\(name) did not accept a connection in time"
    }
}

extension ExchangePeer {
    /// The server of a URL.
    init(_ url: OutboundURL, _ configuration: OutboundConfiguration) {
        self.init(
            name: url.authority,
            host: configuration.tls.serverNames[url.host] ?? url.host,
            tls: configuration.tls,
            proxy: configuration.proxies.proxy(for: url)
        )
    }
}
