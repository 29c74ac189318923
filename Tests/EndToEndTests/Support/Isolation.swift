import TestDocuments
import Testing

/// How a program is kept from the network, and from the home folder of whoever runs the tests.
struct Isolation: Sendable {
    /// What the program is started by.
    private let starter: [String]

    /// Proxies that never answer, which is all that every system allows: who asks a host for something is seen, but not who
    /// asks this machine.
    static let proxies = Isolation(starter: [])

    /// A network namespace of the program's own, where there is nobody, not even this machine; `nil` where the system
    /// refuses that, as containers do.
    static func namespace(in workspace: Workspace) async throws -> Isolation? {
        let unshare = "/usr/bin/unshare"
        guard InstalledProgram.isThere(unshare) else { return nil }
        // Who is not root needs a user namespace besides.
        for options in [["--net"], ["--map-root-user", "--net"]] {
            if try await workspace.run(unshare, options + ["true"]).status == 0 {
                return Isolation(starter: [unshare] + options)
            }
        }
        return nil
    }

    /// Whether the system allows a network namespace.
    static func allowsNamespace() async throws -> Bool {
        try await Workspace.with { try await namespace(in: $0) != nil }
    }

    /// What is left untried without a network namespace.
    static let refusal: Comment = """
        unshare --net is refused here, as in most containers: what must ask nobody runs behind proxies that never answer, \
        and is not seen when it asks this machine
        """

    /// Runs `vigil` to its end.
    ///
    /// - Parameters:
    ///   - arguments: its arguments.
    ///   - workspace: where it runs.
    /// - Returns: what came of it, and whether it asked somebody through a proxy.
    /// - Throws: when the program cannot be started.
    func vigil(
        _ arguments: [String],
        in workspace: Workspace
    ) async throws -> (outcome: Workspace.Outcome, hasAsked: Bool) {
        try await SilentServer.with { server in
            let home = "\(workspace.path)/nobody"
            let proxy = "http://127.0.0.1:\(server.port)"
            let environment = [
                "HOME=\(home)", "XDG_CONFIG_HOME=\(home)", "DOCKER_CONFIG=\(home)", "HTTP_PROXY=\(proxy)",
                "HTTPS_PROXY=\(proxy)",
            ]
            let command = starter + ["/usr/bin/env"] + environment + [RealTools.vigil] + arguments
            let outcome = try await workspace.run(command[0], Array(command.dropFirst()))
            return (outcome: outcome, hasAsked: server.isConnected)
        }
    }
}
