import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Synchronization
import TestTiming
import Testing

@testable import TrustControllers

/// The pods of a cluster, read in JSON and in Protocol Buffers.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite("Pods in both forms", .timeLimit(.minutes(2)))
struct PodFormsTests {
    private typealias Kept = [String: PodImages]

    /// What a watch of a namespace shows before its first bookmark, and the media type that it came in.
    private static func read(
        _ namespace: String,
        _ client: APIClient,
        _ shape: ProtobufShape?
    ) async throws -> (pods: Kept, type: String) {
        let transport = TypeRecorder(client.transport)
        let reader = CollectionReader(
            APIClient(transport: transport, userAgent: "vigil-tests/1"),
            ObjectReader(Pod.resource, PodProjection(), shape: shape)
        )
        let pods = Mutex<Kept>([:])
        try await reader.watch(
            ObjectSelection(namespace: namespace),
            options: WatchOptions(sendsInitialEvents: true, timeoutSeconds: 60)
        ) { notification in
            switch notification {
            case .added(let object):
                pods.withLock { $0["\(object.header.key) \(object.header.uid)"] = object.value }
                return .proceed
            case .bookmark: return .stop
            default:
                Issue.record("\(notification)")
                return .stop
            }
        }
        return (pods.withLock { $0 }, transport.type)
    }

    private static func body(_ number: Int, _ random: inout SeededGenerator) -> JSONValue {
        let digest = String(repeating: String(number % 10), count: 64)
        func containers(_ prefix: String, _ count: Int) -> JSONValue {
            .array(
                (0..<count).map {
                    [
                        "name": .string("\(prefix)\($0)"),
                        "image": .string("registry.example/\(prefix)-\(number):v\($0)"),
                    ]
                }
            )
        }
        let sides = Int.random(in: 0...2, using: &random)
        var spec: [String: JSONValue] = [
            "containers": containers("web", Int.random(in: 1...3, using: &random)),
            "initContainers": containers("side", sides),
            "nodeSelector": ["kubernetes.io/arch": "arm64", "nobody": "has-it"], "automountServiceAccountToken": false,
            "volumes": [["name": "scratch", "emptyDir": ["sizeLimit": "1Gi"]]],
        ]
        if number % 2 == 0 { spec["imagePullSecrets"] = [["name": "a"], ["name": "b"]] }
        if number % 3 == 0 { spec["os"] = ["name": "linux"] }
        let statuses: JSONValue = [
            [
                "name": "web0", "image": "reported", "imageID": .string("registry.example/web@sha256:\(digest)"),
                "ready": true,
                "restartCount": 1, "state": ["running": ["startedAt": "2026-11-21T10:00:00Z"]],
            ]
        ]
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string("web-\(number)"),
                "labels": ["app": "web", "odd": .string(number % 2 == 0 ? "" : "x_y.z")],
                "annotations": ["note": "\"quoted\"\n"],
            ],
            "spec": .object(spec), "status": ["phase": "Running", "containerStatuses": statuses],
        ]
    }

    /// Makes a pod, and reports its containers as a kubelet does.
    private static func make(_ body: JSONValue, in namespace: String, _ client: APIClient) async throws {
        let path = "/api/v1/namespaces/\(namespace)/pods"
        let headers = ["content-type": "application/json"]
        _ = try await client.send(
            APIRequest(.post, path, headers: headers, body: JSONSerializer().bytes(body))
        )
        let status: JSONValue = ["status": body["status"] ?? .null]
        _ = try await client.send(
            APIRequest(
                .patch,
                "\(path)/\(body.value(at: "metadata", "name")?.string ?? "")/status",
                headers: ["content-type": "application/merge-patch+json"],
                body: JSONSerializer().bytes(status)
            )
        )
    }

    @Test("what is kept of a pod is the same, whichever form it was sent in")
    func same() async throws {
        let seed = testSeed("pods in both forms")
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-forms") { namespace in
                var random = SeededGenerator(seed: seed)
                for number in 0..<12 {
                    try await Self.make(Self.body(number, &random), in: namespace, cluster.client)
                }
                let json = try await Self.read(namespace, cluster.client, nil)
                let binary = try await Self.read(namespace, cluster.client, PodProjection.shape)
                #expect(json.type.hasPrefix("application/json"))
                #expect(binary.type.hasPrefix("application/vnd.kubernetes.protobuf"))
                #expect(json.pods.count == 12 && binary.pods == json.pods, "TEST_SEED=\(seed)")
                #expect(
                    json.pods.values.allSatisfy { $0.images.count == 1 && $0.created != nil && $0.labels.count == 2 }
                )
            }
        }
    }

    /// Notes what streams say that they are.
    private final class TypeRecorder: APITransport {
        private let inner: any APITransport
        private let seen = Mutex("")

        init(_ inner: any APITransport) { self.inner = inner }

        var type: String { seen.withLock { $0 } }
        var host: String { inner.host }

        func send(_ request: APIRequest) async throws -> APIResponse { try await inner.send(request) }

        func stream<Result: Sendable>(
            _ request: APIRequest,
            _ body: @Sendable (APIResponseStream) async throws -> Result
        ) async throws -> Result {
            try await inner.stream(request) { stream in
                seen.withLock { $0 = stream.headers["content-type"] ?? "" }
                return try await body(stream)
            }
        }
    }
}
