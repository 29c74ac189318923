/// One `vigil operator`.
struct OperatorProcess: Sendable {
    let child: RunningChild
    let port: UInt16

    /// Starts one and waits until it says that it is ready.
    ///
    /// The port is free when it is chosen; somebody else may still be faster, then another is tried.
    static func start(
        _ name: String,
        registries: DemoRegistries,
        cluster: Cluster,
        _ children: ChildProcesses
    ) async throws -> OperatorProcess {
        let tools = cluster.tools
        let port = try Loopback.freePort()
        let arguments =
            [
                "operator", "--kubeconfig", tools.folder.kubeconfig, "--lease-namespace", cluster.leaseNamespace,
                "--identity", name, "--health-address", "127.0.0.1:\(port)",
            ] + registries.plainHTTP
        cluster.transcript.command(Toolbox.commandLine(.vigil, arguments) + " &")
        let configuration = tools.configuration(
            .vigil,
            arguments,
            environment: tools.environments.variablesOfOperator
        )
        let child = try await children.start(name, configuration, in: tools.folder)
        let started = OperatorProcess(child: child, port: port)
        try await started.waitUntilReady()
        return started
    }

    private func waitUntilReady() async throws {
        try await withTimeLimit(
            .seconds(20),
            otherwise: DemoError(
                .timedOut,
                "\(self.child.name) is not ready after 20 s. Its log ends with:",
                logTail: self.child.logTail
            )
        ) {
            while Loopback.status(ofGet: "/readyz", port: port) != 200 {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
