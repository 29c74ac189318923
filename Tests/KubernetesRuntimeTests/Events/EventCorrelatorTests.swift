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

    private func created(_ decision: EventCorrelator.Decision) -> Event? {
        guard case .create(let event)? = decision.writes.last else { return nil }
        return event
    }

    private func series(_ writes: [EventCorrelator.Write]) -> [Event] {
        writes.compactMap { write in
            if case .series(let event) = write { event } else { nil }
        }
    }

    @Test("the first notice is created with everything the API demands")
    func creation() throws {
        var correlator = correlator()
        let event = try #require(created(correlator.observe(notice(), at: .zero, wallClock: wallClock)))
        #expect(event.metadata.namespace == "shop")
        #expect(event.metadata.name == "web.\(String(1_700_000_000_000_000_001 as UInt64, radix: 16))")
        #expect(event.reportingController == "example.com/controller" && event.reportingInstance == "pod-1")
        #expect(event.action == "Check" && event.reason == "Changed" && event.type == "Warning")
        #expect(event.eventTime == MicroTime(wallClock) && event.series == nil)
        #expect(event.regarding?.uid == "u-web")
    }

    @Test("a series that has to make room for others is written with what was only counted")
    func evicted() throws {
        var correlator = correlator()
        for _ in 0..<3 { _ = correlator.observe(notice("counted"), at: .zero, wallClock: wallClock) }
        _ = correlator.observe(notice("single"), at: .milliseconds(1), wallClock: wallClock)
        var writes: [EventCorrelator.Write] = []
        for index in 2...4096 {
            writes += correlator.observe(notice("n\(index)"), at: .milliseconds(index), wallClock: wallClock).writes
        }
        let ended = series(writes)
        #expect(ended.map(\.regarding?.name) == ["counted"])
        #expect(ended.first?.series?.count == 3)
        #expect(writes.count == 4096, "each is created, and one ends")
        let again = correlator.observe(notice("counted"), at: .seconds(5), wallClock: wallClock)
        #expect(created(again)?.series == nil)
    }

    @Test("the second equal notice makes a series of two, later ones only count until the refresh or the end")
    func series() throws {
        var correlator = correlator()
        _ = correlator.observe(notice(), at: .zero, wallClock: wallClock)
        let second = correlator.observe(notice(note: "another note"), at: .seconds(1), wallClock: wallClock)
        #expect(series(second.writes).map(\.series?.count) == [2])
        for second in 2...10 {
            let decision = correlator.observe(notice(), at: .seconds(second), wallClock: wallClock)
            #expect(decision.writes.isEmpty && !decision.isDropped)
        }
        #expect(correlator.tick(at: .seconds(360)).isEmpty)
        #expect(series(correlator.tick(at: .seconds(400))).map(\.series?.count) == [11])
        let anew = correlator.observe(notice(), at: .seconds(401), wallClock: wallClock)
        #expect(created(anew) != nil)
    }

    @Test("which versions of the objects were looked at makes no difference, another related object does")
    func correlationKey() {
        var correlator = correlator()
        var related = notice()
        related.related = ObjectReference(
            apiVersion: "v1",
            kind: "Pod",
            namespace: "shop",
            name: "other",
            uid: "o",
            resourceVersion: "1"
        )
        _ = correlator.observe(related, at: .zero, wallClock: wallClock)
        related.related?.resourceVersion = "2"
        related.regarding.resourceVersion = "8"
        let later = correlator.observe(related, at: .zero, wallClock: wallClock)
        #expect(series(later.writes).count == 1)
        related.related?.name = "third"
        #expect(created(correlator.observe(related, at: .zero, wallClock: wallClock)) != nil)
    }

    @Test("a notice that comes after its series' end, but before the tick, ends it and begins anew")
    func lateRepetition() {
        var correlator = correlator()
        for second in 0..<5 { _ = correlator.observe(notice(), at: .seconds(second), wallClock: wallClock) }
        let anew = correlator.observe(notice(), at: .seconds(500), wallClock: wallClock)
        #expect(series(anew.writes).map(\.series?.count) == [5])
        #expect(created(anew) != nil && anew.writes.count == 2)
    }

    @Test("a live series is written every 30 minutes")
    func refresh() {
        var correlator = correlator()
        var writes: [Duration] = []
        for minute in 0...60 {
            let now = Duration.seconds(minute * 60)
            if !correlator.observe(notice(), at: now, wallClock: wallClock).writes.isEmpty { writes.append(now) }
            if minute % 6 == 0, !correlator.tick(at: now).isEmpty { writes.append(now) }
        }
        #expect(writes.count == 3)
    }

    @Test("the end writes what was only counted, and nothing twice")
    func finish() {
        var correlator = correlator()
        for second in 0..<5 { _ = correlator.observe(notice(), at: .seconds(second), wallClock: wallClock) }
        for second in 0..<2 { _ = correlator.observe(notice("two"), at: .seconds(second), wallClock: wallClock) }
        _ = correlator.observe(notice("one"), at: .zero, wallClock: wallClock)
        #expect(series(correlator.finish(at: .seconds(9))).map(\.series?.count) == [5])
        #expect(correlator.finish(at: .seconds(9)).isEmpty)
    }

    @Test("an object gets 25 Events at once and one in five minutes after that; others are not affected")
    func spam() {
        var correlator = correlator()
        var created = 0
        for number in 0..<100 {
            let decision = correlator.observe(notice(reason: "R\(number)"), at: .zero, wallClock: wallClock)
            created += decision.writes.count
            #expect(decision.isDropped == (number >= 25))
        }
        #expect(created == 25)
        #expect(!correlator.observe(notice("other"), at: .zero, wallClock: wallClock).isDropped)
        #expect(correlator.observe(notice(reason: "X"), at: .seconds(290), wallClock: wallClock).isDropped)
        #expect(!correlator.observe(notice(reason: "Y"), at: .seconds(601), wallClock: wallClock).isDropped)
    }

    @Test("texts are cut to what the API takes, in bytes, and cluster-scoped objects report to `default`")
    func limits() throws {
        var correlator = EventCorrelator(
            reportingController: "example.com/controller",
            reportingInstance: String(repeating: "ü", count: 100)
        )
        let long = String(repeating: "é", count: 2000)
        var notice = notice("node", reason: long, note: long, namespace: nil)
        notice.action = String(repeating: "🚀", count: 100)
        let event = try #require(created(correlator.observe(notice, at: .zero, wallClock: wallClock)))
        #expect(event.metadata.namespace == "default")
        #expect((event.note ?? "").utf8.count <= 1024 && event.note?.hasSuffix("…") == true)
        #expect((event.note ?? "").utf8.count > 1000)
        for text in [event.reason, event.action, event.reportingInstance] {
            #expect((text ?? "").utf8.count <= 128 && (text ?? "").utf8.count > 120)
        }
    }

    @Test(
        "an object whose name an Event's cannot begin with gets a random name",
        arguments: [
            "system:node", "Upper", "a..b", "-a", "", String(repeating: "n", count: 250),
            String(repeating: "n", count: 230) + "-", "ümlaut", "a_b",
        ]
    )
    func names(_ name: String) throws {
        var correlator = correlator()
        var names: Set<String> = []
        for reason in ["A", "B"] {
            let notice = notice(name, reason: reason)
            let event = try #require(created(correlator.observe(notice, at: .zero, wallClock: wallClock)))
            names.insert(event.metadata.name)
            #expect(event.metadata.name.wholeMatch(of: /[a-z0-9]([-a-z0-9.]*[a-z0-9])?/) != nil)
            #expect(event.metadata.name.utf8.count <= 253 && !event.metadata.name.contains(".."))
        }
        #expect(names.count == 2)
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
