internal import NIOSSL

/// The TLS that is spoken at one end of a tunnel or both, with the proxy and with the server.
///
/// On the same trust and identity as a rule, as in Go's `net/http`, which other Kubernetes tools use.
struct TunnelTLS: Sendable {
    let settings: TLSSettings
    private let context: NIOSSLContext

    /// - Throws: ``OutboundError`` with code `invalidConfiguration` when the settings cannot be used.
    init(_ settings: TLSSettings) throws(OutboundError) {
        self.settings = settings
        var native = try settings.makeNative()
        native.applicationProtocols = ["http/1.1"]
        // Chains are verified by NIOSSL, names by `failure(of:for:)`, since NIOSSL would accept the proxy's address.
        if !settings.withoutVerificationUnsafe { native.certificateVerification = .noHostnameVerification }
        context = try settings.makeContext(native)
    }

    /// A handler that begins a handshake with a host.
    func makeHandler(for host: String) throws -> NIOSSLClientHandler {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        return try NIOSSLClientHandler(context: context, serverHostname: IPAddress(name) == nil ? name : nil)
    }

    /// Why the certificate that was shown in a handshake is not that of the peer; `nil` if it is.
    func failure(of handler: NIOSSLClientHandler, for peer: ExchangePeer) -> OutboundError? {
        if settings.withoutVerificationUnsafe { return nil }
        let names = handler.peerCertificate.map { CertificateNames($0) } ?? CertificateNames()
        return names.include(peer.host) ? nil : .wrongName(of: peer, names.words)
    }
}
