import OutboundHTTP

/// What is particular about connections to one registry, with the content of its files.
struct RegistryConnection: Sendable, Hashable {
    /// The registry, as references write it.
    let registry: String
    /// Certificate authorities that it may use besides the others, PEM.
    var authoritiesPEM: [UInt8]?
    /// Who the client is, at this registry alone.
    var identity: TLSSettings.ClientIdentity?
    /// Which requests go through a proxy; `nil` for those that all others do.
    var proxies: ProxySettings?

    /// Whether it is asked over connections of its own; otherwise over those of all others.
    var isParticular: Bool { authoritiesPEM != nil || identity != nil || proxies != nil }

    /// Puts a host and its files together.
    ///
    /// - Parameters:
    ///   - host: what the configuration says.
    ///   - files: the content of its files, by path.
    /// - Throws: ``InputError`` naming the file that cannot be used.
    init(_ host: RegistryHost, files: [String: [UInt8]]) throws(InputError) {
        registry = host.registry
        if let file = host.authorityFile {
            authoritiesPEM = try Self.content(file, files)
            try Self.check(TLSSettings(roots: .only(pem: authoritiesPEM ?? [])), host.registry, file)
        }
        if let certificate = host.certificateFile, let key = host.keyFile {
            identity = TLSSettings.ClientIdentity(
                certificateChainPEM: try Self.content(certificate, files),
                privateKeyPEM: try Self.content(key, files)
            )
            try Self.check(TLSSettings(identity: identity), host.registry, "\(certificate), \(key)")
        }
        switch host.proxy {
        case nil: break
        case .direct: proxies = ProxySettings.none
        case .server(let server):
            var settings = ProxySettings(http: server, https: server)
            // It was named for this registry, wherever that stands.
            settings.includesLoopback = true
            proxies = settings
        }
    }

    private static func content(_ path: String, _ files: [String: [UInt8]]) throws(InputError) -> [UInt8] {
        guard let bytes = files[path] else { throw InputError("\(path): was not read") }
        return bytes
    }

    private static func check(_ tls: TLSSettings, _ registry: String, _ files: String) throws(InputError) {
        do throws(OutboundError) {
            try tls.check()
        } catch {
            throw InputError("\(files), for \(registry): \(error.message)")
        }
    }

    /// How it is connected to, where `common` is how all others are.
    ///
    /// - Parameters:
    ///   - common: authorities, proxies and time limits of all others.
    ///   - showsIdentity: whether the client says who it is.
    /// - Returns: the settings.
    func outbound(_ common: OutboundConfiguration, showsIdentity: Bool) -> OutboundConfiguration {
        var outbound = common
        if let own = authoritiesPEM {
            if case .systemAnd(let others) = common.tls.roots {
                outbound.tls.roots = .systemAnd(pem: others + [UInt8(ascii: "\n")] + own)
            } else {
                outbound.tls.roots = .systemAnd(pem: own)
            }
        }
        outbound.tls.identity = showsIdentity ? identity : nil
        outbound.showsIdentityToProxies = false
        if let proxies { outbound.proxies = proxies }
        return outbound
    }
}
