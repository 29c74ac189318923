/// How an ``OutboundHTTPClient`` connects.
public struct OutboundConfiguration: Sendable {
    /// Trust and identity for `https`.
    public var tls: TLSSettings
    /// Which requests go through which proxy.
    public var proxies: ProxySettings
    /// Whether ``TLSSettings/identity`` is shown to a proxy that asks for it, too.
    ///
    /// Default `true`, as in Go's `net/http`. An identity that is meant for one server is for no proxy on the way.
    public var showsIdentityToProxies: Bool
    /// Time limits, for requests that set none themselves.
    public var timeouts: OutboundTimeouts
    /// How many HTTP/1.1 connections one host gets; further requests wait, at most ``OutboundTimeouts/connect``.
    ///
    /// A stream occupies its connection until it ends. Default 32.
    public var connectionsPerHost: Int
    /// How long an unused connection is kept.
    ///
    /// Default 60 s.
    public var connectionIdleTime: Duration
    /// Whether HTTP/2 may be negotiated over TLS; never through a proxy.
    ///
    /// Default `false`: one stalled watch then cannot hold up the others that would share its connection. It also needs
    /// no PING frames to find a dead connection, as ``keepAlive`` does that for every connection by itself.
    public var allowsHTTP2: Bool
    /// How dead connections are found.
    public var keepAlive: TCPKeepAlive
    /// The thread that carries the connections; `nil` for those that all clients of the process share.
    ///
    /// Default `nil`. Several clients may have the same. Whoever makes one ends it after its clients.
    public var thread: ConnectionThread?
    /// The `User-Agent` of requests that set none; by default the name of the program.
    public var userAgent: String

    /// Creates a configuration.
    public init(
        tls: TLSSettings = TLSSettings(),
        proxies: ProxySettings = .none,
        timeouts: OutboundTimeouts = OutboundTimeouts()
    ) {
        self.tls = tls
        self.proxies = proxies
        showsIdentityToProxies = true
        self.timeouts = timeouts
        connectionsPerHost = 32
        connectionIdleTime = .seconds(60)
        allowsHTTP2 = false
        keepAlive = TCPKeepAlive()
        userAgent = Self.programName
    }

    /// The last component of the program's path, as far as a `User-Agent` can hold it (RFC 9110, section 5.6.2: `token`).
    private static let programName: String = {
        let path = CommandLine.arguments.first ?? ""
        let name = path.utf8.reversed().prefix { $0 != UInt8(ascii: "/") }.reversed().prefix(64)
        let token = name.filter { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return token.isEmpty ? "http-client" : String(decoding: token, as: UTF8.self)
    }()
}
