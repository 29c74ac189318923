internal import AsyncHTTPClient
internal import NIOCore
internal import Synchronization

/// The connections through proxies: a client for each way to a server.
///
/// AsyncHTTPClient is told to speak plain HTTP with the proxy's address, and every connection it makes there is led to
/// the server before it is used (see ``Tunnel``). Its own proxies are not used: it speaks no TLS with them, and
/// takes a certificate for the proxy's address for that of a server.
final class TunnelledClients: Sendable {
    /// How many ways are kept when nothing uses them.
    static let maximumKept = 64

    private struct Entry {
        let client: HTTPClient
        var exchanges = 0
        var lastUse: UInt64 = 0
    }

    private struct State {
        var entries: [TunnelRoute: Entry] = [:]
        var uses: UInt64 = 0
        var isShutDown = false
    }

    private let configuration: OutboundConfiguration
    private let native: HTTPClient.Configuration
    private let tls: TunnelTLS
    private let proxyTLS: TunnelTLS
    private let state = Mutex(State())

    /// Creates clients that share all settings but the way.
    ///
    /// - Parameters:
    ///   - configuration: trust and time limits.
    ///   - native: the same as AsyncHTTPClient takes them.
    /// - Throws: ``OutboundError`` with code `invalidConfiguration` when the TLS settings cannot be used.
    init(_ configuration: OutboundConfiguration, _ native: HTTPClient.Configuration) throws(OutboundError) {
        self.configuration = configuration
        var native = native
        native.dnsOverride = [:]
        self.native = native
        tls = try TunnelTLS(configuration.tls)
        if configuration.showsIdentityToProxies || configuration.tls.identity == nil {
            proxyTLS = tls
        } else {
            var anonymous = configuration.tls
            anonymous.identity = nil
            proxyTLS = try TunnelTLS(anonymous)
        }
    }

    /// How many ways are kept.
    var count: Int { state.withLock { $0.entries.count } }

    /// The client for a way, which is kept at least until ``end(_:)``.
    ///
    /// - Throws: ``OutboundError`` with code `shutDown`.
    func begin(_ route: TunnelRoute) throws(OutboundError) -> HTTPClient {
        try state.withLock { state throws(OutboundError) in
            guard !state.isShutDown else { throw OutboundError(.shutDown, "the client was shut down") }
            state.uses &+= 1
            var entry = state.entries[route] ?? Entry(client: makeClient(route))
            entry.exchanges += 1
            entry.lastUse = state.uses
            state.entries[route] = entry
            return entry.client
        }
    }

    /// Ends an exchange, and closes the connections of the ways that were used longest ago if there are too many.
    func end(_ route: TunnelRoute) async {
        let unused = state.withLock { state in
            state.entries[route]?.exchanges -= 1
            var unused: [HTTPClient] = []
            while state.entries.count > Self.maximumKept,
                let oldest = state.entries.filter({ $0.value.exchanges == 0 }).min(by: {
                    $0.value.lastUse < $1.value.lastUse
                })
            {
                state.entries[oldest.key] = nil
                unused.append(oldest.value.client)
            }
            return unused
        }
        for client in unused { try? await client.shutdown() }
    }

    /// Closes every connection.
    func shutdown() async {
        let clients = state.withLock { state in
            state.isShutDown = true
            defer { state.entries = [:] }
            return state.entries.values.map(\.client)
        }
        for client in clients { try? await client.shutdown() }
    }

    private func makeClient(_ route: TunnelRoute) -> HTTPClient {
        let tunnel = Tunnel(
            route: route,
            serverName: configuration.tls.serverNames[route.host] ?? route.host,
            tls: tls,
            proxyTLS: proxyTLS,
            limit: configuration.timeouts.connect
        )
        var native = native
        let prepare = native.http1_1ConnectionDebugInitializer
        native.http1_1ConnectionDebugInitializer = { channel in
            let isPrepared = prepare?(channel) ?? channel.eventLoop.makeSucceededVoidFuture()
            return isPrepared.flatMap { tunnel.open(on: channel) }
        }
        return HTTPClient(eventLoopGroupProvider: configuration.eventLoops, configuration: native)
    }
}
