import Foundation
import OutboundHTTP

/// A `vigil operator` in a process of its own, as it is shipped.
struct MeasuredOperator: Sendable {
    let child: RunningChild
    let identity: String
    /// Right before the process was made.
    let startedAt: ContinuousClock.Instant
    private let port: UInt16

    /// Starts one; returns once the process exists.
    static func start(
        _ identity: String,
        on cluster: BenchCluster,
        registry: String,
        _ bench: ClusterBench
    ) async throws -> MeasuredOperator {
        let port = try Loopback.freePort()
        let configuration = Toolbox.configuration(
            executable: bench.vigil,
            [
                "operator", "--kubeconfig", cluster.kubeconfig, "--lease-namespace", cluster.leaseNamespace,
                "--identity", identity, "--health-address", "127.0.0.1:\(port)", "--plain-http-registry", registry,
                "--workers", String(bench.sizes.workers), "--log-level", "warning",
            ],
            environment: bench.environment,
            workingDirectory: bench.folder.path
        )
        let startedAt = ContinuousClock.now
        let child = try await bench.children.start("operator-\(identity)", configuration, in: bench.folder)
        return MeasuredOperator(child: child, identity: identity, startedAt: startedAt, port: port)
    }

    /// Waits until its caches are filled.
    func waitUntilReady() async throws {
        try await withTimeLimit(
            .seconds(60),
            otherwise: DemoError(
                .timedOut,
                "\(self.child.name) is not ready after 60 s. Its log ends with:",
                logTail: self.child.logTail
            )
        ) {
            while Loopback.status(ofGet: "/readyz", port: port) != 200 {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// What it has taken so far.
    func figures() throws -> ProcessFigures {
        guard let process = child.process.current, let figures = ProcessFigures(of: process) else {
            throw DemoError(.childEnded, "\(child.name) has ended.", logTail: child.logTail)
        }
        return figures
    }

    /// What it has counted so far of its own requests.
    ///
    /// - Throws: `OutboundError` when it does not answer, as after its end; ``DemoError`` when it answers something else.
    func counters() async throws -> OperatorCounters {
        let url = try OutboundURL("http://127.0.0.1:\(port)/metrics")
        let answer = try await OutboundHTTPClient.with { client in
            try await client.send(OutboundRequest(.get, url, timeout: .seconds(5)), limit: .mebibytes(8))
        }
        guard answer.status == 200 else {
            throw DemoError(.unreadable, "\(child.name) answered \(answer.status) when asked for its metrics.")
        }
        return OperatorCounters(String(decoding: answer.body, as: UTF8.self))
    }

    /// Ends it at once, as a node that fails.
    func kill() async throws {
        child.expectEnd()
        if let process = child.process.current { _ = Foundation.kill(process, SIGKILL) }
        _ = try await child.ended.value()
    }

    /// Whether it sent a request.
    func sent(_ entry: RequestLog.Entry) -> Bool { entry.userAgent.hasSuffix("(\(identity))") }
}
