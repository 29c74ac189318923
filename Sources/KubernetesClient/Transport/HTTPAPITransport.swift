public import KubernetesAPI
public import OutboundHTTP

/// The way to an API server over HTTP.
///
/// Watches have connections of their own, so that they cannot hold up requests; give leader election a transport of its
/// own too, with ``HTTPTransportOptions/leaderElection``. Whoever creates a transport must call ``shutdown()`` when
/// nothing uses it any more.
public final class HTTPAPITransport: APITransport {
    /// How the server is reached.
    public let configuration: ClusterConfiguration
    private let options: HTTPTransportOptions
    private let requests: any HTTPExchange
    private let streams: any HTTPExchange
    private let tokens: BearerTokenSource?
    private let owned: [OutboundHTTPClient]

    /// Creates a transport; nothing is connected yet.
    ///
    /// - Throws: ``ClusterConfigurationError`` when the certificates of the configuration cannot be used.
    public convenience init(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions = HTTPTransportOptions(),
        clock: any Clock<Duration> = ContinuousClock()
    ) throws(ClusterConfigurationError) {
        do throws(OutboundError) {
            let requests = try OutboundHTTPClient(
                Self.settings(configuration, options, connections: options.requestConnections),
                clock: clock
            )
            let streams = try OutboundHTTPClient(
                Self.settings(configuration, options, connections: options.streamConnections),
                clock: clock
            )
            self.init(
                configuration,
                options: options,
                requests: requests,
                streams: streams,
                owned: [requests, streams],
                clock: clock
            )
        } catch {
            throw ClusterConfigurationError(.malformed, "\(configuration.source): \(error)")
        }
    }

    /// Creates a transport over exchanges that someone else owns.
    ///
    /// - Parameters:
    ///   - configuration: how the server is reached.
    ///   - options: what the transport allows.
    ///   - requests: sends requests.
    ///   - streams: sends watches.
    ///   - clock: measures the age of tokens.
    public convenience init(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions = HTTPTransportOptions(),
        requests: any HTTPExchange,
        streams: any HTTPExchange,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.init(configuration, options: options, requests: requests, streams: streams, owned: [], clock: clock)
    }

    private init(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions,
        requests: any HTTPExchange,
        streams: any HTTPExchange,
        owned: [OutboundHTTPClient],
        clock: any Clock<Duration>
    ) {
        self.configuration = configuration
        self.options = options
        self.requests = requests
        self.streams = streams
        self.owned = owned
        if case .tokenFile(let path) = configuration.credential {
            tokens = BearerTokenSource(path: path, clock: clock)
        } else {
            tokens = nil
        }
    }

    /// Closes every connection.
    public func shutdown() async {
        for client in owned { await client.shutdown() }
    }

    /// Sends a request and collects the whole answer.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        let (outbound, token) = try prepared(request)
        let response: OutboundResponse
        do throws(OutboundError) {
            response = try await requests.send(outbound, limit: .bytes(options.maximumResponseBytes))
        } catch {
            throw error.asTransportFailure
        }
        if response.status == 401, let token { tokens?.refused(token) }
        return APIResponse(status: response.status, headers: response.headers.dictionary, body: response.body)
    }

    /// Sends a request whose answer is read as it arrives.
    public func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        var (outbound, token) = try prepared(request)
        outbound.idleTimeout = options.streamIdleTimeout
        let tokens = self.tokens
        do {
            return try await streams.stream(outbound) { [token] stream in
                if stream.status == 401, let token { tokens?.refused(token) }
                return try await body(
                    APIResponseStream(
                        status: stream.status,
                        headers: stream.headers.dictionary,
                        body: TransportBody(stream.body)
                    )
                )
            }
        } catch let error as OutboundError {
            throw error.asTransportFailure
        }
    }

    // MARK: - Requests

    private func prepared(_ request: APIRequest) throws -> (OutboundRequest, token: String?) {
        let server = configuration.server
        let prefix = server.path.hasSuffix("/") ? String(server.path.dropLast()) : server.path
        let query = request.query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        let url: OutboundURL
        do throws(OutboundError) {
            url = try OutboundURL(
                scheme: server.scheme,
                authority: server.authority,
                path: prefix + request.path,
                query: query.isEmpty ? nil : query.joined(separator: "&")
            )
        } catch {
            throw error.asTransportFailure
        }
        var headers = HeaderFields()
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) { headers.append(name, value) }
        let token = try authenticate(&headers)
        for field in configuration.impersonation.fields { headers.append(field.name, field.value) }
        let outbound = OutboundRequest(
            request.method.outbound,
            url,
            headers: headers,
            body: request.body,
            timeout: request.timeout ?? options.requestTimeout
        )
        return (outbound, token)
    }

    /// Adds the credential; never over an unencrypted connection.
    private func authenticate(_ headers: inout HeaderFields) throws -> String? {
        guard configuration.server.scheme == .https else { return nil }
        switch configuration.credential {
        case .none:
            return nil
        case .token(let token):
            headers["authorization"] = "Bearer \(token)"
            return nil
        case .basic(let username, let password):
            headers["authorization"] = "Basic \(BasicCredential.encode(username: username, password: password))"
            return nil
        case .tokenFile:
            let token: String?
            do throws(ClusterConfigurationError) {
                token = try tokens?.token()
            } catch {
                throw TransportError(.credentialsUnavailable, error.message)
            }
            headers["authorization"] = token.map { "Bearer \($0)" }
            return token
        }
    }

    private static func settings(
        _ configuration: ClusterConfiguration,
        _ options: HTTPTransportOptions,
        connections: Int
    ) -> OutboundConfiguration {
        var tls = TLSSettings(
            roots: configuration.certificateAuthority.map { .only(pem: $0) } ?? .system,
            identity: configuration.identity,
            withoutVerificationUnsafe: configuration.isInsecure
        )
        if let name = configuration.tlsServerName { tls.serverNames[configuration.server.host] = name }
        var settings = OutboundConfiguration(
            tls: tls,
            proxies: configuration.proxies,
            timeouts: OutboundTimeouts(
                connect: options.connectTimeout,
                idle: options.requestTimeout,
                overall: options.requestTimeout
            )
        )
        settings.connectionsPerHost = connections
        return settings
    }
}
