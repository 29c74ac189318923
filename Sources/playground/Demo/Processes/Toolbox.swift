import Foundation
import Subprocess
import SystemPackage

/// Where the real programs are, and how to run one of them to its end.
struct Toolbox: Sendable {
    let folder: DemoFolder
    let paths: [Tool: String]
    /// The complete environment of each program.
    let environments: DemoEnvironment

    /// Finds every program.
    ///
    /// `tools` is the folder that is looked at first, then `PATH`; `vigil` is the program that is shown.
    ///
    /// - Throws: ``DemoError`` naming the programs that are missing.
    init(folder: DemoFolder, tools: String, vigil: String, environments: DemoEnvironment) throws {
        let searched = [tools] + (environments.inherited["PATH"] ?? "").split(separator: ":").map(String.init)
        var paths: [Tool: String] = [.vigil: vigil]
        var missing: [String] = []
        for tool in Tool.allCases where tool != .vigil {
            let candidates = searched.map { $0 + "/" + tool.rawValue }
            paths[tool] = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
            if paths[tool] == nil { missing.append(tool.rawValue) }
        }
        guard missing.isEmpty else {
            throw DemoError(
                .toolMissing,
                "The demo needs \(missing.joined(separator: ", ")), which is neither in \(tools) nor on PATH."
                    + " Run hack/install-tools, or name the folder that has it with --tools or VIGIL_TOOLS."
            )
        }
        guard FileManager.default.isExecutableFile(atPath: vigil) else {
            throw DemoError(
                .toolMissing,
                "There is no program at \(vigil). Run swift build --product vigil, or name one with --vigil."
            )
        }
        self.folder = folder
        self.paths = paths
        self.environments = environments
    }

    /// What a program wrote and how it ended.
    struct Outcome: Sendable {
        let output: String
        let errorOutput: String
        let isSuccess: Bool
    }

    /// The most that is kept of what a program writes, in bytes.
    private static let outputLimit = 8 << 20

    /// Runs a program to its end, in the demo's folder, and hands over what it wrote whichever way it ended.
    func outcome(_ tool: Tool, _ arguments: [String], limit: Duration = .seconds(60)) async throws -> Outcome {
        try await Self.outcome(
            configuration(tool, arguments),
            named: Self.commandLine(tool, arguments),
            limit: limit
        )
    }

    /// Runs any program to its end; `name` is what it is called in messages.
    static func outcome(_ configuration: Configuration, named name: String, limit: Duration) async throws -> Outcome {
        try await withTimeLimit(
            limit,
            otherwise: DemoError(.timedOut, "`\(name)` did not end within \(limit.components.seconds) s.")
        ) {
            let result = try await Subprocess.run(
                configuration,
                output: .string(limit: Self.outputLimit),
                error: .string(limit: Self.outputLimit)
            )
            return Outcome(
                output: result.standardOutput,
                errorOutput: result.standardError,
                isSuccess: result.terminationStatus.isSuccess
            )
        }
    }

    /// Runs a program that must succeed and returns what it wrote to standard output.
    @discardableResult
    func run(_ tool: Tool, _ arguments: [String], limit: Duration = .seconds(60)) async throws -> String {
        let outcome = try await outcome(tool, arguments, limit: limit)
        guard outcome.isSuccess else {
            let written = (outcome.errorOutput + outcome.output).split(separator: "\n").suffix(12).map(String.init)
            throw DemoError(
                .toolFailed,
                "`\(Self.commandLine(tool, arguments))` failed; it said:",
                logTail: written
            )
        }
        return outcome.output
    }

    /// How to start a program: with the environment that the demo has for it, in a process group of its own, so that a
    /// Ctrl-C at the terminal reaches the demo alone, which then ends everything in order.
    ///
    /// kubectl and vigil work in the checkout, where a person would type their commands; the others in the demo's folder.
    ///
    /// - Parameters:
    ///   - tool: which.
    ///   - arguments: what it is told.
    ///   - environment: all of its environment; the one for `tool` without it.
    /// - Returns: what starts it.
    func configuration(
        _ tool: Tool,
        _ arguments: [String],
        environment: [String: String]? = nil
    ) -> Configuration {
        Self.configuration(
            executable: paths[tool] ?? tool.rawValue,
            arguments,
            environment: environment ?? environments.variables(for: tool),
            workingDirectory: tool == .kubectl || tool == .vigil ? folder.checkout : folder.path
        )
    }

    static func configuration(
        executable: String,
        _ arguments: [String],
        environment: [String: String],
        workingDirectory: String
    ) -> Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(5))]
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            guard let key = Environment.Key(rawValue: name) else { continue }
            variables[key] = value
        }
        return Configuration(
            executable: .path(FilePath(executable)),
            arguments: Arguments(arguments),
            environment: .custom(variables),
            workingDirectory: FilePath(workingDirectory),
            platformOptions: options
        )
    }

    /// What the kubeconfig files of the person who started the demo amount to, with the files they name put in.
    func mergedKubeconfig(_ userKubeconfig: String, with kubectl: String) async throws -> String {
        var environment = environments.inherited
        environment["KUBECONFIG"] = userKubeconfig
        let result = try await Subprocess.run(
            Self.configuration(
                executable: kubectl,
                ["config", "view", "--raw", "--flatten", "--minify"],
                environment: environment,
                workingDirectory: FileManager.default.currentDirectoryPath
            ),
            output: .string(limit: Self.outputLimit),
            error: .string(limit: Self.outputLimit)
        )
        guard result.terminationStatus.isSuccess else {
            throw DemoError(
                .clusterUnsuitable,
                "KUBECONFIG=\(userKubeconfig) cannot be used; kubectl said:",
                logTail: result.standardError.split(separator: "\n").map(String.init)
            )
        }
        return result.standardOutput
    }

    /// The command as a person would type it.
    static func commandLine(_ tool: Tool, _ arguments: [String]) -> String {
        ([tool.rawValue] + arguments).map(quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:@=,%+".contains($0)) }
        return plain && !word.isEmpty ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
}
