import FoundationEssentials
import Testing

@testable import KubernetesClient

/// Real programs: small shell scripts.
@Suite("Running a credential program", .timeLimit(.minutes(5)))
struct SubprocessPluginRunnerTests {
    private let runner = SubprocessPluginRunner(timeout: .seconds(60), clock: ContinuousClock())

    private func script(_ text: String, in folder: TemporaryFolder) throws -> String {
        try folder.write("plugin", "\(text)\n")
    }

    /// The shell reads the script: what this process has written cannot be executed while a child that was forked
    /// meanwhile holds it open (execve(2), `ETXTBSY`).
    private func invocation(_ path: String, environment: [String: String] = [:]) -> ExecPluginInvocation {
        ExecPluginInvocation(
            path: "/bin/sh",
            arguments: [path, "one", "two words"],
            environment: environment,
            isInteractive: false
        )
    }

    @Test("it gets its arguments and exactly the environment it is given, and no input")
    func surroundings() async throws {
        let folder = try TemporaryFolder()
        let path = try script("read line; echo \"$1/$2/$A/${HOME-none}/$line\"", in: folder)
        let output = try await runner.run(invocation(path, environment: ["A": "x y", "PATH": "/bin"]))
        #expect(String(decoding: output, as: UTF8.self) == "one/two words/x y/none/\n")
    }

    @Test("a status that is not 0, a signal, and a file that is no program are told apart")
    func failures() async throws {
        let folder = try TemporaryFolder()
        for (text, failure) in [
            ("echo secret; exit 3", ExecPluginFailure.ended("status 3")), ("kill -9 $$", .ended("signal 9")),
        ] {
            let path = try script(text, in: folder)
            await #expect(throws: failure) { try await runner.run(invocation(path)) }
        }
        await #expect {
            let absent = ExecPluginInvocation(
                path: "/nonexistent/plugin",
                arguments: [],
                environment: [:],
                isInteractive: false
            )
            return try await runner.run(absent)
        } throws: { error in
            if case ExecPluginFailure.notStarted = error { true } else { false }
        }
    }

    @Test("output without end is not read to the end")
    func endless() async throws {
        let folder = try TemporaryFolder()
        let path = try script(
            "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done",
            in: folder
        )
        await #expect(throws: ExecPluginFailure.tooMuchOutput) { try await runner.run(invocation(path)) }
    }

    @Test("a program that hangs is ended with what it started, when its time is up")
    func timeout() async throws {
        let folder = try TemporaryFolder()
        let path = try script("/bin/sleep 1000 & echo $! > \"$F\"; wait", in: folder)
        let pidFile = folder.path + "/pid"
        let clock = HandClock()
        let limited = SubprocessPluginRunner(timeout: .seconds(60), clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: ExecPluginFailure.timedOut(.seconds(60))) {
                    try await limited.run(invocation(path, environment: ["F": pidFile]))
                }
            }
            let pid = try await Self.number(in: pidFile)
            clock.advance(by: .seconds(60))
            try await group.waitForAll()
            try await Self.untilGone(pid)
        }
    }

    @Test("cancellation ends the program")
    func cancellation() async throws {
        let folder = try TemporaryFolder()
        let path = try script("echo $$ > \"$F\"; exec /bin/sleep 1000", in: folder)
        let pidFile = folder.path + "/pid"
        let running = Task { try await runner.run(invocation(path, environment: ["F": pidFile])) }
        let pid = try await Self.number(in: pidFile)
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        try await Self.untilGone(pid)
    }

    private static func number(in file: String) async throws -> Int {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let data = try? Data(contentsOf: URL(filePath: file)), data.last == 0x0A,
                let number = Int(String(decoding: data.dropLast(), as: UTF8.self))
            {
                return number
            }
            await Task.yield()
        }
        throw ExecPluginFailure.notStarted("the script wrote nothing")
    }

    /// Waits until no process has the number, or only one that has ended and was not collected yet.
    private static func untilGone(_ pid: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while let data = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/stat")) {
            let text = String(decoding: data, as: UTF8.self)
            if text.contains(") Z ") || text.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                Issue.record("process \(pid) still runs: \(text)")
                return
            }
            await Task.yield()
        }
    }
}
