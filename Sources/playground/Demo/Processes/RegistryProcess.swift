import Foundation

/// The real `docker-registry`, on a port of loopback that the kernel chooses.
enum RegistryProcess {
    /// Starts it and returns `127.0.0.1:port`.
    static func start(_ tools: Toolbox, _ children: ChildProcesses) async throws -> String {
        let folder = tools.folder
        try folder.write(
            """
            version: 0.1
            log: {level: info, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: \(folder.registryStorage)}
              delete: {enabled: true}
            http: {addr: "127.0.0.1:0", secret: demo}
            """,
            to: "registry.yaml"
        )
        _ = try await children.start(
            "registry",
            tools.configuration(.registry, ["serve", "registry.yaml"]),
            in: folder
        )
        return try await withTimeLimit(
            .seconds(20),
            otherwise: DemoError(
                .timedOut,
                "docker-registry does not listen after 20 s. Its log ends with:",
                logTail: folder.tail(ofLog: "registry")
            )
        ) {
            while true {
                if let address = address(inLog: try folder.read("log/registry.log")) { return address }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// The address in the line that the registry writes once it listens.
    static func address(inLog log: String) -> String? {
        guard let start = log.range(of: "listening on 127.0.0.1:") else { return nil }
        let port = log[start.upperBound...].prefix { $0.isNumber }
        // The line is complete only if something follows the number.
        guard !port.isEmpty, port.endIndex != log.endIndex else { return nil }
        return "127.0.0.1:\(port)"
    }
}
