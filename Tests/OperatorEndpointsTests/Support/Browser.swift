import Foundation
import JSONModel
import Subprocess
import Synchronization
import SystemPackage
import TestDocuments
import Testing

/// A real Chromium without a window, driven by the protocol of its developer tools (chromedevtools.github.io).
///
/// `make test` puts it into the build folder and names that in `VIGIL_TOOLS`. Without it the tests are skipped, or fail where
/// everything must be tried (``MachineNeeds``).
final class Browser: Sendable {
    private static let needs = MachineNeeds(tools: ["chromium"])

    static let path = "\(InstalledProgram.tools ?? "")/chromium"
    static var isInstalled: Bool {
        get throws { try needs.areMet }
    }
    static let reason = Comment(rawValue: needs.reason)

    /// What went wrong between a test and the browser.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var last = 0
        var waiting: [Int: CheckedContinuation<JSONValue, any Error>] = [:]
        var events: [JSONValue] = []
        var hasEnded = false
    }

    private let state = Mutex(State())
    /// What is to be sent, in order.
    private let commands: AsyncStream<[UInt8]>.Continuation

    private init(_ commands: AsyncStream<[UInt8]>.Continuation) { self.commands = commands }

    /// Starts a browser, hands it to `body` and ends it.
    static func with(_ body: @escaping @Sendable (Browser) async throws -> Void) async throws {
        let folder = "\(NSTemporaryDirectory())/browser-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-US", "--remote-debugging-pipe",
            "--user-data-dir=\(folder)", "about:blank",
        ]
        // The browser reads from descriptor 3 and writes to 4, and may write to standard output whatever it likes.
        let script = #"exec "$0" "$@" 3<&0 4>&1 >/dev/null 2>/dev/null </dev/null"#
        _ = try await Subprocess.run(
            .path(FilePath("/bin/sh")),
            arguments: Arguments(["-c", script, path] + flags),
            environment: .custom(["HOME": folder, "PATH": "/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8"]),
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            let (commands, continuation) = AsyncStream.makeStream(of: [UInt8].self)
            let browser = Browser(continuation)
            let (writer, output) = (execution.standardInputWriter, execution.standardOutput)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await browser.receive(output) }
                group.addTask {
                    for await command in commands { _ = try await writer.write(command) }
                }
                do {
                    try await body(browser)
                } catch {
                    try? await browser.end()
                    throw error
                }
                try await browser.end()
                try await group.waitForAll()
            }
        }
    }

    private func end() async throws {
        _ = try? await send("Browser.close")
        commands.finish()
    }

    /// Sends a command.
    ///
    /// - Throws: ``Failure`` with what the browser says of a command that it cannot follow.
    func send(
        _ method: String,
        _ parameters: [String: JSONValue] = [:],
        session: String? = nil
    ) async throws -> JSONValue {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        var message: [String: JSONValue] = [
            "id": .integer(Int64(number)), "method": .string(method), "params": .object(parameters),
        ]
        if let session { message["sessionId"] = .string(session) }
        let bytes = JSONSerializer().bytes(.object(message)) + [0]
        let value = try await withCheckedThrowingContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiting[number] = continuation }
                return state.hasEnded
            }
            if hasEnded { return continuation.resume(throwing: Failure(description: "the browser has ended")) }
            commands.yield(bytes)
        }
        if let error = value["error"] { throw Failure(description: "\(method): \(JSONSerializer().string(error))") }
        return value["result"] ?? .null
    }

    /// What the browser told unasked, of one kind.
    func events(_ method: String) -> [JSONValue] {
        state.withLock { $0.events.filter { $0["method"]?.string == method } }
    }

    /// Forgets what the browser told unasked.
    func forgetEvents() { state.withLock { $0.events = [] } }

    private func receive(_ output: SubprocessOutputSequence) async throws {
        var buffer: [UInt8] = []
        for try await chunk in output {
            buffer += chunk.withUnsafeBytes { Array($0) }
            while let end = buffer.firstIndex(of: 0) {
                let message = try JSONDecoder().decode(JSONValue.self, from: Data(buffer[..<end]))
                buffer.removeSubrange(...end)
                take(message)
            }
        }
        let left = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in left { continuation.resume(throwing: Failure(description: "the browser ended")) }
    }

    private func take(_ message: JSONValue) {
        let continuation = state.withLock { state -> CheckedContinuation<JSONValue, any Error>? in
            guard let number = message["id"]?.integer else {
                state.events.append(message)
                return nil
            }
            return state.waiting.removeValue(forKey: Int(number))
        }
        continuation?.resume(returning: message)
    }
}
