internal import ConnectionHandover
internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import JSONModel
internal import KubernetesAPI
internal import Logging
internal import NIOCore
internal import NIOSSL
public import ServiceLifecycle

/// An HTTP server in front of an ``EmbeddedCluster``: HTTP/1.1, plain or in TLS, meant for the loopback interface.
///
/// Whoever shows no credentials is whom the cluster's configuration says, an administrator unless told. Run it as a
/// service; ``boundPort()`` tells where it listens.
public struct EmbeddedAPIServer: Service {
    private let cluster: EmbeddedCluster
    private let host: String
    private let port: Int
    private let tls: ServerTLS?
    private let client: String
    private let bound: BoundPort

    /// Creates a server that is not listening yet.
    ///
    /// - Parameters:
    ///   - cluster: what it serves.
    ///   - host: the address to listen on.
    ///   - port: the port to listen on; 0 chooses a free one.
    ///   - tls: the certificate to serve under; `nil` serves plain HTTP.
    ///   - client: the name in records and for faults of those who come in here; empty: their `User-Agent`.
    public init(
        cluster: EmbeddedCluster,
        host: String = "127.0.0.1",
        port: Int = 0,
        tls: ServerTLS? = nil,
        client: String = ""
    ) {
        self.cluster = cluster
        self.host = host
        self.port = port
        self.tls = tls
        self.client = client
        self.bound = BoundPort()
    }

    /// Listens and serves until the task is cancelled or its service group shuts down.
    ///
    /// Its open watches are ended then; those of other servers of the cluster go on.
    ///
    /// - Throws: when the address cannot be listened on, or the certificate cannot be used.
    public func run() async throws {
        let bound = bound
        let served = ServedAnswers()
        let handover = ConnectionHandover()
        let http = HTTPServerBuilder { handover.connections(HTTP1Channel(responder: $0)) }
        let application = Application(
            responder: APIResponder(cluster: cluster, client: client, served: served),
            server: try tls.map { try .tls(http, tlsConfiguration: try $0.configuration()) } ?? http,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                await handover.watch(channel)
                bound.set(channel.localAddress?.port ?? 0)
            },
            logger: Logger(label: "embedded-kubernetes", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        defer { bound.stop() }
        try await handover.serve { try await Self.serve(application, served) }
    }

    private static func serve(_ application: some ApplicationProtocol, _ served: ServedAnswers) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Watches never end by themselves, and would hold the shutdown up.
                try? await gracefulShutdown()
                served.stop()
            }
            defer { group.cancelAll() }
            try await application.run()
        }
    }

    /// The port the server listens on; waits until it does.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the server stopped before it listened.
    public func boundPort() async throws -> Int { try await bound.value() }

    /// A kubeconfig for this server: one cluster, one context, namespace `default`.
    ///
    /// - Parameters:
    ///   - port: where the server listens.
    ///   - token: a bearer token to show; clients send it in TLS alone. `nil`: no credentials.
    /// - Returns: YAML; in TLS the server's own certificate chain is what it is checked against.
    public func kubeconfig(port: Int, token: String? = nil) -> String {
        var cluster = "server: \"\(tls == nil ? "http" : "https")://\(host):\(port)\""
        if let tls {
            let chain = Data(tls.certificateChain.utf8).base64EncodedString()
            cluster += ", certificate-authority-data: \(chain)"
        }
        return """
            apiVersion: v1
            kind: Config
            clusters:
            - name: embedded
              cluster: {\(cluster)}
            users:
            - name: embedded
              user: {\(token.map { "token: \"\($0)\"" } ?? "")}
            contexts:
            - name: embedded
              context: {cluster: embedded, user: embedded, namespace: default}
            current-context: embedded

            """
    }
}
