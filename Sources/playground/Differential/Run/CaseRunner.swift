import Foundation
import Subprocess

/// Lets both programs verify the image of a case.
struct CaseRunner: Sendable {
    let tools: Toolbox

    /// The registry speaks HTTP, and the services that certificates name are on loopback, where they may not lead without
    /// the person's leave.
    private static let vigilOptions = ["--plain-http", "--revocation-allow-host", "127.0.0.1"]

    /// What a program wrote, and how it ended.
    struct Outcome: Sendable {
        var status: Int32
        var output = ""
        var errors = ""
    }

    /// What `notation verify` says; verbose, because otherwise it does not tell why it refuses.
    func notation(_ folder: CaseFolder, _ more: [String], reference: String) async throws -> Outcome {
        try await run(.notation, ["verify", "--insecure-registry", "-v"] + more + [reference], in: folder)
    }

    /// What `vigil verify` says.
    func vigil(_ folder: CaseFolder, _ more: [String], reference: String) async throws -> Outcome {
        let arguments = ["verify"] + Self.vigilOptions + ["--notation-config", folder.configuration, "-o", "json"]
        return try await run(.vigil, arguments + more + [reference], in: folder)
    }

    /// How both were called, for a person who wants to do it again.
    func commandLines(_ folder: CaseFolder, _ more: [String], reference: String) -> [String] {
        let arguments = (more + [reference]).map { "'\($0)'" }.joined(separator: " ")
        return [
            "XDG_CONFIG_HOME='\(folder.path)/config' '\(tools.paths[.notation] ?? "notation")' verify "
                + "--insecure-registry -v \(arguments)",
            "'\(tools.paths[.vigil] ?? "vigil")' verify \(Self.vigilOptions.joined(separator: " ")) "
                + "--notation-config '\(folder.configuration)' -v \(arguments)",
        ]
    }

    private func run(_ tool: Tool, _ arguments: [String], in folder: CaseFolder) async throws -> Outcome {
        var environment = tools.environments.variables(for: tool)
        environment["HOME"] = folder.path
        environment["XDG_CONFIG_HOME"] = folder.path + "/config"
        environment["XDG_CACHE_HOME"] = folder.path + "/cache"
        environment["DOCKER_CONFIG"] = folder.path + "/docker"
        let configuration = Toolbox.configuration(
            executable: tools.paths[tool] ?? tool.rawValue,
            arguments,
            environment: environment,
            workingDirectory: tools.folder.path
        )
        return try await withTimeLimit(
            .seconds(60),
            otherwise: DemoError(.timedOut, "`\(Toolbox.commandLine(tool, arguments))` did not end within 60 s.")
        ) {
            let result = try await Subprocess.run(
                configuration,
                output: .string(limit: 4 << 20),
                error: .string(limit: 4 << 20)
            )
            let status: Int32 =
                switch result.terminationStatus {
                case .exited(let code): code
                case .signaled(let signal): 128 + signal
                }
            return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
        }
    }
}
