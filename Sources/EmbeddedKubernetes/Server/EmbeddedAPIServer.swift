internal import HTTPTypes
internal import Hummingbird
internal import JSONModel
internal import KubernetesAPI
internal import Logging
internal import NIOCore
public import ServiceLifecycle

/// An HTTP server in front of an ``EmbeddedCluster``: plain HTTP/1.1, meant for the loopback interface.
///
/// It checks no credentials. Run it as a service; ``boundPort()`` tells where it listens.
public struct EmbeddedAPIServer: Service {
    private let cluster: EmbeddedCluster
    private let host: String
    private let port: Int
    private let bound: BoundPort

    /// Creates a server that is not listening yet.
    ///
    /// - Parameters:
    ///   - cluster: what it serves.
    ///   - host: the address to listen on.
    ///   - port: the port to listen on; 0 chooses a free one.
    public init(cluster: EmbeddedCluster, host: String = "127.0.0.1", port: Int = 0) {
        self.cluster = cluster
        self.host = host
        self.port = port
        self.bound = BoundPort()
    }

    /// Listens and serves until the task is cancelled or its service group shuts down.
    ///
    /// Open watches are ended then.
    ///
    /// - Throws: when the address cannot be listened on.
    public func run() async throws {
        let cluster = cluster
        let bound = bound
        let application = Application(
            responder: APIResponder(cluster: cluster),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in bound.set(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "embedded-kubernetes", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        defer { bound.stop() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Watches never end by themselves, and would hold the shutdown up.
                try? await gracefulShutdown()
                await cluster.closeWatches()
            }
            defer { group.cancelAll() }
            try await application.run()
        }
    }

    /// The port the server listens on; waits until it does.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the server stopped before it listened.
    public func boundPort() async throws -> Int { try await bound.value() }

    /// A kubeconfig for this server: one cluster, one context, no credentials, namespace `default`.
    public func kubeconfig(port: Int) -> String {
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: embedded
          cluster: {server: "http://\(host):\(port)"}
        users:
        - name: embedded
          user: {}
        contexts:
        - name: embedded
          context: {cluster: embedded, user: embedded, namespace: default}
        current-context: embedded

        """
    }
}
