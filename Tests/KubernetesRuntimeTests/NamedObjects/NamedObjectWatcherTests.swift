import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization
import TestTiming
import Testing

@testable import KubernetesRuntime

@Suite("The watcher of named objects", .timeLimit(.minutes(5)))
struct NamedObjectWatcherTests {
    private static let resource = ResourceType(
        group: "",
        version: "v1",
        plural: "configmaps",
        kind: "ConfigMap",
        isNamespaced: true
    )

    private func object(_ name: String) -> NamedObject {
        NamedObject(Self.resource, namespace: "n", name: name)
    }

    private static func line(_ type: String, _ name: String, _ version: String) -> String {
        """
        {"type":"\(type)","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"\(name)","namespace":"n",\
        "resourceVersion":"\(version)"},"data":{"large":"…"}}}

        """
    }

    /// What a watcher told.
    private final class Told: Sendable {
        private let state = Mutex<(lines: [String], latches: [(Int, Latch)])>(([], []))

        var lines: [String] { state.withLock { $0.lines } }

        func add(_ object: NamedObject, _ owners: Set<String>) {
            let ready = state.withLock { state in
                state.lines.append("\(object.name) \(owners.sorted().joined(separator: "+"))")
                let count = state.lines.count
                return state.latches.filter { $0.0 <= count }.map(\.1)
            }
            for latch in ready { latch.open() }
        }

        func wait(for count: Int) async {
            let latch = Latch()
            let isThere = state.withLock { state in
                if state.lines.count < count { state.latches.append((count, latch)) }
                return state.lines.count >= count
            }
            if !isThere { await latch.wait() }
        }
    }

    private func watching(
        _ transport: ScriptedTransport,
        clock: any Clock<Duration> = ContinuousClock(),
        ledger: LogLedger = LogLedger(),
        _ body: (NamedObjectWatcher<String>, Told) async throws -> Void
    ) async throws {
        let told = Told()
        let watcher = NamedObjectWatcher<String>(
            client: APIClient(transport: transport, userAgent: "test"),
            clock: clock,
            seed: 1,
            logger: ledger.logger(),
            changed: { told.add($0, $1) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            try await body(watcher, told)
            group.cancelAll()
        }
    }

    @Test("an object is watched by its name, and every news of it is told to those who want it, old news to nobody")
    func news() async throws {
        let lines = [
            Self.line("ADDED", "a", "5"), Self.line("MODIFIED", "a", "5"), Self.line("MODIFIED", "other", "6"),
            Self.line("MODIFIED", "a", "7"), Self.line("DELETED", "a", "8"), Self.line("ADDED", "a", "9"),
        ]
        let live = LiveBody()
        let transport = ScriptedTransport([.live(live)])
        try await watching(transport) { watcher, told in
            watcher.want([object("a")], owner: "one")
            watcher.want([object("a")], owner: "two")
            for line in lines { live.send(line) }
            await told.wait(for: 4)
            #expect(told.lines.map { $0.prefix(1) } == ["a", "a", "a", "a"])
            #expect(told.lines.last == "a one+two")
            let request = try #require(transport.requests.first)
            #expect(request.path == "/api/v1/namespaces/n/configmaps")
            let query = Dictionary(request.query.map { ($0.name, $0.value) }) { $1 }
            #expect(query["fieldSelector"] == "metadata.name=a" && query["watch"] == "true")
            #expect(query["resourceVersion"] == nil && query["sendInitialEvents"] == nil)
            #expect(transport.requests.count == 1)
        }
    }

    @Test("after a stream that ended the next one tells only what changed meanwhile")
    func resumes() async throws {
        let transport = ScriptedTransport([
            .stream([Self.line("ADDED", "a", "5")], .eof), .stream([Self.line("ADDED", "a", "5")], .eof),
            .stream([Self.line("ADDED", "a", "6")], .silence),
        ])
        let clock = ManualClock()
        try await watching(transport, clock: clock) { watcher, told in
            watcher.want([object("a")], owner: "one")
            for count in 1...2 {
                await transport.waitForRequests(count)
                // Streams that end at once are followed by growing pauses.
                let latest = clock.elapsed + .seconds(10)
                await clock.waitForSleepers { $0.contains { $0 < latest } }
                clock.advance(by: .seconds(10))
            }
            await told.wait(for: 2)
            #expect(told.lines.count == 2)
        }
    }

    @Test("a server that refuses is told of once, and left alone for minutes")
    func refused() async throws {
        let transport = ScriptedTransport { _, _ in
            .json(403, #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}"#)
        }
        let ledger = LogLedger()
        let clock = ManualClock()
        try await watching(transport, clock: clock, ledger: ledger) { watcher, told in
            watcher.want([object("a")], owner: "one")
            await transport.waitForRequests(1)
            await clock.waitForSleepers { $0.contains(.seconds(300)) }
            clock.advance(by: .seconds(299))
            #expect(transport.requests.count == 1)
            clock.advance(by: .seconds(2))
            await transport.waitForRequests(2)
            #expect(told.lines.isEmpty)
            let notices = ledger.lines.filter { $0.level == .notice }
            #expect(notices.count == 1 && notices.first?.metadata["object"] == "configmaps n/a")
        }
    }

    @Test("what nobody wants any more is watched no more")
    func unwanted() async throws {
        let (first, second) = (LiveBody(), LiveBody())
        let transport = ScriptedTransport { _, index in .live(index == 0 ? first : second) }
        try await watching(transport) { watcher, told in
            watcher.want([object("a")], owner: "one")
            await transport.waitForRequests(1)
            first.send(Self.line("ADDED", "a", "1"))
            await told.wait(for: 1)
            watcher.want([object("b")], owner: "one")
            await transport.waitForRequests(2)
            first.send(Self.line("MODIFIED", "a", "2"))
            second.send(Self.line("ADDED", "b", "3"))
            await told.wait(for: 2)
            #expect(told.lines == ["a one", "b one"])
            #expect(watcher.watched == [object("b")])
        }
    }
}
