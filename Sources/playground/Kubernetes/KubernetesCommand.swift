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

    @Option(help: ArgumentHelp("How many synthetic pods run in it from the start.", visibility: .hidden))
    var pods = 0

    @Option(help: ArgumentHelp("Decides everything that is random about them.", visibility: .hidden))
    var seed: UInt64 = 1

    func validate() throws {
        guard (0...1_000_000).contains(pods) else { throw ValidationError("--pods \(pods): 0 to 1000000 is possible.") }
    }

    func run() async throws {
        let cluster = EmbeddedCluster()
        if pods > 0 { try await fill(cluster) }
        let server = EmbeddedAPIServer(cluster: cluster, port: Int(port))
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

    private func fill(_ cluster: EmbeddedCluster) async throws {
        let synthetic = SyntheticPods(
            namespaces: ["default"],
            images: SyntheticPods.invented(min(1000, pods), seed: seed),
            seed: seed
        )
        // In parts, for a part is held as trees.
        for start in stride(from: 0, to: pods, by: 1000) {
            let texts = (start..<min(pods, start + 1000)).map(synthetic.stored)
            try await cluster.load(texts, resource: "pods")
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
