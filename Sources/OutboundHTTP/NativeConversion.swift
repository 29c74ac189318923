internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

extension OutboundConfiguration {
    /// The same settings as AsyncHTTPClient takes them.
    ///
    /// - Parameter permissions: who is asked about requests on the connections.
    /// - Returns: the settings.
    /// - Throws: ``OutboundError`` with code `invalidConfiguration`.
    func makeNative(_ permissions: SendingPermissions) throws(OutboundError) -> HTTPClient.Configuration {
        var native = HTTPClient.Configuration(
            tlsConfiguration: try tls.makeNative(),
            redirectConfiguration: .disallow,
            timeout: .init(connect: timeouts.connect.native, read: nil),
            connectionPool: .init(
                idleTimeout: connectionIdleTime.native,
                concurrentHTTP1ConnectionsPerHostSoftLimit: max(1, connectionsPerHost)
            ),
            decompression: .disabled
        )
        // Spans that nobody collects would cost each request a second look at its URL.
        native.tracing.tracer = nil
        native.httpVersion = allowsHTTP2 ? .automatic : .http1Only
        let keepAlive = keepAlive
        native.http1_1ConnectionDebugInitializer = { channel in
            keepAlive.apply(to: channel).flatMap { PermissionHandler.add(to: channel, permissions) }
        }
        native.http2ConnectionDebugInitializer = { keepAlive.apply(to: $0) }
        // Who asks decides about retries; a refused connection is reported at once.
        native.connectionPool.retryConnectionEstablishment = false
        for (host, name) in tls.serverNames {
            guard native.dnsOverride[name] == nil else {
                throw OutboundError(.invalidConfiguration, "two hosts have the same TLS server name \(name)")
            }
            native.dnsOverride[name] = host
        }
        return native
    }

    /// The threads of the connections, as AsyncHTTPClient takes them: one of their own, or those of the process.
    var eventLoops: HTTPClient.EventLoopGroupProvider {
        guard let thread else { return .singleton }
        return .shared(thread.group)
    }
}

extension OutboundRequest {
    /// The same request as AsyncHTTPClient takes it.
    ///
    /// - Parameters:
    ///   - configuration: what goes with every request.
    ///   - route: the way through a proxy, where there is one.
    /// - Returns: a request that names the server in its `Host` field, wherever it is sent.
    /// - Throws: ``OutboundError`` with code `invalidRequest`.
    func makeNative(
        _ configuration: OutboundConfiguration,
        through route: TunnelRoute?
    ) throws(OutboundError) -> HTTPClientRequest {
        var url = url
        var authority = url.authority
        if let route {
            // The library connects to the proxy; what leads on to the server is not its affair.
            url = try OutboundURL(scheme: .http, authority: route.proxy.authority, path: url.path, query: url.query)
        } else if url.scheme == .https, let name = configuration.tls.serverNames[url.host] {
            // The library takes the server name from the URL, and the address from its override of the name.
            authority = "\(name):\(url.port)"
            url = try OutboundURL(scheme: .https, authority: authority, path: url.path, query: url.query)
        }
        if let address, url.scheme == .http, route == nil {
            authority = "\(address.authority):\(url.port)"
            url = try OutboundURL(scheme: .http, authority: authority, path: url.path, query: url.query)
        }
        var native = HTTPClientRequest(url: url.absoluteString)
        native.method = HTTPMethod(rawValue: method.rawValue)
        native.headers.add(name: "host", value: self.url.authority)
        for field in headers.fields where !Self.reservedFields.contains(field.name) {
            native.headers.add(name: field.name, value: field.value)
        }
        if headers["user-agent"] == nil { native.headers.add(name: "user-agent", value: configuration.userAgent) }
        native.body = body.map { .bytes($0) }
        return native
    }

    private static let reservedFields: Set = [
        "host", "content-length", "transfer-encoding", "connection", SendingPermissions.field,
    ]
}

extension TLSSettings {
    /// The same settings as NIOSSL takes them.
    func makeNative() throws(OutboundError) -> TLSConfiguration {
        var native = TLSConfiguration.makeClientConfiguration()
        native.minimumTLSVersion = .tlsv12
        if withoutVerificationUnsafe { native.certificateVerification = .none }
        switch roots {
        case .system:
            break
        case .systemAnd(let pem):
            native.additionalTrustRoots = [.certificates(try Self.certificates(pem, "the CA certificates"))]
        case .only(let pem):
            native.trustRoots = .certificates(try Self.certificates(pem, "the CA certificates"))
        }
        if let identity {
            native.certificateChain = try Self.certificates(identity.certificateChainPEM, "the client certificate")
                .map { .certificate($0) }
            do {
                native.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.privateKeyPEM, format: .pem))
            } catch {
                throw OutboundError(
                    .invalidConfiguration,
                    "the client's private key cannot be read: it must be PEM, not encrypted"
                )
            }
        }
        return native
    }

    /// Refuses settings with which no connection could be made, such as a key that is not that of the certificate.
    ///
    /// - Throws: ``OutboundError`` with code `invalidConfiguration`, whose message shows nothing of a key.
    public func check() throws(OutboundError) { _ = try makeContext(try makeNative()) }

    /// What connections are secured with.
    func makeContext(_ native: TLSConfiguration) throws(OutboundError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: native)
        } catch {
            throw OutboundError(
                .invalidConfiguration,
                "the client certificate and its key cannot be used together: is it the key of this certificate?"
            )
        }
    }

    private static func certificates(
        _ pem: [UInt8],
        _ what: String
    ) throws(OutboundError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else {
            throw OutboundError(.invalidConfiguration, "\(what) cannot be read: there must be certificates in PEM")
        }
        return certificates
    }
}

extension Duration {
    /// The same duration as NIO takes it, rounded down to nanoseconds, at most some 292 years.
    var native: TimeAmount {
        let (seconds, attoseconds) = components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = nanoseconds.addingReportingOverflow(attoseconds / 1_000_000_000)
        return .nanoseconds(overflow || carry ? .max : sum)
    }
}

/// Reads the parts of a body.
///
/// Not shared: the sequence it serves has one reader.
final class BodyIterator: @unchecked Sendable {
    // Unchecked: `OutboundBody` hands out one iterator, and an iterator's `next` is never called twice at a time.
    private var base: HTTPClientResponse.Body.AsyncIterator

    init(_ body: HTTPClientResponse.Body) {
        base = body.makeAsyncIterator()
    }

    func next() async throws -> [UInt8]? {
        while let buffer = try await base.next() {
            if buffer.readableBytes > 0 { return Array(buffer.readableBytesView) }
        }
        return nil
    }
}
