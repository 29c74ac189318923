import Foundation

/// The real `docker-registry`, on a port of loopback that the kernel chooses.
enum RegistryProcess {
    /// Starts one and returns `127.0.0.1:port`.
    ///
    /// - Parameters:
    ///   - tools: where the program is.
    ///   - children: what ends it with the demo.
    ///   - name: what its files are called.
    ///   - htpasswd: who may use it, in the form of Apache's `htpasswd -B`; `nil` for everybody.
    /// - Returns: its address.
    /// - Throws: ``DemoError`` when it does not listen in time.
    static func start(
        _ tools: Toolbox,
        _ children: ChildProcesses,
        named name: String = "registry",
        htpasswd: String? = nil
    ) async throws -> String {
        let folder = tools.folder
        var access = ""
        if let htpasswd {
            let file = try folder.write(htpasswd + "\n", to: "\(name).htpasswd")
            access = "auth: {htpasswd: {realm: demo, path: \(file)}}"
        }
        try folder.write(
            """
            version: 0.1
            log: {level: info, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: \(folder.path)/\(name)}
              delete: {enabled: true}
            http: {addr: "127.0.0.1:0", secret: demo}
            \(access)
            """,
            to: "\(name).yaml"
        )
        _ = try await children.start(
            name,
            tools.configuration(.registry, ["serve", "\(name).yaml"]),
            in: folder
        )
        return try await withTimeLimit(
            .seconds(20),
            otherwise: DemoError(
                .timedOut,
                "docker-registry does not listen after 20 s. Its log ends with:",
                logTail: folder.tail(ofLog: name)
            )
        ) {
            while true {
                if let address = address(inLog: try folder.read("log/\(name).log")) { return address }
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
