import Foundation
import Subprocess
import SystemPackage
import Testing

/// The real `docker-registry` on a free port of loopback, for as long as a test needs it.
struct RealRegistry: Sendable {
    let workspace: Workspace
    /// `127.0.0.1:port`.
    let host: String

    /// Runs `body` with a fresh registry, which is stopped afterwards.
    ///
    /// - Parameters:
    ///   - workspace: where it keeps what it is given.
    ///   - htpasswd: who may use it, in the form of Apache's `htpasswd -B`; `nil` for everybody.
    ///   - tls: the members of `http.tls` in its configuration; `nil` for plain HTTP.
    ///   - name: what its files in the workspace are called by; the same has what was pushed to it before.
    ///   - body: uses it.
    /// - Throws: what `body` throws.
    static func with(
        _ workspace: Workspace,
        htpasswd: String? = nil,
        tls: String? = nil,
        name: String = "storage",
        _ body: @escaping @Sendable (RealRegistry) async throws -> Void
    ) async throws {
        if let htpasswd { try workspace.write("\(htpasswd)\n", to: "htpasswd") }
        let access = htpasswd == nil ? "" : "auth: {htpasswd: {realm: test, path: \(workspace.path)/htpasswd}}"
        try workspace.write(
            """
            version: 0.1
            log: {level: info, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(workspace.path)/\(name)}}
            http: {addr: "127.0.0.1:0", secret: test\(tls.map { ", tls: {\($0)}" } ?? "")}
            \(access)
            """,
            to: "\(name).yaml"
        )
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        _ = try await Subprocess.run(
            .path(FilePath(RealTools.path("docker-registry"))),
            arguments: ["serve", "\(name).yaml"],
            environment: workspace.environment,
            workingDirectory: FilePath(workspace.path),
            platformOptions: options,
            input: .none,
            output: .discarded,
            error: .sequence
        ) { execution in
            let address = OneShotAddress()
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Read to the end: a registry whose log nobody reads stops at the next line it writes.
                group.addTask {
                    for try await line in execution.standardError.strings() { address.look(at: line) }
                    address.giveUp()
                }
                let port = try #require(await address.port(), "docker-registry ended without listening")
                try await body(RealRegistry(workspace: workspace, host: "127.0.0.1:\(port)"))
                try execution.send(signal: .terminate)
                try await group.waitForAll()
            }
        }
    }

    /// Pushes an image of one layer and returns its reference, pinned to the digest.
    func push(_ name: String) async throws -> String {
        try workspace.write("content of \(name)", to: "\(name).txt")
        try workspace.write("{}", to: "\(name).config.json")
        try await workspace.tool(
            "oras",
            [
                "push", "--plain-http", "--config", "\(name).config.json:application/vnd.oci.image.config.v1+json",
                "\(host)/\(name):v1", "\(name).txt:application/vnd.oci.image.layer.v1.tar",
            ]
        )
        let digest = try await workspace.tool("oras", ["resolve", "--plain-http", "\(host)/\(name):v1"])
        return "\(host)/\(name)@\(digest.trimmingCharacters(in: .whitespacesAndNewlines))"
    }

    /// Makes a key that notation knows, with a self-signed certificate.
    func makeKey(_ name: String) async throws {
        try await workspace.tool("notation", ["cert", "generate-test", name])
    }

    /// Makes a key as above, and puts its certificate into trust store `ca:name`.
    func makeTrustedKey(_ name: String) async throws {
        try await makeKey(name)
        try workspace.write(try certificate(name), to: "config/notation/truststore/x509/ca/\(name)/\(name).crt")
    }

    func sign(_ reference: String, key: String, format: String = "jws", _ more: [String] = []) async throws {
        try await workspace.tool(
            "notation",
            ["sign", "--insecure-registry", "--signature-format", format, "--key", key] + more + [reference]
        )
    }

    /// The only certificate of a key, PEM.
    func certificate(_ key: String) throws -> String { try workspace.read("config/notation/localkeys/\(key).crt") }
}
