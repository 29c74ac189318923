import ArgumentParser
import EmbeddedKubernetes
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `playground kubernetes`: the embedded Kubernetes API by itself, to try things on.
struct KubernetesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubernetes",
        abstract: "Runs the embedded Kubernetes API on 127.0.0.1: a stand-in for a cluster, in memory.",
        discussion: "It keeps objects and serves watches; it runs no containers. It ends with Ctrl-C."
    )

    @Option(help: "The port to listen on; 0 chooses a free one.")
    var port: UInt16 = 0

    @Option(help: "The file that the kubeconfig is written to once the API listens.")
    var kubeconfig = ".build/embedded-kubernetes.kubeconfig"

    func run() async throws {
        let server = EmbeddedAPIServer(cluster: EmbeddedCluster(), port: Int(port))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [server, KubeconfigFile(server: server, path: kubeconfig)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "playground") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        do {
            try await group.run()
        } catch {
            let place = port == 0 ? "" : " on port \(port)"
            let fix = port == 0 ? "" : " If something else listens there, choose another port, or 0 for a free one."
            throw ValidationError("The embedded Kubernetes API cannot run\(place): \(error).\(fix)")
        }
    }
}

/// Writes the kubeconfig of a server once it listens, and says where.
private struct KubeconfigFile: Service {
    let server: EmbeddedAPIServer
    let path: String

    func run() async throws {
        let port = try await server.boundPort()
        let file = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(server.kubeconfig(port: port).utf8).write(to: file, options: .atomic)
        let announcement = """
            This is a stand-in for a cluster: it keeps objects in memory, checks no credentials and runs no containers.
            It listens on 127.0.0.1:\(port). To use it:
              export KUBECONFIG=\(file.path)

            """
        // Not print(_:), which keeps its text back when the output is a file or a pipe.
        try FileHandle.standardOutput.write(contentsOf: Data(announcement.utf8))
        try await gracefulShutdown()
    }
}
