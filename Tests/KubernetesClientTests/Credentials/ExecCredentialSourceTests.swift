import FoundationEssentials
import JSONModel
import Synchronization
import Testing

@testable import KubernetesClient

@Suite("Credential program", .timeLimit(.minutes(5)))
struct ExecCredentialSourceTests {
    /// Answers with tokens 1, 2, 3 …, and remembers how it was started.
    private final class CountingRunner: ExecPluginRunner {
        private struct State {
            var invocations: [ExecPluginInvocation] = []
            var failure: ExecPluginFailure?
        }

        private let state = Mutex(State())
        private let status: @Sendable (Int) -> String
        private let held: AsyncStream<Void>?

        init(held: AsyncStream<Void>? = nil, status: @escaping @Sendable (Int) -> String = { "{\"token\":\"\($0)\"}" })
        {
            self.status = status
            self.held = held
        }

        var invocations: [ExecPluginInvocation] { state.withLock { $0.invocations } }
        func fail(_ failure: ExecPluginFailure?) { state.withLock { $0.failure = failure } }

        func run(_ invocation: ExecPluginInvocation) async throws -> [UInt8] {
            if let held { for await _ in held {} }
            let (count, failure) = state.withLock { state in
                state.invocations.append(invocation)
                return (state.invocations.count, state.failure)
            }
            if let failure { throw failure }
            let text =
                "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":"
                + status(count) + "}"
            return Array(text.utf8)
        }
    }

    private final class Calendar: Sendable {
        private let seconds = Mutex(0.0)
        var now: Date { Date(timeIntervalSince1970: seconds.withLock { $0 }) }
        func advance(by amount: Double) { seconds.withLock { $0 += amount } }
    }

    private let calendar = Calendar()
    private let runner = CountingRunner()

    private func source(
        _ plugin: ExecCredentialPlugin = ExecCredentialPlugin(command: "/bin/sh", environment: [:]),
        runner: CountingRunner? = nil,
        policy: ExecPluginPolicy = .allowAll,
        hasTerminal: Bool = false
    ) -> ExecCredentialSource {
        let calendar = calendar
        return ExecCredentialSource(
            plugin,
            ExecCredentialSource.Surroundings(
                runner: runner ?? self.runner,
                policy: policy,
                hasTerminal: { hasTerminal },
                now: { calendar.now }
            )
        )
    }

    @Test("the program is asked once, and again after the end of its credential or a refusal")
    func refresh() async throws {
        let runner = CountingRunner { "{\"token\":\"\($0)\",\"expirationTimestamp\":\"1970-01-01T00:0\($0):00Z\"}" }
        let source = source(runner: runner)
        let first = try await source.credential()
        #expect(try await source.credential() == first)
        calendar.advance(by: 61)
        let second = try await source.credential()
        #expect(second.token == "2")
        source.refused(first)
        #expect(try await source.credential() == second)
        source.refused(second)
        #expect(try await source.credential().token == "3")
        #expect(runner.invocations.count == 3)
    }

    @Test("many requests at once start one program")
    func singleFlight() async throws {
        let (held, release) = AsyncStream<Void>.makeStream()
        let runner = CountingRunner(held: held)
        let source = source(runner: runner)
        let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<10 { group.addTask { try await source.credential().token } }
            while source.waitingCount < 9 { await Task.yield() }
            release.finish()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(tokens == Array(repeating: "1", count: 10))
        #expect(runner.invocations.count == 1)
    }

    @Test("it is told the version, whether somebody is there to ask, and of the cluster if it wants to")
    func information() async throws {
        var plugin = ExecCredentialPlugin(
            command: "/bin/sh",
            arguments: ["a", "b"],
            environment: ["X": "1"],
            version: .v1
        )
        func told(_ source: ExecCredentialSource) async throws -> (ExecPluginInvocation, JSONValue) {
            _ = try await source.credential()
            let invocation = try #require(runner.invocations.last)
            let text = try #require(invocation.environment["KUBERNETES_EXEC_INFO"])
            return (invocation, try JSONParser().parse(Array(text.utf8)))
        }
        let (invocation, information) = try await told(source(plugin))
        #expect(invocation.path == "/bin/sh" && invocation.arguments == ["a", "b"] && !invocation.isInteractive)
        #expect(invocation.environment["X"] == "1")
        let expected: JSONValue = [
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": ["interactive": false],
        ]
        #expect(information == expected)
        plugin.clusterInfo = ["server": "https://h"]
        let (second, more) = try await told(source(plugin, hasTerminal: true))
        #expect(second.isInteractive)
        #expect(more["spec"] == ["interactive": true, "cluster": ["server": "https://h"]])
        plugin.interactiveMode = .never
        #expect(try await told(source(plugin, hasTerminal: true)).0.isInteractive == false)
    }

    @Test("interactiveMode Always without a terminal is an error, not a program that waits for ever")
    func noTerminal() async throws {
        let plugin = ExecCredentialPlugin(command: "/bin/sh", environment: [:], interactiveMode: .always)
        let error = await #expect(throws: ClusterConfigurationError.self) { try await source(plugin).credential() }
        #expect(error?.message.contains("terminal") == true)
        #expect(runner.invocations.isEmpty)
        _ = try await source(plugin, hasTerminal: true).credential()
    }

    @Test("a program that is missing says how to get it, ten times an hour, without escape sequences")
    func installHint() async throws {
        var plugin = ExecCredentialPlugin(command: "no-such-program", environment: ["PATH": "/usr/bin:/bin"])
        plugin.installHint = "\u{1B}[31mrun:\u{7}\napt install it\u{1B}[0m"
        let source = source(plugin)
        func message() async -> String {
            do {
                _ = try await source.credential()
                return ""
            } catch { return "\(error)" }
        }
        let first = await message()
        #expect(first.contains("no-such-program") && first.hasSuffix(". run: apt install it"))
        for _ in 0..<9 { #expect(await message() == first) }
        #expect(await message().contains("apt") == false)
        calendar.advance(by: 3600)
        #expect(await message() == first)
    }

    @Test("only programs on the list are run, by name or by path")
    func policy() async throws {
        let plugin = ExecCredentialPlugin(command: "sh", environment: ["PATH": "relative::/usr/bin:/bin"])
        let path = try #require(ProgramSearch.find("sh", searchPath: "/usr/bin:/bin"))
        for policy in [ExecPluginPolicy.denyAll, .allow([]), .allow(["cat", "/elsewhere/sh"])] {
            await #expect(throws: ClusterConfigurationError.self) {
                try await source(plugin, policy: policy).credential()
            }
        }
        #expect(runner.invocations.isEmpty)
        for policy in [ExecPluginPolicy.allowAll, .allow(["sh"]), .allow([path])] {
            _ = try await source(plugin, policy: policy).credential()
        }
        #expect(runner.invocations.map(\.path) == [path, path, path])
    }

    @Test(
        "a program that fails is named, and asked again the next time",
        arguments: [
            (ExecPluginFailure.ended("status 1"), "status 1"), (.tooMuchOutput, "bytes"),
            (.timedOut(.seconds(60)), "60 s"), (.notStarted("no"), "started"),
        ]
    )
    func failures(failure: ExecPluginFailure, words: String) async throws {
        let source = source()
        runner.fail(failure)
        let error = await #expect(throws: ClusterConfigurationError.self) { try await source.credential() }
        #expect(error?.message.contains("/bin/sh") == true && error?.message.contains(words) == true)
        runner.fail(nil)
        #expect(try await source.credential().token == "2")
    }

    @Test("the search never takes a program from the current folder, a folder, or a file that cannot be run")
    func search() throws {
        let folder = try TemporaryFolder()
        try folder.write("plain", "")
        #expect(ProgramSearch.find("sh", searchPath: nil) == nil)
        #expect(ProgramSearch.find("sh", searchPath: ":.:bin") == nil)
        #expect(ProgramSearch.find("", searchPath: "/bin") == nil)
        #expect(ProgramSearch.find("plain", searchPath: folder.path) == nil)
        #expect(ProgramSearch.find(folder.path, searchPath: nil) == nil)
        #expect(ProgramSearch.find("/bin/sh", searchPath: nil) == "/bin/sh")
    }
}
