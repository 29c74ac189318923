import KubernetesRuntime
import TestTiming
import Testing

@Suite("Work queue rules")
struct WorkQueueStateTests {
    /// Takes a key, if there is one.
    private func taken<Key>(_ queue: inout WorkQueueState<Key>, at now: Duration) -> Key? {
        if case .key(let key, _) = queue.take(at: now) { return key }
        return nil
    }

    @Test("a key that is added twice is handed out once")
    func deduplicates() {
        var queue = WorkQueueState<String>()
        let isFirstTaken = queue.add("a", at: .zero)
        let isSecondTaken = queue.add("a", at: .seconds(1))
        #expect(isFirstTaken && !isSecondTaken)
        queue.add("b", at: .seconds(1))
        #expect(queue.take(at: .seconds(3)) == .key("a", waited: .seconds(3)))
        #expect(queue.take(at: .seconds(3)) == .key("b", waited: .seconds(2)))
        #expect(queue.take(at: .seconds(3)) == .empty(nextReadyAt: nil))
    }

    @Test("adds during work collapse into one more run, after the work is done")
    func collapses() {
        var queue = WorkQueueState<String>()
        queue.add("a", at: .zero)
        _ = queue.take(at: .zero)
        for second in 1...5 { queue.add("a", at: .seconds(second)) }
        #expect(queue.take(at: .seconds(6)) == .empty(nextReadyAt: nil))
        #expect(queue.done("a", at: .seconds(7)) == .seconds(7))
        #expect(queue.take(at: .seconds(7)) == .key("a", waited: .seconds(6)))
        queue.done("a", at: .seconds(8))
        #expect(queue.take(at: .seconds(8)) == .empty(nextReadyAt: nil))
    }

    @Test("of several delays the earliest counts, and an add without delay replaces them")
    func earliestDelay() {
        var queue = WorkQueueState<String>()
        queue.add("a", after: .seconds(10), at: .zero)
        queue.add("a", after: .seconds(5), at: .zero)
        queue.add("a", after: .seconds(20), at: .zero)
        #expect(queue.take(at: .seconds(4)) == .empty(nextReadyAt: .seconds(5)))
        #expect(taken(&queue, at: .seconds(5)) == "a")
        queue.done("a", at: .seconds(5))
        #expect(queue.take(at: .seconds(30)) == .empty(nextReadyAt: nil))
        queue.add("a", after: .seconds(10), at: .seconds(30))
        queue.add("a", at: .seconds(31))
        #expect(taken(&queue, at: .seconds(31)) == "a")
        queue.done("a", at: .seconds(31))
        #expect(queue.take(at: .seconds(60)) == .empty(nextReadyAt: nil))
    }

    /// A queue of keys `tenant/number` with so many workers.
    private static func shared(workers: Int) -> WorkQueueState<String> {
        WorkQueueState(
            WorkQueueConfiguration(
                fairness: { String($0.prefix { $0 != "/" }) },
                workers: workers
            )
        )
    }

    @Test("one tenant never has all workers, and the next finds one free, whatever their priorities")
    func share() {
        var queue = Self.shared(workers: 16)
        for number in 0..<100 { queue.add("a/\(number)", at: .zero) }
        var held: [String] = []
        while let key = taken(&queue, at: .zero) { held.append(key) }
        #expect(held == (0..<12).map { "a/\($0)" })
        #expect(queue.take(at: .zero) == .empty(nextReadyAt: nil))
        // What is less urgent goes all the same, for another tenant's must not wait.
        queue.add("b/0", priority: .low, at: .zero)
        queue.add("b/1", at: .zero)
        #expect(taken(&queue, at: .zero) == "b/1")
        #expect(taken(&queue, at: .zero) == "b/0")
        #expect(taken(&queue, at: .zero) == nil)
        // The first of a tenant is always taken.
        for tenant in ["c", "d"] {
            queue.add("\(tenant)/0", at: .zero)
            #expect(taken(&queue, at: .zero) == "\(tenant)/0")
        }
        // With a worker that gets free the turn is the next one's.
        for key in held.prefix(4) { queue.done(key, at: .zero) }
        #expect(taken(&queue, at: .zero) == "a/12")
        #expect(taken(&queue, at: .zero) == nil)
        #expect(queue.processingCount == 13 && queue.depth == 87)
    }

    @Test("of two tenants with much to do each gets its share; with one worker they take turns")
    func shares() {
        var queue = Self.shared(workers: 16)
        for number in 0..<100 { for tenant in ["a", "b"] { queue.add("\(tenant)/\(number)", at: .zero) } }
        var held: [String: Int] = [:]
        while let key = taken(&queue, at: .zero) { held[String(key.prefix(1)), default: 0] += 1 }
        #expect(held == ["a": 7, "b": 7])
        var single = Self.shared(workers: 1)
        for number in 0..<3 { for tenant in ["a", "b"] { single.add("\(tenant)/\(number)", at: .zero) } }
        var order: [String] = []
        while let key = taken(&single, at: .zero) {
            order.append(key)
            single.done(key, at: .zero)
        }
        #expect(order == ["a/0", "b/0", "a/1", "b/1", "a/2", "b/2"])
    }

    @Test("retries are delayed by 5 ms doubling to 1000 s, and start over after forget")
    func retryDelays() {
        var queue = WorkQueueState<String>()
        var now = Duration.zero
        var delays: [Duration] = []
        for _ in 0..<20 {
            let delay = queue.addRateLimited("a", at: now)
            delays.append(delay)
            now += delay
            #expect(taken(&queue, at: now) == "a")
            queue.done("a", at: now)
        }
        #expect(delays[0...3] == [.milliseconds(5), .milliseconds(10), .milliseconds(20), .milliseconds(40)])
        #expect(delays[17] == .milliseconds(655_360))
        #expect(delays[18] == .seconds(1000))
        #expect(delays[19] == .seconds(1000))
        #expect(queue.retries(of: "a") == 20)
        queue.forget("a")
        #expect(queue.retries(of: "a") == 0)
        #expect(queue.addRateLimited("a", at: now) == .milliseconds(5))
    }

    @Test("after shut-down nothing is taken in; draining hands out what is ready, and nothing that is delayed")
    func shutDown() {
        var draining = WorkQueueState<String>()
        draining.add("a", at: .zero)
        draining.add("b", at: .zero)
        draining.add("c", after: .seconds(1), at: .zero)
        _ = draining.take(at: .zero)
        draining.add("a", at: .zero)
        draining.shutDown(draining: true)
        let isTaken = draining.add("d", at: .zero)
        #expect(!isTaken)
        #expect(taken(&draining, at: .seconds(5)) == "b")
        #expect(draining.take(at: .seconds(5)) == .empty(nextReadyAt: nil))
        draining.done("a", at: .seconds(6))
        #expect(taken(&draining, at: .seconds(6)) == "a")
        #expect(draining.take(at: .seconds(6)) == .finished)

        var closing = WorkQueueState<String>()
        closing.add("a", at: .zero)
        closing.shutDown(draining: false)
        #expect(closing.take(at: .zero) == .finished)
    }

    @Test("memory stays bounded when one key is delayed ever earlier")
    func boundedDelays() {
        var queue = WorkQueueState<Int>()
        for step in 0..<100_000 { queue.add(1, after: .seconds(200_000 - step), at: .zero) }
        #expect(queue.delayedCount == 1)
        #expect(queue.nextReadyAt == .seconds(100_001))
        queue.add(1, at: .zero)
        #expect(queue.nextReadyAt == nil)
    }

    @Test("the higher priority goes first, and within one the order of adds counts")
    func priorities() {
        var queue = WorkQueueState<String>()
        queue.add("low", priority: .low, at: .zero)
        queue.add("a", at: .zero)
        queue.add("b", at: .zero)
        queue.add("urgent", priority: WorkPriority(rawValue: 10), at: .zero)
        #expect((0..<4).map { _ in taken(&queue, at: .zero) } == ["urgent", "a", "b", "low"])
    }

    @Test("an add merges: the higher priority counts, and a key that was raised goes behind those already there")
    func merges() {
        var queue = WorkQueueState<String>()
        queue.add("raised", priority: .low, at: .zero)
        queue.add("a", at: .zero)
        queue.add("raised", at: .zero)
        queue.add("a", priority: .low, at: .zero)
        queue.add("last", priority: .low, at: .zero)
        #expect(queue.depths == [.low: 1, .normal: 2])
        #expect((0..<3).map { _ in taken(&queue, at: .zero) } == ["a", "raised", "last"])
        // A delayed key keeps the higher priority too, and a ready one takes it from a delayed add.
        queue = WorkQueueState()
        queue.add("delayed", after: .seconds(1), at: .zero)
        queue.add("delayed", after: .seconds(2), priority: .low, at: .zero)
        queue.add("other", priority: .low, at: .zero)
        queue.add("lifted", priority: .low, at: .zero)
        queue.add("lifted", after: .seconds(5), at: .zero)
        #expect(queue.delayedCount == 1)
        #expect((0..<3).map { _ in taken(&queue, at: .seconds(1)) } == ["lifted", "delayed", "other"])
    }

    @Test("a key in work merges what is added to it, and holds up no others")
    func mergesInWork() {
        var queue = WorkQueueState<String>()
        queue.add("a", priority: .low, at: .zero)
        _ = queue.take(at: .zero)
        queue.add("a", priority: .low, at: .zero)
        queue.add("b", priority: .low, at: .zero)
        queue.add("a", at: .zero)
        #expect(queue.depth == 2 && queue.depths[.normal] == 1 && queue.depths[.low] == 1)
        #expect(taken(&queue, at: .zero) == "b")
        queue.add("c", priority: .low, at: .zero)
        queue.done("a", at: .zero)
        #expect((0..<2).map { _ in taken(&queue, at: .zero) } == ["a", "c"])
    }

    @Test("a key comes back with the priority it was handed out with")
    func keepsPriority() {
        var queue = WorkQueueState<String>()
        for (key, priority) in [("failed", WorkPriority.low), ("again", .low), ("normal", .normal)] {
            queue.add(key, priority: priority, at: .zero)
            _ = queue.take(at: .zero)
        }
        queue.addRateLimited("failed", at: .zero)
        queue.requeue("again", after: .milliseconds(4), at: .zero)
        queue.requeue("normal", after: .milliseconds(5), at: .zero)
        for key in ["failed", "again", "normal"] { queue.done(key, at: .zero) }
        let order = (0..<3).map { _ in taken(&queue, at: .seconds(1)) }
        #expect(order == ["normal", "again", "failed"])
    }

    @Test("a key below normal counts as normal after 30 s, and then delays a new key by one turn at most")
    func aging() {
        var queue = WorkQueueState<Int>()
        for key in 0..<1000 { queue.add(key, priority: .low, at: .zero) }
        queue.add(5000, at: .seconds(29))
        #expect(taken(&queue, at: .seconds(29)) == 5000)
        for key in 6000..<6003 { queue.add(key, at: .milliseconds(29_999)) }
        #expect(taken(&queue, at: .milliseconds(29_999)) == 6000)
        let order = (0..<5).map { _ in taken(&queue, at: .seconds(30)) }
        #expect(order == [6001, 0, 6002, 1, 2])
        #expect(queue.depths[.normal] == 997)
        queue.add(7000, at: .seconds(31))
        #expect((0..<2).map { _ in taken(&queue, at: .seconds(31)) }.contains(7000))
    }

    @Test("a busy queue does not starve a low key: it is worked on within the aging time and one round")
    func noStarvation() {
        var queue = WorkQueueState<Int>()
        queue.add(-1, priority: .low, at: .zero)
        var now = Duration.zero
        var next = 0
        for _ in 0..<10 { queue.add(next, at: now); next += 1 }
        while now < .seconds(60) {
            // Ten new keys for each that is worked on: there is always normal work.
            now += .milliseconds(100)
            for _ in 0..<10 { queue.add(next, at: now); next += 1 }
            if taken(&queue, at: now) == -1 { break }
        }
        #expect(now >= .seconds(30) && now <= .milliseconds(30_200))
    }

    @Test("keys above normal that never end let every fourth be a normal one, and low ones age among those")
    func endlessUrgency() {
        var queue = WorkQueueState<Int>()
        queue.add(-1, priority: .low, at: .zero)
        for key in 1...3 { queue.add(key, at: .zero) }
        var order: [Int] = []
        for round in 0..<16 {
            queue.add(100 + round, priority: WorkPriority(rawValue: 10), at: .seconds(60))
            order.append(taken(&queue, at: .seconds(60)) ?? 0)
        }
        #expect(order.enumerated().filter { $0.element < 100 }.map(\.offset) == [3, 7, 11, 15])
        #expect(Set(order.filter { $0 < 100 }) == [1, 2, 3, -1])
    }

    @Test("tenants take turns, however many keys each has; without tenants the order of adds counts")
    func fairness() {
        var fair = WorkQueueState<String>(WorkQueueConfiguration { String($0.prefix(1)) })
        var unfair = WorkQueueState<String>()
        let keys = (0..<1000).map { "a\($0)" } + ["b0", "b1", "c0"]
        for key in keys {
            fair.add(key, at: .zero)
            unfair.add(key, at: .zero)
        }
        let fairOrder = (0..<7).compactMap { _ in taken(&fair, at: .zero) }
        #expect(fairOrder == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"])
        #expect((0..<3).compactMap { _ in taken(&unfair, at: .zero) } == ["a0", "a1", "a2"])
        fair.add("b2", at: .zero)
        #expect((0..<2).compactMap { _ in taken(&fair, at: .zero) } == ["a4", "b2"])
    }

    @Test("scenario 29: a hot key gets one turn a round among 10,000 normal keys")
    func hotKey() {
        var queue = WorkQueueState<Int>()
        for key in 0..<10_000 { queue.add(key, at: .zero) }
        queue.add(-1, at: .zero)
        var hotTurns = 0
        var worked = 0
        while worked < 10_000 {
            guard let key = taken(&queue, at: .zero) else { break }
            // The hot key is added again and again, also while it is being worked on.
            for _ in 0..<3 { queue.add(-1, at: .zero) }
            queue.done(key, at: .zero)
            if key == -1 { hotTurns += 1 } else { worked += 1 }
        }
        #expect(worked == 10_000 && hotTurns <= 1)
        #expect(taken(&queue, at: .zero) == -1)
    }

    @Test("only low keys are put in random order, each still once, and equal seeds give equal orders")
    func shuffles() {
        func order(seed: UInt64) -> [Int] {
            var queue = WorkQueueState<Int>(WorkQueueConfiguration { String($0 % 2) })
            for key in 0..<20 { queue.add(key, priority: .low, at: .zero) }
            for key in 100..<103 { queue.add(key, at: .zero) }
            var generator = SplitMix64(seed: seed)
            queue.shuffleLowPriorities(using: &generator)
            return (0..<23).compactMap { _ in taken(&queue, at: .zero) }
        }
        #expect(order(seed: 7) == order(seed: 7))
        #expect(Array(order(seed: 7)[0..<3]) == [100, 101, 102])
        #expect(Set(order(seed: 7)) == Set(0..<20).union(100..<103))
        #expect(Set((0..<20).map { order(seed: $0)[3] }).count > 3)
    }
}
