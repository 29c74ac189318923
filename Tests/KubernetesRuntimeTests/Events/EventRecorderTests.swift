import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import MetricsTestKit
import ServiceLifecycle
import Synchronization
import TestTiming
import Testing

@Suite("Event recorder", .timeLimit(.minutes(5)))
struct EventRecorderTests {
    private let notice = EventNotice(
        regarding: ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web", uid: "u"),
        kind: .normal,
        reason: "Changed",
        action: "Check",
        note: "it changed"
    )

    private static let event = #"{"metadata":{"name":"web.1","namespace":"shop"}}"#

    private func recorder(
        _ transport: ScriptedTransport,
        _ clock: ManualClock,
        _ metrics: TestMetrics,
        wallClock: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1_700_000_000) }
    ) -> EventRecorder {
        EventRecorder(
            client: APIClient(transport: transport, userAgent: "test/1", clock: clock),
            reportingController: "example.com/controller",
            reportingInstance: "pod-1",
            clock: clock,
            wallClock: wallClock,
            seed: 1,
            metricsFactory: metrics
        )
    }

    private func withRecorder(
        _ transport: ScriptedTransport,
        _ clock: ManualClock,
        _ metrics: TestMetrics = TestMetrics(),
        _ body: (EventRecorder) async throws -> Void
    ) async throws {
        let recorder = recorder(transport, clock, metrics)
        try await running(recorder) { try await body(recorder) }
    }

    private func running(_ recorder: EventRecorder, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await recorder.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test("a notice is created as an Event, its repetition patched as a series of two")
    func series() async throws {
        let transport = ScriptedTransport { _, _ in .json(201, Self.event) }
        try await withRecorder(transport, ManualClock()) { recorder in
            for _ in 0..<5 { recorder.record(notice) }
            await transport.waitForRequests(2)
        }
        let (create, patch) = (transport.requests[0], transport.requests[1])
        #expect(create.method == .post && create.path == "/apis/events.k8s.io/v1/namespaces/shop/events")
        #expect(patch.method == .patch && patch.headers["content-type"] == "application/merge-patch+json")
        #expect(patch.path.hasPrefix("/apis/events.k8s.io/v1/namespaces/shop/events/web."))
        let body = String(decoding: patch.body ?? [], as: UTF8.self)
        #expect(body == #"{"series":{"count":2,"lastObservedTime":"2023-11-14T22:13:20.000000Z"}}"#)
        #expect(transport.requests.count == 2)
    }

    @Test("a series whose Event is gone is created anew")
    func goneSeries() async throws {
        let transport = ScriptedTransport([
            .json(201, Self.event), .json(404, WidgetJSON.status(404, "NotFound")), .json(201, Self.event),
        ])
        try await withRecorder(transport, ManualClock()) { recorder in
            recorder.record(notice)
            recorder.record(notice)
            await transport.waitForRequests(3)
        }
        #expect(transport.requests.map(\.method) == [.post, .patch, .post])
        #expect(String(decoding: transport.requests[2].body ?? [], as: UTF8.self).contains(#""count":2"#))
    }

    @Test("while the server is unreachable an Event is tried every 7.5 to 12.5 s; a refused one is dropped")
    func retries() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .failure(TransportError(.unreachable, "refused")), .failure(TransportError(.timedOut, "slow")),
            .json(403, WidgetJSON.status(403, "Forbidden")), .json(201, Self.event),
        ])
        try await withRecorder(transport, clock) { recorder in
            recorder.record(notice)
            for count in 1...2 {
                await transport.waitForRequests(count)
                let start = clock.elapsed
                let deadline = await clock.nextDeadline(within: .seconds(13))
                #expect(deadline - start >= .milliseconds(7500) && deadline - start <= .milliseconds(12_500))
                clock.advance(to: deadline)
            }
            await transport.waitForRequests(3)
            var other = notice
            other.reason = "Other"
            recorder.record(other)
            await transport.waitForRequests(4)
        }
    }

    @Test("what is refused is dropped: an Event that is there already, a namespace that is going")
    func refusals() async throws {
        let terminating = #"""
            {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"is being terminated",
            "details":{"causes":[{"reason":"NamespaceTerminating","message":"shop is being terminated"}]}}
            """#
        let transport = ScriptedTransport([
            .json(409, WidgetJSON.status(409, "AlreadyExists")), .json(403, terminating), .json(201, Self.event),
        ])
        let metrics = TestMetrics()
        try await withRecorder(transport, ManualClock(), metrics) { recorder in
            for reason in ["A", "B", "C"] {
                var other = notice
                other.reason = reason
                recorder.record(other)
            }
            await transport.waitForRequests(3)
        }
        #expect(transport.requests.map(\.method) == [.post, .post, .post])
        #expect(try metrics.expectCounter("events_dropped_total").totalValue == 1)
    }

    @Test("an Event that never arrives is tried twelve times, and the next one comes after it")
    func gaveUp() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, index in
            index < 12 ? .failure(TransportError(.unreachable, "refused")) : .json(201, Self.event)
        }
        let metrics = TestMetrics()
        try await withRecorder(transport, clock, metrics) { recorder in
            recorder.record(notice)
            var other = notice
            other.reason = "Other"
            recorder.record(other)
            for count in 1...11 {
                await transport.waitForRequests(count)
                clock.advance(to: await clock.nextDeadline(within: .seconds(13)))
            }
            await transport.waitForRequests(13)
        }
        #expect(try metrics.expectCounter("events_dropped_total").totalValue == 1)
        #expect(clock.elapsed > .seconds(82) && clock.elapsed < .seconds(138))
    }

    @Test("an Event that waited behind another is dated when it was recorded")
    func dates() async throws {
        let recorded = Date(timeIntervalSince1970: 1_700_000_000)
        let present = Mutex(recorded)
        let transport = ScriptedTransport { _, _ in .json(201, Self.event) }
        let recorder = recorder(transport, ManualClock(), TestMetrics(), wallClock: { present.withLock { $0 } })
        recorder.record(notice)
        var other = notice
        other.reason = "Other"
        present.withLock { $0 += 5 }
        recorder.record(other)
        present.withLock { $0 += 60 }
        try await running(recorder) { await transport.waitForRequests(2) }
        let times = try transport.requests.map { request in
            try JSONDecoder().decode(Event.self, from: Data(request.body ?? [])).eventTime?.description
        }
        #expect(times == ["2023-11-14T22:13:20.000000Z", "2023-11-14T22:13:25.000000Z"])
    }

    @Test("recording never waits: what does not fit the queue of 4096 is dropped and counted")
    func full() async throws {
        let transport = ScriptedTransport { _, _ in .stream([], .silence) }
        let metrics = TestMetrics()
        let recorder = EventRecorder(
            client: APIClient(transport: transport, userAgent: "test/1"),
            reportingController: "example.com/controller",
            reportingInstance: "pod-1",
            metricsFactory: metrics
        )
        for _ in 0..<5000 { recorder.record(notice) }
        #expect(try metrics.expectCounter("events_dropped_total").totalValue == 904)
    }

    private func about(_ name: String, _ kind: EventNotice.Kind = .normal) -> EventNotice {
        var other = notice
        other.regarding.name = name
        other.regarding.uid = name
        other.kind = kind
        return other
    }

    @Test("a warning takes the place of information that waits, and goes before it")
    func warningsFirst() async throws {
        let metrics = TestMetrics()
        let transport = ScriptedTransport { _, _ in .json(201, Self.event) }
        let recorder = recorder(transport, ManualClock(), metrics)
        for index in 0..<4096 { recorder.record(about("pod-\(index)")) }
        recorder.record(about("late"))
        recorder.record(about("bad", .warning))
        #expect(try metrics.expectCounter("events_dropped_total").totalValue == 2)
        try await running(recorder) { await transport.waitForRequests(4096) }
        let bodies = transport.requests.map { String(decoding: $0.body ?? [], as: UTF8.self) }
        #expect(bodies.prefix(8).contains { $0.contains(#""name":"bad""#) })
        #expect(!bodies.contains { $0.contains(#""name":"pod-0""#) || $0.contains(#""name":"late""#) })
    }

    @Test("when much waits four Events are under way, of as many objects; otherwise one is")
    func writers() async throws {
        for (count, objects, expected) in [(20, 20, 1), (2000, 2000, 4), (2000, 2, 2)] {
            // No request is answered.
            let transport = ScriptedTransport([])
            let recorder = recorder(transport, ManualClock(), TestMetrics())
            for index in 0..<count { recorder.record(about("pod-\(index % objects)")) }
            try await running(recorder) {
                await transport.waitForRequests(expected)
                for _ in 0..<100 { await Task.yield() }
            }
            #expect(transport.requests.count == expected)
        }
    }

    @Test("a graceful end writes what is queued, and the counts of series")
    func flush() async throws {
        let transport = ScriptedTransport { _, _ in .json(201, Self.event) }
        let recorder = recorder(transport, ManualClock(), TestMetrics())
        for _ in 0..<5 { recorder.record(notice) }
        var other = notice
        other.reason = "Other"
        recorder.record(other)
        let group = ServiceGroup(services: [recorder], logger: Logger(label: "test"))
        await group.triggerGracefulShutdown()
        try await group.run()
        #expect(transport.requests.map(\.method) == [.post, .patch, .post, .patch])
        let last = String(decoding: transport.requests.last?.body ?? [], as: UTF8.self)
        #expect(last.contains(#""count":5"#))
        recorder.record(notice)
        #expect(transport.requests.count == 4)
    }

    @Test("a graceful end begins nothing after three seconds, and gives a request under way two more")
    func boundedFlush() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, _ in .stream([], .silence) }
        let metrics = TestMetrics()
        let recorder = recorder(transport, clock, metrics)
        for reason in ["A", "B", "C"] {
            var other = notice
            other.reason = reason
            recorder.record(other)
        }
        let group = ServiceGroup(services: [recorder], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await transport.waitForRequests(1)
            await group.triggerGracefulShutdown()
            clock.advance(to: await clock.nextDeadline(within: .seconds(3)))
            clock.advance(to: await clock.nextDeadline(within: .seconds(2)))
            try await tasks.waitForAll()
        }
        #expect(clock.elapsed == .seconds(5))
        #expect(transport.requests.count == 1)
        #expect(try metrics.expectCounter("events_dropped_total").totalValue == 3)
    }
}
