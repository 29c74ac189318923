public import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
public import KubernetesClient
import TrustResources

/// The cluster that integration tests work on: the one that `VIGIL_TEST_KUBECONFIG` names, else the stand-in in this
/// process.
///
/// Tests assume nothing of it but the API: they make namespaces of their own, and the definitions are installed where
/// they are absent.
public struct IntegrationCluster: Sendable {
    /// The tests' own way to it.
    public let client: APIClient
    /// The stand-in, where that is used; what needs it is skipped on a real cluster.
    public let embedded: EmbeddedCluster?
    /// The kubeconfig of a real cluster; `nil` for the stand-in, which has none before it is served.
    public let kubeconfig: String?

    /// Whether the cluster is a real one, which tests share.
    public static let isReal = !(ProcessInfo.processInfo.environment["VIGIL_TEST_KUBECONFIG"] ?? "").isEmpty

    /// Runs `body` with a cluster that has the definitions installed.
    ///
    /// - Parameters:
    ///   - configuration: how the stand-in behaves, where that is used.
    ///   - body: works on the cluster.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; `ClusterConfigurationError`, `APIError` and `TransportError` when the cluster cannot
    ///   be reached or does not take the definitions.
    public static func with<Result>(
        _ configuration: EmbeddedKubernetes.ClusterConfiguration = .init(),
        _ body: (IntegrationCluster) async throws -> Result
    ) async throws -> Result {
        let environment = ProcessInfo.processInfo.environment
        guard let path = environment["VIGIL_TEST_KUBECONFIG"], !path.isEmpty else {
            let cluster = IntegrationCluster(EmbeddedCluster(configuration: configuration))
            try await cluster.installDefinitions()
            return try await body(cluster)
        }
        let transport = try HTTPAPITransport(
            try KubernetesClient.ClusterConfiguration.load(kubeconfig: path, environment: environment)
        )
        let cluster = IntegrationCluster(client: Self.client(transport), embedded: nil, kubeconfig: path)
        do {
            try await cluster.installDefinitions()
            let result = try await body(cluster)
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// The stand-in as the cluster, without the definitions.
    public init(_ embedded: EmbeddedCluster) {
        self.init(client: Self.client(embedded.transport(userAgent: "tests")), embedded: embedded, kubeconfig: nil)
    }

    private init(client: APIClient, embedded: EmbeddedCluster?, kubeconfig: String?) {
        self.client = client
        self.embedded = embedded
        self.kubeconfig = kubeconfig
    }

    private static func client(_ transport: any APITransport) -> APIClient {
        APIClient(transport: transport, userAgent: "vigil-tests/1")
    }

    // MARK: - Definitions

    /// Installs the definitions that are absent, and returns when they are served.
    ///
    /// - Throws: `APIError` when one is refused, or is not served within 20 s.
    public func installDefinitions() async throws {
        for definition in CustomResourceDefinitions.all {
            try await install(
                definition: JSONSerializer().bytes(definition),
                headers: ["content-type": "application/json"]
            )
        }
        // A definition is served a moment after it was made.
        for definition in CustomResourceDefinitions.definitions { try await untilServed(definition.json) }
    }

    /// Installs a definition if it is absent; it is served a moment later.
    ///
    /// - Parameters:
    ///   - definition: a CustomResourceDefinition.
    ///   - headers: what says how it is written.
    /// - Throws: `APIError` when it is refused, `TransportError`.
    public func install(definition: [UInt8], headers: [String: String]) async throws {
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        do {
            _ = try await client.send(APIRequest(.post, path, headers: headers, body: definition))
        } catch let error as APIError where error.code == .alreadyExists {
            return
        }
    }

    private func untilServed(_ definition: JSONValue) async throws {
        guard let plural = definition.value(at: "spec", "names", "plural")?.string else { return }
        try await waitUntilServed("/apis/vigil.dev/v1alpha1/\(plural)")
    }

    /// Returns when the objects at `path` are served: 404 comes before their definition is known, and then, for a moment,
    /// 429 until their storage is ready, which the client waits for.
    ///
    /// - Throws: `APIError` when they are not within 20 s.
    public func waitUntilServed(_ path: String, clock: any Clock<Duration> = ContinuousClock()) async throws {
        var attempts = 0
        while true {
            do {
                _ = try await client.send(APIRequest(.get, path))
                return
            } catch let error as APIError where error.httpStatus == 404 && attempts < 200 {
                attempts += 1
                try await clock.sleep(for: .milliseconds(100))
            }
        }
    }

    // MARK: - Namespaces

    /// Pods are not admitted before their namespace has the account `default`, which a real cluster makes a moment later.
    private func makeServiceAccount(in namespace: String) async throws {
        guard embedded == nil else { return }
        let request = APIRequest(
            .post,
            "/api/v1/namespaces/\(namespace)/serviceaccounts",
            headers: ["content-type": "application/json"],
            body: Array(#"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}"#.utf8)
        )
        do {
            _ = try await client.send(request)
        } catch let error as APIError where error.code == .alreadyExists {
            return
        }
    }

    /// Makes a namespace with a name of its own, and deletes it afterwards.
    ///
    /// - Parameters:
    ///   - prefix: how its name begins.
    ///   - body: works in it; is given its name.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and `APIError` when the namespace cannot be made.
    public func withNamespace<Result>(_ prefix: String, _ body: (String) async throws -> Result) async throws -> Result
    {
        let name = "\(prefix)-\(UInt32.random(in: .min ... .max))"
        let namespaces = client.resource(Namespace.self)
        _ = try await namespaces.create(Namespace(metadata: ObjectMeta(name: name)))
        do {
            try await makeServiceAccount(in: name)
            let result = try await body(name)
            try? await namespaces.delete(name)
            return result
        } catch {
            try? await namespaces.delete(name)
            throw error
        }
    }
}
