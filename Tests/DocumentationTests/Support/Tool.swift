import Foundation
import Subprocess
import SystemPackage
import TestDocuments
import Testing

/// The real programs of others that the documentation calls.
enum Tool: String, CaseIterable {
    case kubectl, helm, oras, notation, promtool

    private static let needs = MachineNeeds(tools: allCases.map(\.rawValue))

    static let folder = InstalledProgram.tools ?? ""
    static var areInstalled: Bool {
        get throws { try needs.areMet }
    }
    static let reason = Comment(rawValue: needs.reason)

    /// What a program wrote, and whether it was content.
    struct Outcome {
        var output: String
        var errors: String
        var isSuccess: Bool
    }

    /// Runs the program in the checkout, with nothing of the user's own settings.
    func run(
        _ arguments: [String],
        kubeconfig: String = "/dev/null",
        input: String = ""
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath("\(Self.folder)/\(rawValue)")),
            arguments: Arguments(arguments),
            environment: .custom([
                "HOME": "\(NSTemporaryDirectory())/vigil-documentation-tests", "PATH": "/usr/bin:/bin",
                "KUBECONFIG": kubeconfig,
            ]),
            workingDirectory: FilePath(Checkout.root.path),
            input: .string(input),
            output: .string(limit: 8 << 20),
            error: .string(limit: 1 << 20)
        )
        let isSuccess = if case .exited(0) = result.terminationStatus { true } else { false }
        return Outcome(output: result.standardOutput, errors: result.standardError, isSuccess: isSuccess)
    }
}
