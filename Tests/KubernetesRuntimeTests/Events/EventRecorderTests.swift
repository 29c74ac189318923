import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Testing

@Suite("Event recorder", .timeLimit(.minutes(1)))
struct EventRecorderTests {
    private let notice = EventNotice(
        regarding: ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web", uid: "u"),
        kind: .normal,
        reason: "Changed",
        action: "Check",
        note: "it changed"
    )

    private static let event = #"{"metadata":{"name":"web.1","namespace":"shop"}}"#

    private func withRecorder(
        _ transport: ScriptedTransport,
        _ clock: ManualClock,
        _ body: (EventRecorder) async throws -> Void
    ) async throws {
        let recorder = EventRecorder(
            client: APIClient(transport: transport, userAgent: "test/1"),
            reportingController: "example.com/controller",
            reportingInstance: "pod-1",
            clock: clock,
            wallClock: { Date(timeIntervalSince1970: 1_700_000_000) },
            seed: 1
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await recorder.run() }
            try await body(recorder)
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

    @Test("recording never waits: what does not fit the queue is dropped")
    func full() async throws {
        let transport = ScriptedTransport { _, _ in .stream([], .silence) }
        let recorder = EventRecorder(
            client: APIClient(transport: transport, userAgent: "test/1"),
            reportingController: "example.com/controller",
            reportingInstance: "pod-1"
        )
        for _ in 0..<5000 { recorder.record(notice) }
    }
}
