import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Synchronization
import TestTiming
import Testing

@Suite("Informer handlers", .serialized, .timeLimit(.minutes(5)))
struct InformerHandlerTests {
    private typealias JSON = WidgetJSON

    /// A handler that does not return before the test lets it.
    private final class Obstacle: Sendable {
        private let isOpen = Mutex(false)
        let reached = Latch()

        func open() { isOpen.withLock { $0 = true } }

        func handle() {
            reached.open()
            // Blocks its thread on purpose: that is what a bad handler does.
            while !isOpen.withLock({ $0 }) {}
        }
    }

    private func informer(
        _ transport: ScriptedTransport,
        clock: ManualClock = ManualClock(),
        configuration: ReflectorConfiguration = ReflectorConfiguration()
    ) -> Informer<Widget, String> {
        Informer<Widget, String>(
            client: APIClient(transport: transport, userAgent: "test/1"),
            configuration: configuration,
            clock: clock,
            seed: 1,
            project: { $0.spec.color }
        )
    }

    private func running(_ informer: Informer<Widget, String>, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informer.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test("a slow handler delays neither the copy nor another handler, and its backlog is measured")
    func slow() async throws {
        let live = LiveBody()
        let informer = informer(ScriptedTransport([.live(live)]))
        let obstacle = Obstacle()
        defer { obstacle.open() }
        let quick = ChangeLog()
        let slowLog = ChangeLog()
        live.send(JSON.bookmark(4, ends: true))
        try await running(informer) {
            try await informer.waitUntilSynced()
            let slow = informer.addHandler { change in
                obstacle.handle()
                slowLog.append(change)
            }
            informer.addHandler { quick.append($0) }
            for version in 5..<25 { live.send(JSON.line("ADDED", "w\(version)", version)) }
            #expect(await quick.wait(for: 20).count == 20)
            await obstacle.reached.wait()
            #expect(informer.count == 20 && slow.backlog >= 19 && informer.status.backlog >= 19)
            obstacle.open()
            #expect(await slowLog.wait(for: 20) == quick.lines)
        }
    }

    @Test("when a handler is too far behind the watch is not read further, and goes on when it has caught up")
    func bounded() async throws {
        var configuration = ReflectorConfiguration()
        configuration.longestBacklog = 5
        let live = LiveBody()
        let informer = informer(ScriptedTransport([.live(live)]), configuration: configuration)
        let obstacle = Obstacle()
        defer { obstacle.open() }
        let log = ChangeLog()
        live.send(JSON.bookmark(4, ends: true))
        try await running(informer) {
            try await informer.waitUntilSynced()
            informer.addHandler { change in
                obstacle.handle()
                log.append(change)
            }
            for version in 5..<55 { live.send(JSON.line("ADDED", "w\(version)", version)) }
            await obstacle.reached.wait()
            // One is being told, five wait, and the one that was read meanwhile.
            #expect(informer.count <= 7)
            obstacle.open()
            #expect(await log.wait(for: 50).count == 50)
            #expect(informer.count == 50)
        }
    }

    @Test("a handler is told everything again at its resync, from the copy and without asking the server")
    func resync() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .stream([JSON.line("ADDED", "b", 1) + JSON.line("ADDED", "a", 2) + JSON.bookmark(3, ends: true)], .silence)
        ])
        let informer = informer(transport, clock: clock)
        let (log, other) = (ChangeLog(), ChangeLog())
        // A second is the least.
        let registration = informer.addHandler(resyncPeriod: .milliseconds(1)) { log.append($0) }
        informer.addHandler { other.append($0) }
        try await running(informer) {
            try await registration.waitUntilSynced()
            try await informer.waitUntilSynced()
            for round in 1...2 {
                await clock.waitForSleepers { $0.contains(.seconds(round)) }
                clock.advance(to: .seconds(round))
                let lines = await log.wait(for: 2 + 2 * round)
                #expect(lines.suffix(2) == ["update a red->red", "update b red->red"])
            }
            #expect(other.lines.count == 2 && transport.requests.count == 1)
        }
    }

    @Test("a handler that joins late has synced when it was told what is there; one that is early, with the copy")
    func registrations() async throws {
        let live = LiveBody()
        let informer = informer(ScriptedTransport([.live(live)]))
        let early = informer.addHandler { _ in }
        live.send(JSON.line("ADDED", "a", 1))
        try await running(informer) {
            #expect(!early.hasSynced && !informer.hasSynced)
            live.send(JSON.bookmark(3, ends: true))
            try await early.waitUntilSynced()
            try await informer.waitUntilSynced()
            let log = ChangeLog()
            let late = informer.addHandler { log.append($0) }
            #expect(late.hasSynced && late.backlog == 0 && log.lines == ["add a red initial"])
            live.send(JSON.line("MODIFIED", "a", 5, color: "blue"))
            #expect(await log.wait(for: 2)[1] == "update a red->blue")
        }
    }

    @Test("a handler hears of each whole comparison with the server, after what came of it; a late one of the last")
    func synchronisations() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .stream([JSON.line("ADDED", "a", 1) + JSON.bookmark(3, ends: true) + JSON.error(410, "Expired")], .eof),
            .stream([JSON.line("ADDED", "b", 5) + JSON.bookmark(6, ends: true)], .silence),
        ])
        let informer = informer(transport, clock: clock)
        let (log, queue) = (ChangeLog(), WorkQueue<String>(name: "all", clock: clock))
        informer.addHandler(synchronised: { log.append("synchronised") }) { log.append($0) }
        informer.feed(queue, synchronised: { ["waiting"] }) { _ in [] }
        try await running(informer) {
            #expect(await log.wait(for: 2) == ["add a red initial", "synchronised"])
            #expect(await queue.next() == "waiting")
            queue.done("waiting")
            clock.advance(to: await clock.nextDeadline(within: .seconds(2)))
            let lines = await log.wait(for: 5)
            #expect(lines[2...] == ["add b red", "delete a red unknown", "synchronised"])
            #expect(await queue.next() == "waiting")
            let late = ChangeLog()
            informer.addHandler(synchronised: { late.append("synchronised") }) { late.append($0) }
            #expect(late.lines == ["add b red initial", "synchronised"])
        }
    }

    @Test("informers wait for each other at the gate, and one that cannot fill itself holds up nobody")
    func gate() async throws {
        let gate = SynchronisationGate(limit: 1)
        let clock = ManualClock()
        let body = LiveBody()
        func make(_ transport: ScriptedTransport) -> Informer<Widget, String> {
            Informer<Widget, String>(
                client: APIClient(transport: transport, userAgent: "test/1"),
                gate: gate,
                clock: clock,
                seed: 1,
                project: { $0.spec.color }
            )
        }
        let down = ScriptedTransport { _, _ in .failure(TransportError(.unreachable, "refused")) }
        let slow = ScriptedTransport([.live(body)])
        let waiting = ScriptedTransport([.stream([JSON.bookmark(3, ends: true)], .silence)])
        let (first, second, third) = (make(down), make(slow), make(waiting))
        try await running(first) {
            await clock.waitForSleepers { !$0.isEmpty }
            try await running(second) {
                await slow.waitForRequests(1)
                try await running(third) {
                    #expect(waiting.requests.isEmpty)
                    body.send(JSON.bookmark(3, ends: true))
                    try await third.waitUntilSynced()
                    #expect(second.hasSynced && !first.hasSynced)
                }
            }
        }
    }
}
