import Foundation
import Subprocess
import SystemPackage
import TestDocuments
import Testing

/// The programs that people install with, on the manifests of this checkout.
enum InstallTool: String {
    case helm, kubectl, lua

    private static let needs = MachineNeeds(tools: ["helm", "kubectl", "lua"])

    static let folder = InstalledProgram.tools ?? ""
    static var areInstalled: Bool {
        get throws { try needs.areMet }
    }
    static let reason = Comment(rawValue: needs.reason)

    /// What a program wrote, and whether it was content.
    struct Outcome {
        let output: String
        let errors: String
        let isSuccess: Bool
    }

    /// Runs the program in the checkout, with nothing of the user's own settings.
    func run(_ arguments: [String], environment: [Environment.Key: String] = [:]) async throws -> Outcome {
        let home = "\(NSTemporaryDirectory())/vigil-install-tests"
        let own: [Environment.Key: String] = ["HOME": home, "PATH": "/usr/bin:/bin", "KUBECONFIG": "/dev/null"]
        let result = try await Subprocess.run(
            .path(FilePath("\(Self.folder)/\(rawValue)")),
            arguments: Arguments(arguments),
            environment: .custom(own.merging(environment) { $1 }),
            workingDirectory: FilePath(Checkout.root.path),
            output: .string(limit: 8 << 20),
            error: .string(limit: 1 << 20)
        )
        let isSuccess = if case .exited(0) = result.terminationStatus { true } else { false }
        return Outcome(output: result.standardOutput, errors: result.standardError, isSuccess: isSuccess)
    }

    /// What the program wrote, which must have succeeded.
    func callAsFunction(_ arguments: String...) async throws -> String {
        let outcome = try await run(arguments)
        try #require(outcome.isSuccess, "\(rawValue) \(arguments.joined(separator: " ")): \(outcome.errors)")
        return outcome.output
    }
}
