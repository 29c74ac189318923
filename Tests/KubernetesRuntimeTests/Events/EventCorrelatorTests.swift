import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
import Testing

@Suite("Event rules")
struct EventCorrelatorTests {
    private let wallClock = Date(timeIntervalSince1970: 1_700_000_000)

    private func notice(
        _ name: String = "web",
        reason: String = "Changed",
        note: String = "it changed",
        namespace: String? = "shop"
    ) -> EventNotice {
        EventNotice(
            regarding: ObjectReference(
                apiVersion: "v1",
                kind: "Pod",
                namespace: namespace,
                name: name,
                uid: "u-\(name)",
                resourceVersion: "7"
            ),
            kind: .warning,
            reason: reason,
            action: "Check",
            note: note
        )
    }

    private func correlator() -> EventCorrelator {
        EventCorrelator(reportingController: "example.com/controller", reportingInstance: "pod-1")
    }

    @Test("the first notice is created with everything the API demands")
    func creation() throws {
        var correlator = correlator()
        guard case .write(.create(let event)) = correlator.observe(notice(), at: .zero, wallClock: wallClock) else {
            Issue.record("not created")
            return
        }
        #expect(event.metadata.namespace == "shop")
        #expect(event.metadata.name.hasPrefix("web."))
        #expect(event.reportingController == "example.com/controller" && event.reportingInstance == "pod-1")
        #expect(event.action == "Check" && event.reason == "Changed" && event.type == "Warning")
        #expect(event.eventTime == MicroTime(wallClock) && event.series == nil)
    }

    @Test("the second equal notice makes a series of two, later ones only count until the refresh or the end")
    func series() {
        var correlator = correlator()
        _ = correlator.observe(notice(), at: .zero, wallClock: wallClock)
        guard
            case .write(.series(let event)) = correlator.observe(
                notice(note: "another note"),
                at: .seconds(1),
                wallClock: wallClock
            )
        else {
            Issue.record("no series")
            return
        }
        #expect(event.series?.count == 2)
        for second in 2...10 {
            let decision = correlator.observe(notice(), at: .seconds(second), wallClock: wallClock)
            #expect(decision == .counted)
        }
        #expect(correlator.tick(at: .seconds(360)).isEmpty)
        let ended = correlator.tick(at: .seconds(400))
        guard case .series(let last)? = ended.first else {
            Issue.record("the series did not end")
            return
        }
        #expect(ended.count == 1 && last.series?.count == 11)
        guard case .write(.create) = correlator.observe(notice(), at: .seconds(401), wallClock: wallClock) else {
            Issue.record("a notice after the end begins anew")
            return
        }
    }

    @Test("a live series is written every 30 minutes")
    func refresh() {
        var correlator = correlator()
        var writes: [Duration] = []
        for minute in 0...60 {
            let now = Duration.seconds(minute * 60)
            if case .write = correlator.observe(notice(), at: now, wallClock: wallClock) { writes.append(now) }
            if minute % 6 == 0, !correlator.tick(at: now).isEmpty { writes.append(now) }
        }
        #expect(writes.count == 3)
    }

    @Test("an object gets 25 Events at once and one in five minutes after that; others are not affected")
    func spam() {
        var correlator = correlator()
        var created = 0
        for number in 0..<100 {
            if case .write = correlator.observe(notice(reason: "R\(number)"), at: .zero, wallClock: wallClock) {
                created += 1
            }
        }
        #expect(created == 25)
        let other = correlator.observe(notice("other"), at: .zero, wallClock: wallClock)
        #expect(other != .dropped)
        let early = correlator.observe(notice(reason: "X"), at: .seconds(290), wallClock: wallClock)
        #expect(early == .dropped)
        let late = correlator.observe(notice(reason: "Y"), at: .seconds(601), wallClock: wallClock)
        #expect(late != .dropped)
    }

    @Test("texts are cut to what the API takes, and cluster-scoped objects report to `default`")
    func limits() {
        var correlator = correlator()
        let long = String(repeating: "é", count: 2000)
        guard
            case .write(.create(let event)) = correlator.observe(
                notice(String(repeating: "n", count: 300), note: long, namespace: nil),
                at: .zero,
                wallClock: wallClock
            )
        else {
            Issue.record("not created")
            return
        }
        #expect(event.metadata.namespace == "default")
        #expect(event.metadata.name.utf8.count <= 253)
        #expect((event.note ?? "").utf8.count <= 1024 && event.note?.hasSuffix("…") == true)
    }

    @Test("the tables stay bounded")
    func bounded() {
        var correlator = correlator()
        for number in 0..<20_000 {
            _ = correlator.observe(notice("n\(number)"), at: .milliseconds(number), wallClock: wallClock)
        }
        _ = correlator.tick(at: .seconds(100_000))
        #expect(correlator.isEmpty)
    }
}
