import Foundation
import Subprocess
import SystemPackage
import Testing

/// Prometheus' `promtool`, the judge of what is exported and of rules.
enum PromTool {
    static var isInstalled: Bool {
        get throws { try RealTools.has("promtool") }
    }
    static let reason = RealTools.lack(of: "promtool")

    /// What a run said, and whether it was content.
    struct Outcome {
        var isSuccess: Bool
        /// Both streams.
        var text: String
    }

    /// Runs the tool.
    static func run(_ arguments: [String], input: [UInt8] = []) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(RealTools.path("promtool"))),
            arguments: Arguments(arguments),
            environment: .custom(["HOME": NSTemporaryDirectory(), "PATH": "/usr/bin:/bin"]),
            input: .array(input),
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        let isSuccess = if case .exited(0) = result.terminationStatus { true } else { false }
        return Outcome(isSuccess: isSuccess, text: result.standardOutput + result.standardError)
    }

    /// Has a Prometheus text exposition checked: it must be readable, and promtool must have nothing to remark.
    static func check(metrics text: [UInt8]) async throws -> Outcome {
        let outcome = try await run(["check", "metrics"], input: text)
        return Outcome(isSuccess: outcome.isSuccess && outcome.text.isEmpty, text: outcome.text)
    }

    /// Has an OpenMetrics exposition read by Prometheus' own reader, which takes it into a database in `folder`.
    ///
    /// That command wants a time with each sample, which is added here; the rest is as it was.
    static func read(openMetrics text: [UInt8], in folder: String) async throws -> Outcome {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let dated = lines.map { $0.isEmpty || $0.hasPrefix("#") ? String($0) : "\($0) 1700000000" }
        let file = "\(folder)/metrics.txt"
        try dated.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        return try await run(["tsdb", "create-blocks-from", "openmetrics", file, "\(folder)/data"])
    }
}
