import Testing

@testable import KubernetesRuntime

@Suite("The watch of one object")
struct NamedObjectWatchTests {
    @Test("A version is news when it is another than the last, and once when the object came back")
    func news() {
        var watch = NamedObjectWatch(seed: 1)
        var news = ["5", "5", "6"].map { watch.isNews(version: $0) }
        #expect(news == [true, false, true])
        watch.didDelete()
        news = ["6", "6"].map { watch.isNews(version: $0) }
        #expect(news == [true, false])
    }

    @Test("A stream that lasted is followed by the next at once, others by growing pauses, a refusal by a long one")
    func pauses() {
        var watch = NamedObjectWatch(seed: 1)
        watch.didOpen(at: .seconds(1))
        let lasting = watch.didEnd(.closed, at: .seconds(301))
        #expect(lasting == .zero)
        watch.didOpen(at: .seconds(301))
        let hasty = watch.didEnd(.closed, at: .seconds(302))
        #expect(hasty >= .milliseconds(800) && hasty < .milliseconds(1600))
        var last = hasty
        for second in 303..<306 {
            let pause = watch.didEnd(.failed, at: .seconds(second))
            #expect(pause > last / 2)
            last = pause
        }
        #expect(last >= .seconds(6))
        let refusal = watch.didEnd(.refused, at: .seconds(400))
        #expect(refusal == .seconds(300))
        watch.didOpen(at: .seconds(700))
        let again = watch.didEnd(.closed, at: .seconds(999))
        #expect(again == .zero)
        let first = watch.didEnd(.failed, at: .seconds(1000))
        #expect(first < .milliseconds(1600))
    }
}
