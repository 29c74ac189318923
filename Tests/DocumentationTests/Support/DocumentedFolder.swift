import Foundation
import JSONModel
import Subprocess
import SystemPackage
import TestDocuments

/// A folder in which somebody follows the documentation: the manifests and the chart of the checkout, the files that the pages
/// speak of, and the programs.
struct DocumentedFolder: Sendable {
    private let path: String
    private let kubeconfig: String

    /// Runs `body` with a folder of its own, for programs that are to find this cluster.
    static func with<Result>(
        _ cluster: DocumentedCluster,
        _ body: (DocumentedFolder) async throws -> Result
    ) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "vigil-reader-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        let folder = DocumentedFolder(path: url.path, kubeconfig: cluster.kubeconfig)
        try folder.fill()
        return try await body(folder)
    }

    private func fill() throws {
        let files = FileManager.default
        try files.createDirectory(atPath: "\(path)/bin", withIntermediateDirectories: true)
        for tool in [Tool.kubectl, .helm] {
            let target = "\(Tool.folder)/\(tool.rawValue)"
            try files.createSymbolicLink(atPath: "\(path)/bin/\(tool.rawValue)", withDestinationPath: target)
        }
        try files.createSymbolicLink(atPath: "\(path)/bin/vigil", withDestinationPath: BuiltProgram.path("vigil"))
        for folder in ["config", "charts"] {
            try files.copyItem(atPath: Checkout.url(folder).path, toPath: "\(path)/\(folder)")
        }
        // What the pages call the reader's own.
        let policy = Documentation.checkout.pages["README.md"]?.blocks.first { $0.text.contains("kind: TrustPolicy") }
        let configuration = try YAMLText.documents(try Checkout.text("config/manager/config_map.yaml")).first?
            .value(at: "data", "config.yaml")?.string
        let chart = "apiVersion: v2\nname: trust\nversion: 1.0.0\n"
        let certificate = try Checkout.text("Tests/Fixtures/notary/ca.pem")
        let anchors = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: trust, namespace: shop}
            data:
              ca.pem: |
                \(certificate.replacing("\n", with: "\n    "))

            """
        for (file, text) in [
            ("ca.pem", certificate), ("policy.yaml", policy?.text), ("config.yaml", configuration),
            ("trust/Chart.yaml", chart),
            ("policies/shop.yaml", policy?.text), ("trust/templates/policy.yaml", policy?.text),
            ("policies/trust.yaml", anchors), ("trust/templates/trust.yaml", anchors),
        ] {
            let url = URL(filePath: "\(path)/\(file)")
            try files.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((text ?? "").utf8).write(to: url)
        }
    }

    /// Has a shell run a script, of which every part must succeed.
    func run(_ script: String) async throws -> Tool.Outcome {
        let result = try await Subprocess.run(
            .path("/bin/bash"),
            arguments: ["-e", "-u", "-o", "pipefail", "-c", script],
            environment: .custom([
                "HOME": "\(path)/home", "PATH": "\(path)/bin:/usr/bin:/bin", "KUBECONFIG": kubeconfig,
            ]),
            workingDirectory: FilePath(path),
            output: .string(limit: 8 << 20),
            error: .string(limit: 1 << 20)
        )
        let isSuccess = if case .exited(0) = result.terminationStatus { true } else { false }
        return Tool.Outcome(output: result.standardOutput, errors: result.standardError, isSuccess: isSuccess)
    }
}
