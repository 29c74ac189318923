import FoundationEssentials
import Testing

@testable import EmbeddedKubernetes

@Suite("What lives for a time")
struct ExpiryQueueTests {
    private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "n", name: name) }
    private func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: seconds) }

    @Test("goes in the order of its writing, at its deadline")
    func order() {
        var queue = ExpiryQueue()
        queue.renew(key("a"), until: date(10))
        queue.renew(key("b"), until: date(11))
        #expect(queue.due(at: date(9.9)).isEmpty)
        #expect(queue.due(at: date(10)) == [key("a")])
        #expect(queue.due(at: date(10)).isEmpty && queue.count == 1)
        #expect(queue.due(at: date(99)) == [key("b")])
    }

    @Test("gets its whole time again when it is written, and is forgotten when it is gone")
    func renewal() {
        var queue = ExpiryQueue()
        queue.renew(key("a"), until: date(10))
        queue.renew(key("b"), until: date(10))
        queue.renew(key("a"), until: date(15))
        queue.remove(key("b"))
        #expect(queue.due(at: date(12)).isEmpty)
        #expect(queue.due(at: date(15)) == [key("a")])
    }

    @Test("is let go of in large numbers")
    func many() {
        var queue = ExpiryQueue()
        for round in 0..<5 {
            for index in 0..<2000 { queue.renew(key("\(index)"), until: date(Double(round * 10))) }
        }
        #expect(queue.due(at: date(39)).isEmpty)
        #expect(queue.due(at: date(40)).count == 2000 && queue.count == 0)
    }
}
