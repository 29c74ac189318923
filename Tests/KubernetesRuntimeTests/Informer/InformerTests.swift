import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import TestTiming
import Testing

@Suite("Informer", .timeLimit(.minutes(5)))
struct InformerTests {
    private typealias JSON = WidgetJSON

    /// Runs an informer against scripted answers while `body` looks at it.
    private func withInformer(
        _ transport: ScriptedTransport,
        clock: ManualClock = ManualClock(),
        configuration: ReflectorConfiguration = ReflectorConfiguration(),
        indexers: [String: InformerStore<String>.Indexer] = [:],
        _ body: (Informer<Widget, String>, ChangeLog) async throws -> Void
    ) async throws {
        let informer = Informer<Widget, String>(
            client: APIClient(transport: transport, userAgent: "test/1"),
            configuration: configuration,
            indexers: indexers,
            clock: clock,
            seed: 1,
            project: { $0.spec.color }
        )
        let log = ChangeLog()
        informer.addHandler { log.append($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informer.run() }
            try await body(informer, log)
            group.cancelAll()
        }
    }

    private func query(_ request: APIRequest) -> [String: String] {
        Dictionary(request.query.map { ($0.name, $0.value) }) { first, _ in first }
    }

    @Test("fills itself by a watch-list and goes on with the changes of the same stream")
    func watchList() async throws {
        let live = LiveBody()
        let transport = ScriptedTransport([.live(live)])
        live.send(JSON.line("ADDED", "a", 5) + JSON.line("ADDED", "b", 3) + JSON.bookmark(7, ends: true))
        try await withInformer(transport) { informer, log in
            try await informer.waitUntilSynced()
            #expect(log.lines == ["add a red initial", "add b red initial"])
            live.send(JSON.line("MODIFIED", "a", 8, color: "blue"))
            live.send(JSON.line("DELETED", "b", 9) + JSON.line("ADDED", "c", 10))
            let lines = await log.wait(for: 5)
            #expect(lines[2...] == ["update a red->blue", "delete b red", "add c red"])
            #expect(informer.value(ObjectKey(namespace: "shop", name: "a")) == "blue")
            #expect(informer.count == 2)
            // Handlers are told before the version is kept.
            while informer.status.resourceVersion != "10", !Task.isCancelled { await Task.yield() }
        }
        let query = query(try #require(transport.requests.first))
        #expect(query["sendInitialEvents"] == "true" && query["resourceVersionMatch"] == "NotOlderThan")
        #expect(query["allowWatchBookmarks"] == "true" && query["watch"] == "true")
    }

    @Test("lists in pages where the server rejects a watch-list, then watches from the list's version")
    func listFallback() async throws {
        let transport = ScriptedTransport([
            .json(422, JSON.status(422, "Invalid")),
            .json(200, JSON.list(10, [JSON.object("a", 1)], next: "token")),
            .json(200, JSON.list(10, [JSON.object("b", 2)])),
            .stream([JSON.line("DELETED", "a", 11)], .silence),
        ])
        try await withInformer(transport) { informer, log in
            let lines = await log.wait(for: 3)
            #expect(lines == ["add a red initial", "add b red initial", "delete a red"])
            #expect(informer.hasSynced)
        }
        #expect(query(transport.requests[1])["limit"] == "500")
        #expect(query(transport.requests[2])["continue"] == "token")
        #expect(query(transport.requests[3])["resourceVersion"] == "10")
    }

    @Test(
        "410, as an answer or inside the stream, costs a synchronisation that finds missed deletions",
        arguments: [true, false]
    )
    func expired(isInside: Bool) async throws {
        let clock = ManualClock()
        let expiry: [ScriptedTransport.Answer] =
            isInside
            ? [.stream([JSON.line("ADDED", "c", 11) + JSON.error(410, "Expired")], .eof)]
            : [.stream([JSON.line("ADDED", "c", 11)], .eof), .json(410, JSON.status(410, "Expired"))]
        let transport = ScriptedTransport(
            [.stream([JSON.line("ADDED", "a", 1), JSON.line("ADDED", "b", 2), JSON.bookmark(10, ends: true)], .eof)]
                + expiry + [
                    .stream(
                        [
                            JSON.line("ADDED", "b", 15, color: "blue") + JSON.line("ADDED", "c", 11)
                                + JSON.bookmark(20, ends: true)
                        ],
                        .silence
                    )
                ]
        )
        try await withInformer(transport, clock: clock) { informer, log in
            _ = await log.wait(for: 3)
            // The watchdog of the open watch sleeps too; the delay is the earlier of the two.
            clock.advance(to: await clock.nextDeadline(within: .seconds(2)))
            let lines = await log.wait(for: 5)
            #expect(lines[3...] == ["update b red->blue", "delete a red unknown"])
            #expect(informer.count == 2)
        }
        let last = query(try #require(transport.requests.last))
        #expect(last["sendInitialEvents"] == "true" && last["resourceVersion"] == "11")
    }

    @Test("after the end of a stream the watch goes on from the last event, or from a later bookmark")
    func resumesFromBookmark() async throws {
        let transport = ScriptedTransport([
            .stream(
                [JSON.line("ADDED", "a", 1) + JSON.bookmark(10, ends: true), JSON.line("MODIFIED", "a", 12)],
                .eof
            ),
            .stream([JSON.bookmark(40)], .eof),
            .stream([JSON.line("MODIFIED", "a", 41, color: "green")], .failure(TransportError(.connectionLost, "cut"))),
        ])
        try await withInformer(transport) { _, log in
            let lines = await log.wait(for: 3)
            #expect(lines == ["add a red initial", "update a red->red", "update a red->green"])
            await transport.waitForRequests(4)
        }
        #expect(transport.requests.dropFirst().map { query($0)["resourceVersion"] } == ["12", "40", "41"])
    }

    @Test("knows whether it has seen a write, by events and by bookmarks")
    func hasSeen() async throws {
        let live = LiveBody()
        let transport = ScriptedTransport([.live(live)])
        try await withInformer(transport) { informer, log in
            #expect(!informer.hasSeen(resourceVersion: "1"))
            live.send(JSON.line("ADDED", "a", 5) + JSON.bookmark(9, ends: true))
            try await informer.waitUntilSynced()
            #expect(informer.hasSeen(resourceVersion: "9") && !informer.hasSeen(resourceVersion: "10"))
            live.send(JSON.bookmark(99) + JSON.line("MODIFIED", "a", 100))
            _ = await log.wait(for: 2)
            #expect(informer.hasSeen(resourceVersion: "99") && !informer.hasSeen(resourceVersion: "101"))
            for odd in ["", "0", "x"] { #expect(!informer.hasSeen(resourceVersion: odd)) }
        }
    }

    @Test("a garbage line costs a synchronisation and no crash")
    func garbage() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .stream(
                [JSON.line("ADDED", "a", 1) + JSON.bookmark(10, ends: true) + "<html>proxy</html>\n"],
                .silence
            ),
            .stream(
                [JSON.line("ADDED", "a", 1) + JSON.bookmark(12, ends: true), JSON.line("ADDED", "b", 13)],
                .silence
            ),
        ])
        try await withInformer(transport, clock: clock) { informer, log in
            clock.advance(to: await clock.nextDeadline(within: .seconds(2)))
            #expect(await log.wait(for: 2) == ["add a red initial", "add b red"])
            #expect(informer.status.synchronisations == 2)
        }
    }

    @Test("an object that became unreadable keeps its last state, and its deletion is seen")
    func unreadableObject() async throws {
        let odd = JSON.line("MODIFIED", "a", 11).replacing("\"color\":\"red\"", with: "\"color\":7")
        let gone = odd.replacing("MODIFIED", with: "DELETED")
        let live = LiveBody()
        live.send(JSON.line("ADDED", "a", 1) + JSON.bookmark(10, ends: true) + odd + JSON.line("ADDED", "b", 12))
        try await withInformer(ScriptedTransport([.live(live)])) { informer, log in
            #expect(await log.wait(for: 2) == ["add a red initial", "add b red"])
            #expect(informer.value(ObjectKey(namespace: "shop", name: "a")) == "red")
            #expect(informer.status.unreadableObjects == 1)
            live.send(gone)
            #expect(await log.wait(for: 3)[2] == "delete a red unknown")
        }
    }

    @Test("an object of another kind in the stream is left out, and the watch goes on")
    func foreignObject() async throws {
        let table =
            #"{"type":"MODIFIED","object":{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"rows":[]}}"#
        let transport = ScriptedTransport([
            .stream([JSON.bookmark(10, ends: true) + table + "\n" + JSON.line("ADDED", "a", 12)], .silence)
        ])
        try await withInformer(transport) { informer, log in
            #expect(await log.wait(for: 1) == ["add a red"])
            #expect(informer.status.unreadableObjects == 1 && transport.requests.count == 1)
        }
    }

    @Test("a definition that is deleted empties the copy, and the copy fills again when it is back")
    func vanishedDefinition() async throws {
        let clock = ManualClock()
        let missing = ScriptedTransport.Answer.json(404, "404 page not found\n")
        let transport = ScriptedTransport([
            .stream([JSON.line("ADDED", "a", 1) + JSON.bookmark(10, ends: true), JSON.line("DELETED", "a", 11)], .eof),
            // The watch, and then the watch-list and the list of the next attempt.
            missing, missing, missing,
            .json(200, JSON.list(21, [JSON.object("b", 20)])), .stream([JSON.line("ADDED", "c", 22)], .silence),
        ])
        try await withInformer(transport, clock: clock) { informer, log in
            #expect(await log.wait(for: 2) == ["add a red initial", "delete a red"])
            for requests in [2, 4] {
                await transport.waitForRequests(requests)
                clock.advance(to: await clock.nextDeadline(within: .seconds(10)))
            }
            #expect(await log.wait(for: 4)[2...] == ["add b red", "add c red"])
            #expect(informer.status.synchronisations == 2 && informer.count == 2)
            #expect(informer.status.lists == 2 && informer.status.watches == 4)
            #expect(informer.status.isCurrent(within: .seconds(1)))
            clock.advance(by: .seconds(89))
            #expect(!informer.status.isCurrent(within: .seconds(60)) && informer.status.isCurrent())
        }
    }

    @Test("a list that breaks off is fetched again, and tells nothing twice")
    func brokenList() async throws {
        let clock = ManualClock()
        let page = JSON.list(10, [JSON.object("a", 1), JSON.object("b", 2)])
        let transport = ScriptedTransport([
            .json(422, JSON.status(422, "Invalid")),
            .stream([String(page.dropLast(40))], .failure(TransportError(.connectionLost, "cut"))),
            .json(200, page), .stream([JSON.line("ADDED", "c", 11)], .silence),
        ])
        try await withInformer(transport, clock: clock) { informer, log in
            await transport.waitForRequests(2)
            clock.advance(to: await clock.nextDeadline(within: .seconds(10)))
            #expect(await log.wait(for: 3) == ["add a red initial", "add b red initial", "add c red"])
            #expect(informer.hasSynced)
        }
    }

    @Test("a watch that is silent for 90 s is opened again from the last version")
    func silence() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .stream([JSON.bookmark(10, ends: true)], .silence),
            .stream([JSON.line("ADDED", "a", 11)], .silence),
        ])
        try await withInformer(transport, clock: clock) { informer, log in
            try await informer.waitUntilSynced()
            await clock.waitForSleepers { $0 == [.seconds(90)] }
            clock.advance(to: .seconds(90))
            #expect(await log.wait(for: 1) == ["add a red"])
        }
        #expect(query(transport.requests[1])["resourceVersion"] == "10")
        #expect(transport.requests.count == 2)
    }

    @Test("a handler that joins late is told what is there, as initial")
    func lateHandler() async throws {
        let transport = ScriptedTransport([
            .stream([JSON.line("ADDED", "a", 1) + JSON.line("ADDED", "b", 2) + JSON.bookmark(3, ends: true)], .silence)
        ])
        let index: InformerStore<String>.Indexer = { _, color in [color] }
        try await withInformer(transport, indexers: ["color": index]) { informer, _ in
            try await informer.waitUntilSynced()
            let late = ChangeLog()
            informer.addHandler { late.append($0) }
            #expect(late.lines == ["add a red initial", "add b red initial"])
            #expect(informer.counts(in: "color") == ["red": 2])
        }
    }

    @Test("while the server is unreachable the informer asks ever more rarely and stays unsynced")
    func unreachable() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, _ in .failure(TransportError(.unreachable, "refused")) }
        try await withInformer(transport, clock: clock) { informer, _ in
            for count in 1...8 {
                await transport.waitForRequests(count)
                clock.advance(to: await clock.nextDeadline(within: .seconds(60)))
            }
            #expect(!informer.hasSynced)
            #expect(informer.status.lastFailure == "refused")
            #expect(clock.elapsed > .seconds(60))
        }
    }
}
