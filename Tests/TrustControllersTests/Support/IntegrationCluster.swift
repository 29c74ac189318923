import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import Logging
import TrustResources

/// The cluster that integration tests work on: the one that `VIGIL_TEST_KUBECONFIG` names, else the stand-in in this process.
struct IntegrationCluster: Sendable {
    let client: APIClient
    /// The stand-in, where that is used; what needs it is skipped on a real cluster.
    let embedded: EmbeddedCluster?

    /// Whether the cluster is a real one, which tests share.
    static let isReal = !(ProcessInfo.processInfo.environment["VIGIL_TEST_KUBECONFIG"] ?? "").isEmpty

    /// Runs `body` with a cluster that has the CRDs installed.
    static func with(_ body: (IntegrationCluster) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let path = environment["VIGIL_TEST_KUBECONFIG"], !path.isEmpty else {
            let embedded = EmbeddedCluster()
            let cluster = IntegrationCluster(
                client: APIClient(transport: embedded.transport(userAgent: "tests"), userAgent: "vigil-tests/1"),
                embedded: embedded
            )
            try await cluster.installDefinitions()
            return try await body(cluster)
        }
        let transport = try HTTPAPITransport(
            try KubernetesClient.ClusterConfiguration.load(kubeconfig: path, environment: environment)
        )
        let cluster = IntegrationCluster(
            client: APIClient(transport: transport, userAgent: "vigil-tests/1"),
            embedded: nil
        )
        do {
            try await cluster.installDefinitions()
            try await body(cluster)
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }

    private func installDefinitions() async throws {
        for definition in CustomResourceDefinitions.all {
            let request = APIRequest(
                .post,
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes(definition)
            )
            do {
                _ = try await client.send(request)
            } catch let error as APIError where error.code == .alreadyExists {
                continue
            }
        }
        // A definition is served a moment after it was made.
        for definition in CustomResourceDefinitions.definitions { try await untilServed(definition.json) }
    }

    private func untilServed(_ definition: JSONValue) async throws {
        guard let plural = definition.value(at: "spec", "names", "plural")?.string else { return }
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                _ = try await client.send(APIRequest(.get, "/apis/vigil.dev/v1alpha1/\(plural)"))
                return
            } catch let error as APIError where error.httpStatus == 404 && ContinuousClock.now < deadline {
                await Task.yield()
            }
        }
    }

    /// Makes a namespace with a name of its own, and deletes it afterwards.
    func withNamespace(_ prefix: String, _ body: (String) async throws -> Void) async throws {
        let name = "\(prefix)-\(UInt32.random(in: .min ... .max))"
        let namespaces = client.resource(Namespace.self)
        _ = try await namespaces.create(Namespace(metadata: ObjectMeta(name: name)))
        do {
            try await body(name)
        } catch {
            try? await namespaces.delete(name)
            throw error
        }
        try? await namespaces.delete(name)
    }
}
