import EmbeddedKubernetes
import FoundationEssentials
import Subprocess
import SystemPackage
import TestDocuments
import Testing

/// Runs the `kubectl` of this machine against an embedded server.
struct Kubectl: Sendable {
    struct Output: Sendable {
        var exitCode: Int
        var out: String
        var err: String
        /// The lines of the standard output, runs of spaces made one.
        var lines: [String] { out.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") } }
    }

    /// The program; `nil` when there is none.
    static let path = InstalledProgram.kubectl

    /// Whether there is one.
    static var isInstalled: Bool {
        get throws { try MachineNeeds.kubectl.areMet }
    }

    static let reason = Comment(rawValue: MachineNeeds.kubectl.reason)

    /// `curl`, which commands of a shell call, too.
    static let curl = MachineNeeds(
        folders.contains { InstalledProgram.isThere("\($0)/curl") },
        else: "curl is not installed: run hack/install-tools curl"
    )

    /// Where programs are found besides that of ``path``.
    private static let folders = ["/usr/bin", "/bin"] + (InstalledProgram.tools.map { [$0] } ?? [])

    let home: String
    let port: Int

    /// Starts a server for a cluster, and hands over a `kubectl` that talks to it.
    static func with<Result: Sendable>(
        _ cluster: EmbeddedCluster = EmbeddedCluster(),
        tls: ServerTLS? = nil,
        token: String? = nil,
        _ body: @Sendable (Kubectl) async throws -> Result
    ) async throws -> Result {
        let home = FileManager.default.temporaryDirectory.appending(path: "kubectl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        let server = EmbeddedAPIServer(cluster: cluster, tls: tls)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.boundPort()
            try Data(server.kubeconfig(port: port, token: token).utf8).write(to: home.appending(path: "config"))
            let result = try await body(Kubectl(home: home.path, port: port))
            group.cancelAll()
            return result
        }
    }

    /// The same with other credentials: the `user` of a kubeconfig.
    func with(user: String) throws -> Kubectl {
        let folder = "\(home)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lines = try String(contentsOfFile: "\(home)/config", encoding: .utf8).split(separator: "\n")
        let changed = lines.map { $0.hasPrefix("  user: ") ? "  user: \(user)" : String($0) }
        try Data(changed.joined(separator: "\n").utf8).write(to: URL(filePath: "\(folder)/config"))
        return Kubectl(home: folder, port: port)
    }

    /// Runs one command, with an optional standard input.
    func callAsFunction(_ arguments: String..., input: String = "") async throws -> Output {
        let name = try #require(Self.path).split(separator: "/").last.map(String.init)
        return try await start(.name(name ?? ""), Arguments(arguments), input: input)
    }

    /// Has a shell run a command line, in a folder below ``home``.
    func shell(_ command: String, in folder: String) async throws -> Output {
        try await start(.path("/bin/bash"), ["-c", command], in: FilePath("\(home)/\(folder)"))
    }

    private func start(
        _ program: Executable,
        _ arguments: Arguments,
        in folder: FilePath? = nil,
        input: String = ""
    ) async throws -> Output {
        let path = try #require(Self.path)
        let own = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let search = ([own] + Self.folders).joined(separator: ":")
        let result = try await run(
            program,
            arguments: arguments,
            environment: .custom(["KUBECONFIG": "\(home)/config", "HOME": home, "PATH": search]),
            workingDirectory: folder,
            input: .string(input),
            output: .string(limit: 4 << 20),
            error: .string(limit: 1 << 20)
        )
        let code = if case .exited(let code) = result.terminationStatus { Int(code) } else { -1 }
        return Output(exitCode: code, out: result.standardOutput, err: result.standardError)
    }
}
