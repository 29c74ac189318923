import FoundationEssentials
import KubernetesAPI
import Testing

@testable import KubernetesRuntime

@Suite("Event backlog")
struct EventBacklogTests {
    private func notice(_ name: String, _ reason: String, _ kind: EventNotice.Kind = .normal) -> EventNotice {
        EventNotice(
            regarding: ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "shop", name: name, uid: name),
            kind: kind,
            reason: reason,
            action: "Check",
            note: "it changed"
        )
    }

    private func reason(_ turn: EventBacklog.Turn?) -> String? {
        guard case .notice(let notice, _) = turn?.item else { return nil }
        return notice.reason
    }

    @Test("what is about one object goes one after the other, in order, and others pass it")
    func order() {
        var backlog = EventBacklog(limit: 10)
        for (name, reason) in [("a", "1"), ("a", "2"), ("b", "3"), ("a", "4")] {
            #expect(backlog.add(notice(name, reason), recordedAt: Date(timeIntervalSince1970: 0)) == 0)
        }
        let first = backlog.take(isHelper: false)
        let second = backlog.take(isHelper: false)
        #expect(reason(first) == "1" && reason(second) == "3")
        let none = backlog.take(isHelper: false)
        #expect(none == nil && backlog.count == 2)
        if let first { backlog.finish(first) }
        let third = backlog.take(isHelper: false)
        #expect(reason(third) == "2")
    }

    @Test("a full one drops the oldest information for a warning, and a warning only for nothing")
    func full() {
        var backlog = EventBacklog(limit: 2)
        let date = Date(timeIntervalSince1970: 0)
        for name in ["a", "b"] { #expect(backlog.add(notice(name, name), recordedAt: date) == 0) }
        #expect(backlog.add(notice("c", "c"), recordedAt: date) == 1)
        for name in ["w", "x"] { #expect(backlog.add(notice(name, name, .warning), recordedAt: date) == 1) }
        #expect(backlog.add(notice("y", "y", .warning), recordedAt: date) == 1)
        let reasons = (0..<3).map { _ in reason(backlog.take(isHelper: false)) }
        #expect(reasons == ["w", "x", nil])
    }

    @Test("helpers take nothing while little waits")
    func helpers() {
        var backlog = EventBacklog(limit: 40)
        let date = Date(timeIntervalSince1970: 0)
        for index in 0..<10 { _ = backlog.add(notice("\(index)", "n"), recordedAt: date) }
        #expect(!backlog.needsHelp && backlog.take(isHelper: true) == nil)
        _ = backlog.add(notice("more", "n"), recordedAt: date)
        #expect(backlog.needsHelp && backlog.take(isHelper: true) != nil)
        for index in 0..<9 { _ = backlog.add(notice("w\(index)", "w", .warning), recordedAt: date) }
        #expect(backlog.needsHelp && reason(backlog.take(isHelper: true)) == "w")
        #expect(backlog.removeAll() == 18 && backlog.count == 0)
    }
}
