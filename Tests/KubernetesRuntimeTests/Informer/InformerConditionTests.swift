import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import MetricsTestKit
import TestTiming
import Testing

/// What operators of an informer see of it: warnings, metrics, readiness.
@Suite("Informer: what it says of itself", .timeLimit(.minutes(5)))
struct InformerConditionTests {
    private typealias JSON = WidgetJSON

    private struct Scene: Sendable {
        let clock = ManualClock()
        let ledger = LogLedger()
        let metrics = TestMetrics()
        let informer: Informer<Widget, String>
        let transport: ScriptedTransport

        init(_ transport: ScriptedTransport) {
            self.transport = transport
            informer = Informer<Widget, String>(
                client: APIClient(transport: transport, userAgent: "test/1"),
                clock: clock,
                seed: 1,
                logger: ledger.logger(),
                metricsFactory: metrics,
                reading: ObjectReader(Widget.self) { $0.spec.color }
            )
        }

        /// Runs the informer, and `body` beside it, in virtual time.
        func run(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
            try await VirtualTime(clock: clock, limit: .seconds(3600)).run {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await informer.run() }
                    try await body(self)
                    group.cancelAll()
                }
            }
        }

        /// Lets time pass up to a moment after the beginning.
        func pass(until end: Duration) async throws {
            try await clock.sleep(for: end - clock.elapsed)
        }

        func counter(_ label: String, cause: String? = nil) -> Int64? {
            let dimensions = [("name", informer.name)] + (cause.map { [("cause", $0)] } ?? [])
            return (try? metrics.expectCounter(label, dimensions))?.totalValue
        }

        func gauge(_ label: String) -> Double? {
            (try? metrics.expectGauge(label, [("name", informer.name)]))?.lastValue
        }
    }

    @Test("a watch-list whose initial events have no end is reported every ten seconds, one that is complete never")
    func missingEnd() async throws {
        let live = LiveBody()
        live.send(JSON.line("ADDED", "a", 5))
        try await Scene(ScriptedTransport([.live(live)])).run { scene in
            try await scene.pass(until: .seconds(35))
            let warnings = scene.ledger.lines.filter { $0.level == .warning }
            #expect(warnings.map { $0.metadata["waited"] } == ["10.0 seconds", "20.0 seconds", "30.0 seconds"])
            #expect(warnings.allSatisfy { $0.metadata["objects"] == "1" })
            live.send(JSON.bookmark(7, ends: true))
            try await scene.informer.waitUntilSynced()
            try await scene.pass(until: .seconds(85))
            #expect(scene.ledger.lines.count { $0.level == .warning } == 3)
        }
    }

    @Test("a version that the server does not have yet is given up at once for the most recent one")
    func versionTooLarge() async throws {
        let tooLarge = """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: Too large resource \
            version: 10, current: 7","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge",\
            "message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}
            """
        let transport = ScriptedTransport([
            .stream([JSON.line("ADDED", "a", 1) + JSON.bookmark(10, ends: true), JSON.error(410, "Expired")], .eof),
            .json(504, tooLarge),
            .stream([JSON.line("ADDED", "a", 1) + JSON.bookmark(7, ends: true)], .silence),
        ])
        try await Scene(transport).run { scene in
            // The backoff after 410, and no further wait: the other server is asked for what it has.
            try await scene.pass(until: .seconds(2))
            #expect(transport.requests.count == 3)
            #expect(scene.counter("informer_failures_total", cause: "version_too_large") == 1)
            #expect(scene.counter("informer_failures_total", cause: "expired") == 1)
        }
        let versions = transport.requests.map { request in
            request.query.first { $0.name == "resourceVersion" }?.value ?? ""
        }
        #expect(versions == ["", "10", ""])
    }

    @Test("metrics: what was asked, what is held, how far it is, what went wrong, and all of it from the start")
    func metricValues() async throws {
        let live = LiveBody()
        let scene = Scene(
            ScriptedTransport([
                .json(422, JSON.status(422, "Invalid")),
                .json(200, JSON.list(10, [JSON.object("a", 1), JSON.object("b", 2)])), .live(live),
            ])
        )
        for label in ["reflector_lists_total", "reflector_watches_total", "informer_unreadable_objects_total"] {
            #expect(scene.counter(label) == 0)
        }
        #expect(scene.counter("informer_failures_total", cause: "forbidden") == 0)
        let log = ChangeLog()
        scene.informer.addHandler { log.append($0) }
        try await scene.run { scene in
            _ = await log.wait(for: 2)
            live.send(JSON.line("DELETED", "a", 11))
            live.send(JSON.line("MODIFIED", "b", 12).replacing("\"color\":\"red\"", with: "\"color\":7"))
            live.send(JSON.line("ADDED", "c", 13) + JSON.bookmark(20))
            live.send(JSON.line("DELETED", "c", 21))
            _ = await log.wait(for: 5)
            #expect(scene.counter("reflector_lists_total") == 1)
            #expect(scene.counter("reflector_watches_total") == 2)
            #expect(scene.counter("informer_unreadable_objects_total") == 1)
            #expect(scene.counter("informer_failures_total", cause: "rejected") == 1)
        }
        #expect(scene.gauge("informer_objects") == 1)
        #expect(scene.gauge("reflector_last_resource_version") == 21)
        #expect(scene.gauge("informer_last_event_timestamp_seconds") ?? 0 > 1_700_000_000)
    }

    @Test("a copy without a word from the server for five minutes is stale, and current with the next one")
    func staleness() async throws {
        let refusal = ScriptedTransport.Answer.json(403, JSON.status(403, "Forbidden"))
        let isPermitted = Latch()
        let transport = ScriptedTransport { request, index in
            if index == 0 { return .stream([JSON.line("ADDED", "a", 1) + JSON.bookmark(10, ends: true)], .eof) }
            if isPermitted.isOpen, !request.query.contains(where: { $0.name == "watch" }) {
                return .json(200, JSON.list(20, [JSON.object("a", 1)]))
            }
            guard isPermitted.isOpen else { return refusal }
            return .stream([JSON.line("ADDED", "a", 1) + JSON.bookmark(20, ends: true)], .silence)
        }
        let scene = Scene(transport)
        #expect(scene.informer.staleness == "no complete list yet of widgets.example.com")
        try await scene.run { scene in
            try await scene.informer.waitUntilSynced()
            #expect(scene.informer.staleness == nil)
            try await scene.pass(until: .seconds(299))
            #expect(scene.informer.staleness == nil)
            try await scene.pass(until: .seconds(301))
            #expect(scene.informer.staleness == "nothing heard of widgets.example.com for 301 s")
            #expect(scene.counter("informer_failures_total", cause: "forbidden") ?? 0 >= 5)
            isPermitted.open()
            try await scene.pass(until: .seconds(370))
            #expect(scene.informer.staleness == nil)
        }
    }

    @Test("a proxy that answers every watch with a page of its own does not count as a word from the server")
    func proxyPages() async throws {
        let transport = ScriptedTransport { _, index in
            index == 0
                ? .stream([JSON.line("ADDED", "a", 1) + JSON.bookmark(10, ends: true)], .eof)
                : .stream(["<html>Bad Gateway</html>\n"], .eof)
        }
        try await Scene(transport).run { scene in
            try await scene.informer.waitUntilSynced()
            try await scene.pass(until: .seconds(310))
            #expect(!scene.informer.status.isCurrent() && scene.informer.hasSynced)
        }
    }

    @Test("a server that sends no bookmarks, and has nothing to tell, counts as heard whenever a watch lasted")
    func quietServer() async throws {
        let transport = ScriptedTransport { _, index in
            index == 0 ? .stream([JSON.bookmark(10, ends: true)], .silence) : .stream([], .silence)
        }
        try await Scene(transport).run { scene in
            try await scene.informer.waitUntilSynced()
            try await scene.pass(until: .seconds(900))
            #expect(scene.informer.staleness == nil && scene.informer.status.synchronisations == 1)
        }
    }

    @Test("a server that falls silent although it sends bookmarks is asked for a list, and stale when that fails")
    func heldBack() async throws {
        let isRestored = Latch()
        let transport = ScriptedTransport { request, index in
            let isWatch = request.query.contains { $0.name == "watch" }
            if index == 0 { return .stream([JSON.line("ADDED", "a", 9) + JSON.bookmark(10, ends: true)], .eof) }
            if index == 1 { return .stream([JSON.bookmark(1000)], .silence) }
            if isWatch { return .stream([], .silence) }
            guard isRestored.isOpen else { return .json(500, JSON.status(500, "InternalError")) }
            return .json(200, JSON.list(500, [JSON.object("b", 499)]))
        }
        try await Scene(transport).run { scene in
            try await scene.informer.waitUntilSynced()
            try await scene.pass(until: .seconds(265))
            #expect(scene.informer.staleness == nil && scene.informer.status.lists == 0)
            try await scene.pass(until: .seconds(305))
            #expect(scene.informer.staleness != nil && scene.informer.status.lists > 0)
            isRestored.open()
            try await scene.pass(until: .seconds(500))
            #expect(scene.informer.staleness == nil && scene.informer.status.resourceVersion == "500")
            #expect(scene.informer.objects.map(\.key.name) == ["b"])
        }
        let last = try #require(transport.requests.last)
        #expect(last.query.contains { $0.name == "resourceVersion" && $0.value == "500" })
    }

    @Test("a server that gives the same continue token for ever is asked again after a pause, as after any failure")
    func repeatedToken() async throws {
        let transport = ScriptedTransport { request, _ in
            request.query.contains { $0.name == "watch" }
                ? .json(422, JSON.status(422, "Invalid"))
                : .json(200, JSON.list(10, [JSON.object("a", 1)], next: "one"))
        }
        try await Scene(transport).run { scene in
            try await scene.pass(until: .seconds(300))
            #expect(!scene.informer.hasSynced && transport.requests.count < 60)
            #expect(scene.informer.status.lastFailure?.contains("same continue token") == true)
        }
    }

    @Test("a server that ignores the wish for initial events and sends bookmarks is asked for a list after 90 s")
    func endlessBookmarks() async throws {
        let live = LiveBody()
        let transport = ScriptedTransport { _, index in
            switch index {
            case 0: .live(live)
            case 1: .json(200, JSON.list(30, [JSON.object("a", 5)]))
            default: .stream([], .silence)
            }
        }
        try await Scene(transport).run { scene in
            live.send(JSON.line("ADDED", "a", 5))
            for minute in 1...5 {
                try await scene.pass(until: .seconds(minute * 60 - 1))
                live.send(JSON.bookmark(5 + minute))
                if minute > 1 { #expect(scene.informer.hasSynced) }
            }
            #expect(scene.informer.status.lists == 1)
        }
    }
}
