import ArgumentParser
import Foundation
import KubernetesAPI
import KubernetesClient
import TrustResources

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

    @Option(help: "How many pods each one speaks of.")
    var pods = 10

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
        let verification = try PlainVerification(number, in: namespace, pods: pods)
        let object = try JSONEncoder().encode(verification.object)
        try await send(.post, path, "application/json", Array(object), client)
        let status = try JSONEncoder().encode(verification.status)
        try await send(
            .patch,
            "\(path)/\(verification.object.metadata.name)/status",
            "application/json-patch+json",
            Array(#"[{"op":"add","path":"/status","value":"#.utf8) + Array(status) + Array("}]".utf8),
            client
        )
    }

    private func send(
        _ method: APIRequest.Method,
        _ path: String,
        _ type: String,
        _ body: [UInt8],
        _ client: APIClient
    ) async throws {
        _ = try await client.send(APIRequest(method, path, headers: ["content-type": type], body: body))
    }
}
