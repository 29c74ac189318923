import KubernetesAPI
import Logging
import OutboundHTTP
import Synchronization

/// Keeps what a transport shows the server, and by what it knows the server, up to date: tokens, client certificates
/// and authorities.
///
/// Nothing runs in the background: whatever is due is done when the next request asks for its ``Pass``.
final class ServerAccess: Sendable {
    /// What one request is authenticated with.
    struct Pass: Sendable {
        /// The value of the `authorization` field.
        var authorization: String?
        fileprivate var origin = Origin.fixed
    }

    fileprivate enum Origin: Sendable {
        case fixed
        case tokenFile(String)
        case plugin(ExecCredential)
    }

    private enum Source: Sendable {
        case fixed(String?)
        case tokenFile(BearerTokenSource)
        case plugin(ExecCredentialSource)
    }

    private struct State {
        var material: CertificateMaterial
        var checkedAt: Duration
        /// Whether the certificates of either side were refused since the files were read.
        var isDoubted = false
        var applied: TLSSettings
    }

    /// How long certificates are used before their files are looked at again; client-go's figure.
    private static let certificateLifetime = Duration.seconds(300)

    private let configuration: ClusterConfiguration
    private let source: Source
    private let clients: [RotatingHTTPClient]
    private let stopwatch: Stopwatch
    private let logger: Logger
    private let state: Mutex<State>

    init(
        _ configuration: ClusterConfiguration,
        clients: [RotatingHTTPClient],
        plugins: ExecCredentialSource.Surroundings,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.configuration = configuration
        self.clients = clients
        self.logger = logger
        stopwatch = Stopwatch(clock)
        let material = CertificateMaterial(
            authority: configuration.certificateAuthority,
            identity: configuration.identity
        )
        state = Mutex(State(material: material, checkedAt: .zero, applied: configuration.tlsSettings(material)))
        switch configuration.credential {
        case .none: source = .fixed(nil)
        case .token(let token): source = .fixed("Bearer \(token)")
        case .basic(let username, let password):
            source = .fixed("Basic \(BasicCredential.encode(username: username, password: password))")
        case .tokenFile(let path): source = .tokenFile(BearerTokenSource(path: path, clock: clock, logger: logger))
        case .exec(let plugin): source = .plugin(ExecCredentialSource(plugin, plugins))
        }
    }

    /// What the next request is authenticated with; connections made from now on use the certificates of this moment.
    ///
    /// - Throws: `TransportError` with code `credentialsUnavailable`; `CancellationError`.
    func pass() async throws -> Pass {
        // Credentials never travel in the clear.
        guard configuration.server.scheme == .https else { return Pass() }
        let pass: Pass
        var pluginIdentity: TLSSettings.ClientIdentity?
        do {
            switch source {
            case .fixed(let authorization):
                pass = Pass(authorization: authorization)
            case .tokenFile(let tokens):
                let token = try tokens.token()
                pass = Pass(authorization: "Bearer \(token)", origin: .tokenFile(token))
            case .plugin(let plugin):
                let credential = try await plugin.credential()
                pluginIdentity = credential.identity
                pass = Pass(authorization: credential.token.map { "Bearer \($0)" }, origin: .plugin(credential))
            }
        } catch let error as ClusterConfigurationError {
            throw TransportError(.credentialsUnavailable, error.message)
        }
        try renewConnections(pluginIdentity)
        return pass
    }

    /// The server did not accept the request's credential: the next request brings a newer one, if there is one.
    func refused(_ pass: Pass) {
        switch (pass.origin, source) {
        case (.tokenFile(let token), .tokenFile(let tokens)): tokens.refused(token)
        case (.plugin(let credential), .plugin(let plugin)): plugin.refused(credential)
        default: break
        }
        if configuration.certificateFiles.clientCertificate != nil { doubtCertificates() }
    }

    /// One side did not accept the other's certificate: the files are looked at again with the next request.
    func doubtCertificates() { state.withLock { $0.isDoubted = true } }

    private func renewConnections(_ pluginIdentity: TLSSettings.ClientIdentity?) throws {
        let now = stopwatch.elapsed
        try state.withLock { state in
            let former = state.material
            readFilesIfDue(&state, now)
            var material = state.material
            if let pluginIdentity { material.identity = pluginIdentity }
            let settings = configuration.tlsSettings(material)
            guard settings != state.applied else { return }
            do throws(OutboundError) {
                for client in clients { try client.use(settings) }
                state.applied = settings
            } catch {
                guard pluginIdentity == nil else {
                    throw TransportError(.credentialsUnavailable, "the credential program's \(error.message)")
                }
                state.material = former
                logger.warning(
                    "renewed certificate files cannot be used; the earlier certificates stay in use",
                    metadata: ["cluster": "\(configuration.source)", "cause": "\(error.message)"]
                )
            }
        }
    }

    private func readFilesIfDue(_ state: inout State, _ now: Duration) {
        guard !configuration.certificateFiles.isEmpty,
            state.isDoubted || now - state.checkedAt >= Self.certificateLifetime
        else { return }
        state.checkedAt = now
        state.isDoubted = false
        do throws(ClusterConfigurationError) {
            state.material = try configuration.certificateFiles.read(state.material)
        } catch {
            logger.warning(
                "certificate files cannot be read again; the earlier certificates stay in use",
                metadata: ["cluster": "\(configuration.source)", "cause": "\(error.message)"]
            )
        }
    }
}

extension ClusterConfiguration {
    /// What connections to the server trust and show.
    func tlsSettings(_ material: CertificateMaterial) -> TLSSettings {
        var tls = TLSSettings(
            roots: material.authority.map { .only(pem: $0) } ?? .system,
            identity: material.identity,
            withoutVerificationUnsafe: isInsecure
        )
        if let name = tlsServerName { tls.serverNames[server.host] = name }
        return tls
    }
}
