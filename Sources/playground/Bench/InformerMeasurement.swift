import ArgumentParser
import Foundation
import KubernetesClient
import KubernetesRuntime
import Logging
import ServiceLifecycle
import TrustControllers

/// What filling the operator's copy of the pods took, measured by the process that did it.
struct InformerMeasurement: Codable, Sendable {
    /// Pods in the copy.
    var objects: Int
    /// From the first request until the copy was complete.
    var syncSeconds: Double
    /// Resident memory a moment after that, in bytes.
    var settledRSSBytes: Int
    /// The part of it that is no page of the program file, in bytes.
    var settledOwnBytes: Int
    /// The most memory that was resident, in bytes.
    var peakRSSBytes: Int

    /// One line of JSON with sorted members.
    var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Fills a copy of every pod of a cluster, keeps it in step for `settle`, and measures.
    ///
    /// - Parameters:
    ///   - kubeconfig: the file that names the cluster.
    ///   - limit: how long the first synchronisation may take.
    ///   - settle: how long to wait after it.
    /// - Returns: the figures of this process.
    /// - Throws: `ClusterConfigurationError`; `ValidationError` when the limit is reached.
    static func measure(kubeconfig: String, limit: Duration, settle: Duration) async throws -> InformerMeasurement {
        let configuration = try ClusterConfiguration.load(
            kubeconfig: kubeconfig,
            environment: ProcessInfo.processInfo.environment
        )
        let transport = try HTTPAPITransport(configuration)
        let result: Result<InformerMeasurement, any Error>
        do {
            let client = APIClient(transport: transport, userAgent: "playground/measure-informer")
            result = .success(try await measure(client, limit: limit, settle: settle))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return try result.get()
    }

    private static func measure(
        _ client: APIClient,
        limit: Duration,
        settle: Duration
    ) async throws -> InformerMeasurement {
        let logger = Logger(label: "playground") { StreamLogHandler.standardError(label: $0) }
        let pods = ClusterView(client: client, namespace: nil, logger: logger).pods
        return try await withThrowingTaskGroup(of: InformerMeasurement?.self) { group in
            let start = ContinuousClock.now
            group.addTask {
                try await pods.run()
                return nil
            }
            group.addTask {
                try await Task.sleep(for: limit + settle)
                let cause = pods.status.lastFailure.map { ": \($0)" } ?? ""
                throw ValidationError("There was no complete copy of the pods within \(limit)\(cause).")
            }
            group.addTask {
                try await pods.waitUntilSynced()
                let elapsed = ContinuousClock.now - start
                try await Task.sleep(for: settle)
                return InformerMeasurement(
                    objects: pods.count,
                    syncSeconds: elapsed / .seconds(1),
                    settledRSSBytes: memory("VmRSS"),
                    settledOwnBytes: memory("RssAnon"),
                    peakRSSBytes: memory("VmHWM")
                )
            }
            defer { group.cancelAll() }
            while let measurement = try await group.next() {
                if let measurement { return measurement }
            }
            throw CancellationError()
        }
    }

    /// A figure of this process, in bytes; 0 where there is none.
    private static func memory(_ name: String) -> Int { ProcessFigures.memory(name, of: getpid()) ?? 0 }
}
