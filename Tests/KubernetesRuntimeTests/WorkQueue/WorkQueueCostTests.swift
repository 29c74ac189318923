import KubernetesRuntime
import Synchronization
import Testing

/// What the queue costs with very many keys, counted in looks at keys rather than in time.
@Suite("Work queue costs", .timeLimit(.minutes(2)))
struct WorkQueueCostTests {
    /// A key that counts how often it is hashed.
    private struct CountedKey: Hashable, Sendable {
        final class Count: Sendable {
            let value = Atomic(0)
        }

        var number: Int
        let count: Count

        func hash(into hasher: inout Hasher) {
            count.value.add(1, ordering: .relaxed)
            hasher.combine(number)
        }

        static func == (left: CountedKey, right: CountedKey) -> Bool { left.number == right.number }
    }

    /// Looks per key when `count` keys are added low, raised or left to age, delayed, worked on, failed and worked on
    /// once more.
    private func looksPerKey(_ count: Int) -> Double {
        let looks = CountedKey.Count()
        var queue = WorkQueueState<CountedKey>(WorkQueueConfiguration { String($0.number % 100) })
        let keys = (0..<count).map { CountedKey(number: $0, count: looks) }
        for key in keys { queue.add(key, priority: .low, at: .zero) }
        for key in keys where key.number % 3 == 0 { queue.add(key, at: .seconds(1)) }
        for key in keys { queue.add(key, priority: .low, at: .seconds(1)) }
        var now = Duration.seconds(29)
        var worked = 0
        while case .key(let key, _) = queue.take(at: now) {
            worked += 1
            now += .milliseconds(1)
            if worked <= count { queue.addRateLimited(key, at: now) } else { queue.forget(key) }
            queue.done(key, at: now)
        }
        now += .seconds(2000)
        while case .key(let key, _) = queue.take(at: now) {
            worked += 1
            queue.forget(key)
            queue.done(key, at: now)
        }
        #expect(worked == 2 * count)
        #expect(queue.depth == 0 && queue.delayedCount == 0)
        return Double(looks.value.load(ordering: .relaxed)) / Double(count)
    }

    @Test("the looks per key do not grow with the number of keys: 100,000 keys are no dearer each than 1,000")
    func doesNotGrow() {
        let few = looksPerKey(1000)
        let many = looksPerKey(100_000)
        print("looks per key: \(few) with 1,000 keys, \(many) with 100,000")
        // Growing tables hash again what they hold, a few times per key whatever their size.
        #expect(many < few * 1.5 + 10)
        #expect(many < 150)
    }

    @Test("memory stays bounded when one key is delayed ever earlier, and when lanes come and go")
    func bounded() {
        let looks = CountedKey.Count()
        var queue = WorkQueueState<CountedKey>(WorkQueueConfiguration { String($0.number) })
        let hot = CountedKey(number: 1, count: looks)
        for step in 0..<20_000 {
            let now = Duration.milliseconds(step)
            queue.add(hot, after: .seconds(40_000 - step), priority: .low, at: now)
            queue.add(CountedKey(number: 2 + step % 5, count: looks), priority: .low, at: now)
            queue.add(CountedKey(number: 2 + step % 5, count: looks), at: now)
            if case .key(let key, _) = queue.take(at: now) { queue.done(key, at: now) }
        }
        // What is left behind by 20,000 moves would be looked at by each of the following.
        let before = looks.value.load(ordering: .relaxed)
        for _ in 0..<10 { _ = queue.take(at: .seconds(20)) }
        #expect(looks.value.load(ordering: .relaxed) - before < 500)
        #expect(queue.delayedCount == 1)
    }
}
