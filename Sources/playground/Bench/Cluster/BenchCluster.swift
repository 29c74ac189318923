import EmbeddedKubernetes
import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import Logging
import ServiceLifecycle
import TrustResources

/// The cluster that a line runs on: the stand-in, served by this process, or the one that `VIGIL_TEST_KUBECONFIG` names.
struct BenchCluster: Sendable {
    /// For the programs that are measured.
    let kubeconfig: String
    /// For what the benchmarks do themselves.
    let client: APIClient
    /// `nil` on a real cluster.
    let standIn: StandIn?
    /// Makes names unique on a cluster that others use.
    let suffix: String

    /// The stand-in, and what it was asked.
    struct StandIn: Sendable {
        let cluster: EmbeddedCluster
        let log: RequestLog
    }

    /// The label of the namespaces that a run makes.
    var label: (key: String, value: String) { ("vigil.dev/bench", suffix) }

    /// The namespace of the operators' Lease.
    var leaseNamespace: String { "bench-\(suffix)-lease" }

    func namespaces(_ count: Int, _ prefix: String = "shop") -> [String] {
        (0..<count).map { "bench-\(suffix)-\(prefix)-\($0)" }
    }

    // MARK: - Life

    /// Runs `body` with a fresh stand-in, or on the cluster of `userKubeconfig`.
    ///
    /// The stand-in takes `pace` for each write that reaches it; a real cluster has a pace of its own.
    static func with<Value: Sendable>(
        _ userKubeconfig: String?,
        in folder: DemoFolder,
        pace: Duration = .zero,
        _ body: @escaping @Sendable (BenchCluster) async throws -> Value
    ) async throws -> Value {
        guard let userKubeconfig else {
            return try await withStandIn(in: folder, pace: pace > .zero ? WritePace(pace) : nil, body)
        }
        return try await withReal(userKubeconfig, body)
    }

    private static func withStandIn<Value: Sendable>(
        in folder: DemoFolder,
        pace: WritePace?,
        _ body: @escaping @Sendable (BenchCluster) async throws -> Value
    ) async throws -> Value {
        let log = RequestLog()
        var configuration = EmbeddedKubernetes.ClusterConfiguration()
        // Pods lie ready as JSON; turning each into protobuf as it is sent would be what is measured.
        configuration.speaksProtobuf = false
        configuration.observer = { request in
            log.record(request)
            if request.method != .get { try await pace?.takeTurn() }
        }
        let embedded = EmbeddedCluster(configuration: configuration)
        let server = EmbeddedAPIServer(cluster: embedded)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server)],
                logger: Logger(label: "playground") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        return try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask {
                try await group.run()
                return nil
            }
            tasks.addTask {
                let port = try await server.boundPort()
                let kubeconfig = try folder.write(server.kubeconfig(port: port), to: "kubeconfig")
                let cluster = BenchCluster(
                    kubeconfig: kubeconfig,
                    client: APIClient(
                        transport: embedded.transport(userAgent: "playground"),
                        userAgent: "playground/bench"
                    ),
                    standIn: StandIn(cluster: embedded, log: log),
                    suffix: "local"
                )
                try await cluster.installDefinitions()
                let value = try await body(cluster)
                await group.triggerGracefulShutdown()
                return value
            }
            defer { tasks.cancelAll() }
            while let value = try await tasks.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private static func withReal<Value: Sendable>(
        _ kubeconfig: String,
        _ body: @escaping @Sendable (BenchCluster) async throws -> Value
    ) async throws -> Value {
        let configuration = try KubernetesClient.ClusterConfiguration.load(
            kubeconfig: kubeconfig,
            environment: ProcessInfo.processInfo.environment
        )
        let transport = try HTTPAPITransport(configuration)
        let cluster = BenchCluster(
            kubeconfig: kubeconfig,
            client: APIClient(transport: transport, userAgent: "playground/bench"),
            standIn: nil,
            suffix: String(UInt32.random(in: .min ... .max), radix: 36)
        )
        let result: Result<Value, any Error>
        do {
            try await cluster.installDefinitions()
            result = .success(try await body(cluster))
        } catch {
            result = .failure(error)
        }
        await cluster.cleanUp()
        await transport.shutdown()
        return try result.get()
    }

    // MARK: - Filling

    /// Creates an object.
    func create(_ object: JSONValue, _ path: String) async throws {
        try await send(.post, path, JSONSerializer().bytes(object))
    }

    func send(
        _ method: APIRequest.Method,
        _ path: String,
        _ body: [UInt8],
        type: String = "application/json"
    ) async throws {
        _ = try await client.send(APIRequest(method, path, headers: ["content-type": type], body: body))
    }

    /// Makes namespaces that the run's policy speaks for.
    func make(namespaces: [String]) async throws {
        for name in namespaces {
            let labels: JSONValue = .object([label.key: .string(label.value)])
            try await create(
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .string(name), "labels": labels],
                ],
                "/api/v1/namespaces"
            )
            try await makeDefaultServiceAccount(in: name)
        }
    }

    /// Makes what pods name, so that the operator reads it; a controller of a real cluster makes it too, but a moment later,
    /// and no pod is admitted before.
    private func makeDefaultServiceAccount(in namespace: String) async throws {
        do {
            try await create(
                ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "default"]],
                "/api/v1/namespaces/\(namespace)/serviceaccounts"
            )
        } catch let error as APIError where error.code == .alreadyExists {
            // The controller was faster.
        }
    }

    /// The name of the run's policy.
    var policyName: String { "bench-\(suffix)" }

    /// Makes the policy of the run.
    func make(policyOf images: SignedDigests) async throws {
        try await create(
            images.policy(policyName, label: label),
            "/apis/vigil.dev/v1alpha1/clustertrustpolicies"
        )
    }

    /// Asks that every image of the run's policy be verified again now, as docs/operations.md ("Verify now") has it.
    func requestVerification() async throws {
        _ = try await client.resource(ClusterTrustPolicy.self).patch(
            policyName,
            .merge(["metadata": ["annotations": [TrustAPI.verifyAnnotation: "second-pass"]]])
        )
    }

    /// Fills the cluster with the running pods of some numbers: the stand-in at once, a real one through its API.
    func run(_ pods: SyntheticPods, _ numbers: Range<Int>, concurrency: Int) async throws {
        if let standIn {
            // In parts, for a part is held as trees.
            for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1000) {
                try Task.checkCancellation()
                let texts = (start..<min(numbers.upperBound, start + 1000)).map(pods.stored)
                try await standIn.cluster.load(texts, resource: "pods")
            }
            return
        }
        try await inParallel(numbers.count, concurrency) { offset in
            try await create(pods, numbers.lowerBound + offset)
            try await start(pods, numbers.lowerBound + offset)
        }
    }

    /// Creates pod `number`, which does not run yet.
    func create(_ pods: SyntheticPods, _ number: Int) async throws {
        let path = Pod.resource.path(namespace: pods.namespace(number))
        try await send(.post, path, pods.created(number))
    }

    /// Lets pod `number` run.
    func start(_ pods: SyntheticPods, _ number: Int) async throws {
        let path = Pod.resource.path(
            namespace: pods.namespace(number),
            name: pods.name(number),
            subresource: "status"
        )
        try await send(.patch, path, pods.started(number), type: "application/merge-patch+json")
    }

    private func installDefinitions() async throws {
        for definition in CustomResourceDefinitions.all {
            do {
                try await create(definition, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
            } catch let error as APIError where error.code == .alreadyExists {
                continue
            }
        }
        try await withTimeLimit(
            .seconds(30),
            otherwise: DemoError(.clusterUnsuitable, "The cluster does not serve Vigil's resources after 30 s.")
        ) {
            for definition in CustomResourceDefinitions.definitions {
                let plural = definition.json.value(at: "spec", "names", "plural")?.string ?? ""
                while !(try await isServed("/apis/vigil.dev/v1alpha1/\(plural)")) {
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    private func isServed(_ path: String) async throws -> Bool {
        do {
            _ = try await client.send(APIRequest(.get, path, query: [.init("limit", "1")]))
            return true
        } catch let error as APIError where error.httpStatus == 404 {
            return false
        }
    }
}

/// Does something for every number below `count`, for at most `concurrency` of them at the same time.
func inParallel(_ count: Int, _ concurrency: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        for number in 0..<count {
            if number >= max(1, concurrency) { try await tasks.next() }
            tasks.addTask { try await body(number) }
        }
        try await tasks.waitForAll()
    }
}
