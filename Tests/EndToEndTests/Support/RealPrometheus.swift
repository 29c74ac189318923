import Foundation
import JSONModel
import NIOCore
import NIOPosix
import OutboundHTTP
import Subprocess
import SystemPackage
import Testing

/// A real Prometheus on this machine that scrapes one process every second.
struct RealPrometheus: Sendable {
    static var isInstalled: Bool {
        get throws { try RealTools.has("prometheus") }
    }
    static let reason = RealTools.lack(of: "prometheus")

    let port: Int

    /// Runs `body` while it scrapes what listens on `target` of this machine, as the job `vigil`.
    static func scraping(
        _ target: Int,
        _ workspace: Workspace,
        _ body: @escaping @Sendable (RealPrometheus) async throws -> Void
    ) async throws {
        let port = try await FreePort.find()
        try workspace.write(
            """
            global: {scrape_interval: 3s, scrape_timeout: 3s}
            scrape_configs: [{job_name: vigil, static_configs: [{targets: ["127.0.0.1:\(target)"]}]}]
            """,
            to: "prometheus.yml"
        )
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        _ = try await Subprocess.run(
            .path(FilePath(RealTools.path("prometheus"))),
            arguments: [
                "--config.file=prometheus.yml", "--storage.tsdb.path=\(workspace.path)/prometheus",
                "--web.listen-address=127.0.0.1:\(port)",
            ],
            environment: workspace.environment,
            workingDirectory: FilePath(workspace.path),
            platformOptions: options,
            input: .none,
            output: .discarded,
            error: .sequence
        ) { execution in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let log = execution.standardError
                // Read to the end, so that it never waits for a reader.
                group.addTask { for try await _ in log.strings() {} }
                try await body(RealPrometheus(port: port))
                try execution.send(signal: .terminate)
                try await group.waitForAll()
            }
        }
    }

    /// The values that an expression has now; empty while the server does not answer yet.
    ///
    /// - Throws: what it says about an expression that it cannot read.
    func values(of expression: String) async throws -> [String] {
        var url = URLComponents()
        url.queryItems = [URLQueryItem(name: "query", value: expression)]
        // In a query a plus sign would be a space.
        let query = (url.percentEncodedQuery ?? "").replacing("+", with: "%2B")
        guard let response = try? await LocalServer(port: port).get("/api/v1/query?\(query)"), response.status != 503
        else { return [] }
        let answer = try JSONParser().parse(response.body)
        try #require(answer["status"]?.string == "success", "\(expression): \(answer["error"]?.string ?? "")")
        let results = answer["data"]?["result"]?.array ?? []
        return results.compactMap { $0["value"]?.array?.last?.string }
    }
}

/// A port that a program can be told to listen on.
enum FreePort {
    /// Finds one that nobody listens on, and that the system gives to nobody who asks for any.
    static func find() async throws -> Int {
        for _ in 0..<50 {
            let port = Int.random(in: 10_240..<32_768)
            let probe = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(
                host: "127.0.0.1",
                port: port
            )
            guard let channel = try? await probe.get() else { continue }
            try await channel.close().get()
            return port
        }
        throw PortsTaken()
    }

    private struct PortsTaken: Error {}
}
