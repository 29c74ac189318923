import Foundation

/// The embedded Kubernetes API, run by this same program in a process of its own.
enum StandInCluster {
    /// Starts it; returns once its kubeconfig is written, which it does when it listens.
    static func start(_ tools: Toolbox, _ children: ChildProcesses) async throws {
        let folder = tools.folder
        let program = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).path } ?? "playground"
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? program
        let configuration = Toolbox.configuration(
            executable: executable,
            ["kubernetes", "--port", "0", "--kubeconfig", folder.kubeconfig],
            environment: tools.environments.variables(for: .kubectl),
            workingDirectory: folder.path
        )
        _ = try await children.start("kubernetes", configuration, in: folder)
        try await withTimeLimit(
            .seconds(20),
            otherwise: DemoError(
                .timedOut,
                "The embedded Kubernetes API does not answer after 20 s. Its log ends with:",
                logTail: folder.tail(ofLog: "kubernetes")
            )
        ) {
            while !FileManager.default.fileExists(atPath: folder.kubeconfig) {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
