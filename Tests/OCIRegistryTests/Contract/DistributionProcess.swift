import Foundation
import Testing

/// The real `docker-registry` on a port of loopback that the kernel chooses, for as long as a test needs it.
enum DistributionProcess {
    /// Runs `body` with its `127.0.0.1:port`.
    ///
    /// - Parameters:
    ///   - htpasswd: who may use it, in the form of Apache's `htpasswd -B`; `nil` for everybody.
    ///   - tls: certificate chain and key, PEM; `nil` for plain HTTP.
    ///   - body: uses it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and an issue when the program does not listen.
    static func with<Result>(
        htpasswd: String?,
        tls: (certificate: String, key: String)?,
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vigil-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ text: String, _ name: String) throws -> String {
            let file = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            return file.path
        }
        var (access, security) = ("", "")
        if let htpasswd {
            access = "auth: {htpasswd: {realm: test, path: \"\(try write("\(htpasswd)\n", "htpasswd"))\"}}"
        }
        if let tls {
            let (certificate, key) = (try write(tls.certificate, "tls.crt"), try write(tls.key, "tls.key"))
            security = ", tls: {certificate: \"\(certificate)\", key: \"\(key)\"}"
        }
        let configuration = try write(
            """
            version: 0.1
            log: {level: info, accesslog: {disabled: true}}
            storage: {inmemory: {}}
            http: {addr: "127.0.0.1:0", secret: test\(security)}
            \(access)
            """,
            "config.yml"
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(RegistryKind.program))
        process.arguments = ["serve", configuration]
        process.standardOutput = FileHandle.nullDevice
        let log = Pipe()
        process.standardError = log
        let chunks = chunks(of: log.fileHandleForReading)
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        return try await body(try #require(await address(in: chunks), "docker-registry ended without listening"))
    }

    /// What is written to a pipe, as it comes; it is read to its end, so that the writer never waits.
    private static func chunks(of pipe: FileHandle) -> AsyncStream<Data> {
        let (chunks, feed) = AsyncStream.makeStream(of: Data.self)
        pipe.readabilityHandler = { handle in
            let chunk = handle.availableData
            if chunk.isEmpty {
                handle.readabilityHandler = nil
                feed.finish()
            } else {
                feed.yield(chunk)
            }
        }
        return chunks
    }

    private static func address(in chunks: AsyncStream<Data>) async -> String? {
        let announcement = "listening on 127.0.0.1:"
        var log = ""
        for await chunk in chunks {
            log += String(decoding: chunk, as: UTF8.self)
            guard let start = log.range(of: announcement)?.upperBound else { continue }
            let port = log[start...].prefix(while: \.isNumber)
            // The number is whole only if something follows it.
            if !port.isEmpty, port.endIndex != log.endIndex { return "127.0.0.1:\(port)" }
        }
        return nil
    }
}
