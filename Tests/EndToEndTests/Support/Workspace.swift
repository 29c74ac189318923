import Foundation
import Subprocess
import SystemPackage
import Testing

/// A folder of a test's own in the build folder, with a home and a notation configuration in it; gone when the test ends.
struct Workspace: Sendable {
    let path: String

    /// What a program wrote, and how it ended.
    struct Outcome: Sendable {
        let output: String
        let errors: String
        let status: Int32
    }

    static func with<Value>(_ body: (Workspace) async throws -> Value) async throws -> Value {
        let base = URL(filePath: RealTools.vigil).deletingLastPathComponent().path()
        let workspace = Workspace(path: "\(base)/end-to-end/\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: workspace.notation, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: workspace.path) }
        return try await body(workspace)
    }

    /// Where notation keeps its settings.
    var notation: String { "\(path)/config/notation" }

    var environment: Environment {
        .custom([
            "HOME": path, "XDG_CONFIG_HOME": "\(path)/config", "XDG_CACHE_HOME": "\(path)/cache",
            "PATH": "/usr/bin:/bin",
            "DOCKER_CONFIG": "\(path)/docker",
        ])
    }

    func write(_ text: String, to file: String) throws {
        let url = URL(filePath: "\(path)/\(file)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func read(_ file: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(file)")), as: UTF8.self)
    }

    /// Runs a program to its end, whatever its status.
    func run(_ executable: String, _ arguments: [String]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: Arguments(arguments),
            environment: environment,
            workingDirectory: FilePath(path),
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        let status: Int32
        switch result.terminationStatus {
        case .exited(let code): status = code
        case .signaled(let signal): status = 128 + signal
        }
        return Outcome(output: result.standardOutput, errors: result.standardError, status: status)
    }

    /// Runs a tool that must succeed.
    @discardableResult
    func tool(_ name: String, _ arguments: [String]) async throws -> String {
        let outcome = try await run(RealTools.path(name), arguments)
        try #require(
            outcome.status == 0,
            "\(name) \(arguments.joined(separator: " ")): \(outcome.errors)\(outcome.output)"
        )
        return outcome.output
    }

    func vigil(_ arguments: [String]) async throws -> Outcome { try await run(RealTools.vigil, arguments) }
}
