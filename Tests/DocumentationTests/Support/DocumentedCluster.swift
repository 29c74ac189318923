import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import OperatorTestKit
import TestDocuments

/// A stand-in API server, for `kubectl` and the like.
struct DocumentedCluster: Sendable {
    /// The file that leads programs to it.
    let kubeconfig: String

    /// Runs `body` with a cluster in which nothing is but our definitions, or nothing at all.
    static func with<Result: Sendable>(
        definitions: Bool = true,
        _ body: (DocumentedCluster) async throws -> Result
    ) async throws -> Result {
        let embedded = EmbeddedCluster()
        if definitions { try await IntegrationCluster(embedded).installDefinitions() }
        let server = EmbeddedAPIServer(cluster: embedded)
        let folder = FileManager.default.temporaryDirectory.appending(path: "vigil-documentation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let file = folder.appending(path: "kubeconfig")
            try server.kubeconfig(port: try await server.boundPort())
                .write(to: file, atomically: true, encoding: .utf8)
            let result = try await body(DocumentedCluster(kubeconfig: file.path))
            group.cancelAll()
            return result
        }
    }

    /// Runs `kubectl` for the cluster.
    func kubectl(_ arguments: [String], input: String = "") async throws -> Tool.Outcome {
        try await Tool.kubectl.run(arguments, kubeconfig: kubeconfig, input: input)
    }

    /// What the server says to objects, whose namespaces are made first; empty when it takes them.
    func refusals(of objects: String) async throws -> [String] {
        for document in try YAMLText.documents(objects) {
            guard let namespace = document.value(at: "metadata", "namespace")?.string else { continue }
            _ = try await kubectl(["create", "namespace", namespace])
        }
        let outcome = try await kubectl(
            ["apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", "-"],
            input: objects
        )
        return outcome.isSuccess ? [] : [outcome.errors]
    }
}
