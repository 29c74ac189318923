import ArgumentParser
import Foundation
import KubernetesAPI
import KubernetesClient

/// What reading the pods of a cluster took, without looking at them.
struct ReadMeasurement: Codable, Sendable {
    var bytes: Int
    /// From the request to the end of the initial state.
    var seconds: Double
}

/// `playground measure-read`: reads the initial state of a watch-list on all pods and throws it away: what the server
/// and the network take of the time that an informer needs.
struct MeasureReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-read",
        abstract: "Reads every pod of a cluster without looking at it, and prints one line of JSON.",
        shouldDisplay: false
    )

    @Option(help: "The kubeconfig of the cluster.")
    var kubeconfig: String

    func run() async throws {
        let configuration = try ClusterConfiguration.load(
            kubeconfig: kubeconfig,
            environment: ProcessInfo.processInfo.environment
        )
        let transport = try HTTPAPITransport(configuration)
        let result: Result<ReadMeasurement, any Error>
        do {
            result = .success(try await read(transport))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        let line = try JSONEncoder().encode(try result.get()) + Data("\n".utf8)
        try FileHandle.standardOutput.write(contentsOf: line)
    }

    private func read(_ transport: HTTPAPITransport) async throws -> ReadMeasurement {
        let query = [
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("sendInitialEvents", "true"),
            ("resourceVersionMatch", "NotOlderThan"), ("timeoutSeconds", "300"),
        ].map { APIRequest.QueryItem($0.0, $0.1) }
        // In the form that the operator asks for.
        let headers = ["accept": "application/vnd.kubernetes.protobuf, application/json"]
        let start = ContinuousClock.now
        return try await transport.stream(APIRequest(.get, "/api/v1/pods", query: query, headers: headers)) { stream in
            guard stream.status == 200 else {
                throw ValidationError("The watch-list was answered with status \(stream.status).")
            }
            var bytes = 0
            var tail: [UInt8] = []
            for try await chunk in stream.body {
                bytes += chunk.count
                // The closing bookmark is short, and the last that comes.
                tail = Array((tail + chunk.suffix(512)).suffix(1024))
                if String(decoding: tail, as: UTF8.self).contains("k8s.io/initial-events-end") { break }
            }
            return ReadMeasurement(bytes: bytes, seconds: (ContinuousClock.now - start) / .seconds(1))
        }
    }
}
