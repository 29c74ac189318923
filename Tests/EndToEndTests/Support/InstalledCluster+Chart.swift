import Foundation
import Testing

/// The chart, as `helm` installs it.
extension InstalledCluster {
    /// What the release is told besides its defaults.
    private var values: [String] {
        installation == .chartForOneNamespace
            ? ["--set", "watch.namespace=\(Self.workloads)", "--set", "policyReports=true"] : []
    }

    /// Makes the release, or makes it again.
    func upgradeRelease() async throws {
        try await helm(
            ["upgrade", "--install", "vigil", "\(Self.checkout)/charts/vigil", "--create-namespace"] + values
        )
    }

    /// The path of a file with every object of the release.
    func releaseManifest() async throws -> String {
        try workspace.write(try await helm(["get", "manifest", "vigil"]), to: "release.yaml")
        return "\(workspace.path)/release.yaml"
    }

    /// Runs `helm`, which must succeed, as the administrator in the operator's namespace.
    @discardableResult
    private func helm(_ arguments: [String]) async throws -> String {
        try await workspace.tool(
            "helm",
            arguments + ["--namespace", home, "--kubeconfig", administrator.kubeconfig]
        )
    }
}
