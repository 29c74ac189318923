import ArgumentParser
import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient

/// What writing verifications took a client that does nothing else.
struct WriteMeasurement: Codable, Sendable {
    var objects: Int
    /// From the first request to the last answer.
    var seconds: Double
}

/// `playground measure-writes`: creates verifications and patches the status of each, as the operator does, without
/// judging anything: what the server and the network take of the time of a cold start.
struct MeasureWritesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-writes",
        abstract: "Writes verifications to a cluster, and prints one line of JSON.",
        shouldDisplay: false
    )

    @Option(help: "The kubeconfig of the cluster.")
    var kubeconfig: String

    @Option(help: "The namespace to write to.")
    var namespace: String

    @Option(help: "How many verifications.")
    var objects = 1000

    @Option(help: "How many are written at the same time.")
    var concurrency = 16

    func run() async throws {
        let configuration = try ClusterConfiguration.load(
            kubeconfig: kubeconfig,
            environment: ProcessInfo.processInfo.environment
        )
        let transport = try HTTPAPITransport(configuration)
        let result: Result<WriteMeasurement, any Error>
        do {
            let start = ContinuousClock.now
            let client = APIClient(transport: transport, userAgent: "playground/measure-writes")
            try await inParallel(objects, concurrency) { try await write($0, client) }
            let elapsed = ContinuousClock.now - start
            result = .success(WriteMeasurement(objects: objects, seconds: elapsed / .seconds(1)))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        let line = try JSONEncoder().encode(try result.get()) + Data("\n".utf8)
        try FileHandle.standardOutput.write(contentsOf: line)
    }

    private func write(_ number: Int, _ client: APIClient) async throws {
        let path = "/apis/vigil.dev/v1alpha1/namespaces/\(namespace)/imageverifications"
        let digest = String(repeating: "0", count: 56) + String(format: "%08x", number)
        let name = "sha256-\(digest)"
        try await send(.post, path, "application/json", Self.object(name, namespace, digest), client)
        let patch: JSONValue = [["op": "add", "path": "/status", "value": Self.status(digest)]]
        try await send(.patch, "\(path)/\(name)/status", "application/json-patch+json", patch, client)
    }

    private func send(
        _ method: APIRequest.Method,
        _ path: String,
        _ type: String,
        _ body: JSONValue,
        _ client: APIClient
    ) async throws {
        let bytes = JSONSerializer().bytes(body)
        _ = try await client.send(APIRequest(method, path, headers: ["content-type": type], body: bytes))
    }

    private static func object(_ name: String, _ namespace: String, _ digest: String) -> JSONValue {
        [
            "apiVersion": "vigil.dev/v1alpha1", "kind": "ImageVerification",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "spec": ["image": .string("registry.example.com/shop/web@sha256:\(digest)")],
        ]
    }

    /// As long as the status of a verified image.
    private static func status(_ digest: String) -> JSONValue {
        let time: JSONValue = "2026-05-04T03:02:01Z"
        let message: JSONValue = "signed by CN=signer.example.com,O=Example,ST=WA,C=US"
        return [
            "verdict": "Trusted", "reason": "Verified", "message": message, "digest": .string("sha256:\(digest)"),
            "verifiedDigest": .string("sha256:\(digest)"), "lastJudged": time,
            "findings": [
                [
                    "policy": "ClusterTrustPolicy/bench", "authority": "example", "verdict": "Trusted",
                    "reason": "Verified", "message": message,
                ]
            ],
            "conditions": .array(
                ["Verified", "Fresh", "Ready"].map {
                    [
                        "type": .string($0), "status": "True", "reason": "Verified", "message": message,
                        "lastTransitionTime": time,
                    ]
                }
            ),
        ]
    }
}
