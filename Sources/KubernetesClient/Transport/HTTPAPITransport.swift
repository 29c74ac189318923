public import FoundationEssentials
public import KubernetesAPI
public import Logging
public import OutboundHTTP
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The way to an API server over HTTP.
///
/// Watches have connections of their own, so that they cannot hold up requests; give leader election a transport of its
/// own too, with ``HTTPTransportOptions/leaderElection``, whose connections also have a thread of their own. Whoever
/// creates a transport must call ``shutdown()`` when nothing uses it any more.
///
/// Tokens, client certificates and authorities are followed as they are renewed: an answer of 401, or a refused
/// handshake, makes the next request bring newer ones, so a renewal costs one refused request at most. A connection
/// whose other end vanished is found dead by the kernel's probes (`TCPKeepAlive`, 45 s). HTTP/1.1 is spoken: each watch
/// then has a connection of its own, and none waits for another's flow control. What was to be sent on a connection
/// that is closed, or that nobody acknowledges (``HTTPTransportOptions/unacknowledgedLimit``), is never sent later.
public final class HTTPAPITransport: APITransport {
    /// How the server is reached.
    public let configuration: ClusterConfiguration
    private let options: HTTPTransportOptions
    private let requests: any HTTPExchange
    private let streams: any HTTPExchange
    private let access: ServerAccess
    private let owned: Owned

    /// What ends with the transport.
    private struct Owned {
        var clients: [RotatingHTTPClient] = []
        /// Carries the connections of `clients`; `nil` where those of the process do.
        var thread: ConnectionThread?
    }

    /// Creates a transport; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: how the server is reached.
    ///   - options: what the transport allows.
    ///   - clock: measures time limits and the age of tokens and certificates.
    ///   - now: the time by the calendar, to which the credentials of programs expire.
    ///   - logger: where renewals that fail are reported.
    /// - Throws: ``ClusterConfigurationError`` when the certificates of the configuration cannot be used.
    public convenience init(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions = HTTPTransportOptions(),
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "kubernetes.client")
    ) throws(ClusterConfigurationError) {
        let thread = options.ownsThread ? ConnectionThread() : nil
        do throws(OutboundError) {
            var settings = Self.settings(configuration, options, thread)
            settings.connectionsPerHost = options.streamConnections
            let streams = try RotatingHTTPClient(settings, clock: clock)
            settings.connectionsPerHost = options.requestConnections
            settings.keepAlive.unacknowledgedLimit = Self.milliseconds(options.unacknowledgedLimit)
            settings.keepAlive.discardsUnsent = true
            let requests = try RotatingHTTPClient(settings, clock: clock)
            self.init(
                configuration,
                options: options,
                requests: requests,
                streams: streams,
                owned: Owned(clients: [requests, streams], thread: thread),
                plugins: Self.plugins(options, clock, now),
                clock: clock,
                logger: logger
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
    ///   - clock: measures the age of tokens and certificates.
    ///   - now: the time by the calendar, to which the credentials of programs expire.
    ///   - logger: where renewals that fail are reported.
    public convenience init(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions = HTTPTransportOptions(),
        requests: any HTTPExchange,
        streams: any HTTPExchange,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "kubernetes.client")
    ) {
        self.init(
            configuration,
            options: options,
            requests: requests,
            streams: streams,
            owned: Owned(),
            plugins: Self.plugins(options, clock, now),
            clock: clock,
            logger: logger
        )
    }

    /// Whether bytes of a request were given to a connection.
    private final class Handover: Sendable {
        private let flag = Atomic(false)

        var hasHappened: Bool { flag.load(ordering: .relaxed) }

        func note() -> Bool {
            flag.store(true, ordering: .relaxed)
            return true
        }
    }

    private init(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions,
        requests: any HTTPExchange,
        streams: any HTTPExchange,
        owned: Owned,
        plugins: ExecCredentialSource.Surroundings,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.configuration = configuration
        self.options = options
        self.requests = requests
        self.streams = streams
        self.owned = owned
        access = ServerAccess(configuration, clients: owned.clients, plugins: plugins, clock: clock, logger: logger)
    }

    /// Runs `body` with a transport that is shut down afterwards, whatever happens.
    ///
    /// - Parameters:
    ///   - configuration: how the server is reached.
    ///   - options: what the transport allows.
    ///   - body: what uses it.
    /// - Returns: the result of `body`.
    /// - Throws: as ``init(_:options:clock:now:logger:)``; what `body` throws.
    public static func with<Result: Sendable>(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions = HTTPTransportOptions(),
        _ body: (HTTPAPITransport) async throws -> Result
    ) async throws -> Result {
        let transport = try HTTPAPITransport(configuration, options: options)
        do {
            let result = try await body(transport)
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// The server's host and port.
    public var host: String { configuration.server.authority }

    /// Closes every connection, and ends their thread if they have one of their own.
    public func shutdown() async {
        for client in owned.clients { await client.shutdown() }
        await owned.thread?.shutdown()
    }

    /// Sends a request and collects the whole answer.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        try await exchange(request, isPermitted: nil)
    }

    /// Sends a request that may only leave while `isPermitted` says so; it is asked when a connection is there and
    /// nothing but the body is left to send (see `OutboundRequest.isPermitted`).
    public func send(
        _ request: APIRequest,
        while isPermitted: @escaping @Sendable () -> Bool
    ) async throws -> APIResponse {
        try await exchange(request, isPermitted: isPermitted)
    }

    private func exchange(
        _ request: APIRequest,
        isPermitted: (@Sendable () -> Bool)?
    ) async throws -> APIResponse {
        let pass = try await access.pass()
        var outbound = try prepared(request, pass)
        let handover = Handover()
        if let isPermitted { outbound.isPermitted = { isPermitted() && handover.note() } }
        let response: OutboundResponse
        do throws(OutboundError) {
            response = try await requests.send(outbound, limit: .bytes(options.maximumResponseBytes))
        } catch {
            if error.code == .insecure { access.doubtCertificates() }
            // A route that vanishes ends connections, too: what was handed to one may have arrived.
            if error.code == .unreachable, handover.hasHappened {
                throw TransportError(.connectionLost, error.message)
            }
            throw error.asTransportFailure
        }
        if response.status == 401 { access.refused(pass) }
        return APIResponse(status: response.status, headers: response.headers.dictionary, body: response.body)
    }

    /// Sends a request whose answer is read as it arrives.
    public func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        let pass = try await access.pass()
        var outbound = try prepared(request, pass)
        outbound.idleTimeout = options.streamIdleTimeout
        let access = self.access
        do {
            return try await streams.stream(outbound) { stream in
                if stream.status == 401 { access.refused(pass) }
                return try await body(
                    APIResponseStream(
                        status: stream.status,
                        headers: stream.headers.dictionary,
                        body: TransportBody(stream.body)
                    )
                )
            }
        } catch let error as OutboundError {
            if error.code == .insecure { access.doubtCertificates() }
            throw error.asTransportFailure
        }
    }

    // MARK: - Requests

    private func prepared(_ request: APIRequest, _ pass: ServerAccess.Pass) throws -> OutboundRequest {
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
        for line in request.headerLines { headers.append(line.name, line.value) }
        headers["authorization"] = pass.authorization
        if !request.impersonates {
            for field in configuration.impersonation.fields { headers.append(field.name, field.value) }
        }
        return OutboundRequest(
            request.method.outbound,
            url,
            headers: headers,
            body: request.body,
            timeout: request.timeout ?? options.requestTimeout
        )
    }

    private static func plugins(
        _ options: HTTPTransportOptions,
        _ clock: any Clock<Duration>,
        _ now: @escaping @Sendable () -> Date
    ) -> ExecCredentialSource.Surroundings {
        ExecCredentialSource.Surroundings(
            runner: SubprocessPluginRunner(timeout: options.execPluginTimeout, clock: clock),
            policy: options.execPlugins,
            hasTerminal: { isatty(STDIN_FILENO) == 1 },
            now: now
        )
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        Int(min(max(duration, .milliseconds(1)), .seconds(3600)) / .milliseconds(1))
    }

    private static func settings(
        _ configuration: ClusterConfiguration,
        _ options: HTTPTransportOptions,
        _ thread: ConnectionThread?
    ) -> OutboundConfiguration {
        var settings = OutboundConfiguration(
            tls: configuration.tlsSettings(
                CertificateMaterial(authority: configuration.certificateAuthority, identity: configuration.identity)
            ),
            proxies: configuration.proxies,
            timeouts: OutboundTimeouts(
                connect: options.connectTimeout,
                idle: options.requestTimeout,
                overall: options.requestTimeout
            )
        )
        settings.thread = thread
        return settings
    }
}
