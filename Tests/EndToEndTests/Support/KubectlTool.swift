import Foundation
import Subprocess
import SystemPackage
import TestDocuments
import Testing

/// The `kubectl` of this machine, for a cluster and a namespace of a test.
struct KubectlTool: Sendable {
    /// The program; `nil` when there is none.
    static let path = InstalledProgram.kubectl

    /// Whether there is one.
    static var isInstalled: Bool {
        get throws { try MachineNeeds.kubectl.areMet }
    }

    static let reason = Comment(rawValue: MachineNeeds.kubectl.reason)

    let cluster: OperatorCluster

    /// Runs one command that must succeed, in the namespace of the test.
    @discardableResult
    func callAsFunction(_ arguments: String..., input: String = "") async throws -> String {
        let result = try await run(arguments, input: input)
        try #require(result.status == 0, "kubectl \(arguments.joined(separator: " ")): \(result.errors)")
        return result.output
    }

    /// Runs one command, whatever comes of it.
    func outcome(_ arguments: String...) async throws -> Workspace.Outcome { try await run(arguments, input: "") }

    private func run(_ arguments: [String], input: String) async throws -> Workspace.Outcome {
        let path = try #require(Self.path)
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(["--namespace", cluster.namespace] + arguments),
            environment: .custom([
                "KUBECONFIG": cluster.kubeconfig, "HOME": NSTemporaryDirectory(), "PATH": "/usr/bin:/bin",
            ]),
            input: .string(input),
            output: .string(limit: 4 << 20),
            error: .string(limit: 1 << 20)
        )
        let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return Workspace.Outcome(output: result.standardOutput, errors: result.standardError, status: status)
    }

    /// The lines under `Events:` of `kubectl describe`, runs of spaces made one.
    func events(of kind: String, _ name: String) async throws -> [String] {
        let lines = try await self("describe", kind, name).split(separator: "\n").map(String.init)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Events:") }) else { return [] }
        return lines[(start + 1)...].map { $0.split(separator: " ").joined(separator: " ") }
    }
}
