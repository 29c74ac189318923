import OCIRegistry
import OutboundHTTP

/// Every way to registries and what belongs to them that one set of options leads to.
///
/// A certificate that says who the client is stands in a client of its own, which is used for what is asked about images of
/// its registry, at the origin of its registry, and for nothing else: neither another registry that redirects there nor a
/// server to which it redirects itself is shown it. Authorities and proxies of a host are used wherever that host is asked.
struct RegistryConnections: Sendable {
    /// Everything that has no connections of its own; revocation services are asked over it.
    let common: OutboundHTTPClient
    /// All registries and the services that give credentials for them, without saying who the client is.
    let general: any HTTPExchange
    /// The registries that are shown a certificate, by how references write them.
    let own: [String: any HTTPExchange]
    private let clients: [OutboundHTTPClient]

    /// Makes the clients; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - connections: what is particular about registries.
    ///   - outbound: how all others are connected to.
    ///   - configuration: where registries are.
    ///   - clock: measures time limits.
    /// - Throws: ``InputError`` when settings cannot be used.
    init(
        _ connections: [RegistryConnection],
        _ outbound: OutboundConfiguration,
        _ configuration: RegistryConfiguration,
        clock: any Clock<Duration>
    ) throws(InputError) {
        var clients: [OutboundHTTPClient] = []
        func client(_ outbound: OutboundConfiguration) throws(OutboundError) -> OutboundHTTPClient {
            let client = try OutboundHTTPClient(outbound, clock: clock)
            clients.append(client)
            return client
        }
        do throws(OutboundError) {
            // A client that was made has to be closed, so what may fail comes first.
            try outbound.tls.check()
            let common = try client(outbound)
            var hosts: [String: any HTTPExchange] = [:]
            for connection in connections where connection.authoritiesPEM != nil || connection.proxies != nil {
                guard let origin = configuration.origin(of: connection.registry) else { continue }
                hosts[origin] = try client(connection.outbound(outbound, showsIdentity: false))
            }
            let general: any HTTPExchange = hosts.isEmpty ? common : OriginExchanges(general: common, own: hosts)
            var own: [String: any HTTPExchange] = [:]
            for connection in connections where connection.identity != nil {
                guard let origin = configuration.origin(of: connection.registry) else { continue }
                let known = try client(connection.outbound(outbound, showsIdentity: true))
                own[connection.registry] = OriginExchanges(general: general, own: [origin: known])
            }
            (self.common, self.general, self.own) = (common, general, own)
            self.clients = clients
        } catch {
            throw InputError("registries cannot be asked: \(error.message)")
        }
    }

    /// Closes every connection.
    func shutdown() async {
        for client in clients { await client.shutdown() }
    }
}
