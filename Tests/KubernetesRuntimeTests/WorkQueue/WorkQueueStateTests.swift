import KubernetesRuntime
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

    @Test("agrees with a naive model over random operations")
    func model() {
        let seed = testSeed("WorkQueueState model")
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 { runModel(&random, seed: seed) }
    }

    /// The model: for each key the earliest time at which it wants work, and the set of keys in work.
    private func runModel(_ random: inout SplitMix64, seed: UInt64) {
        var queue = WorkQueueState<Int>()
        var wanted: [Int: Duration] = [:]
        var working: Set<Int> = []
        var failures: [Int: Int] = [:]
        var now = Duration.zero
        for _ in 0..<200 {
            now += .milliseconds(Int.random(in: 0...300, using: &random))
            let subject = Int.random(in: 0..<6, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                queue.add(subject, at: now)
                wanted[subject] = min(wanted[subject] ?? now, now)
            case 1, 2:
                let delay = Duration.milliseconds(Int.random(in: -50...2000, using: &random))
                queue.add(subject, after: delay, at: now)
                let ready = now + max(delay, .zero)
                wanted[subject] = min(wanted[subject] ?? ready, ready)
            case 3:
                let delay = queue.addRateLimited(subject, at: now)
                #expect(delay == .milliseconds(5) * (1 << (failures[subject] ?? 0)), "TEST_SEED=\(seed)")
                failures[subject, default: 0] += 1
                wanted[subject] = min(wanted[subject] ?? (now + delay), now + delay)
            case 4:
                queue.forget(subject)
                failures[subject] = nil
            case 5 where !working.isEmpty:
                let finished = working.sorted()[Int.random(in: 0..<working.count, using: &random)]
                let duration = queue.done(finished, at: now)
                #expect(duration != nil, "TEST_SEED=\(seed)")
                working.remove(finished)
            default:
                let ready = Set(wanted.filter { $0.value <= now && !working.contains($0.key) }.keys)
                switch queue.take(at: now) {
                case .key(let key, _):
                    #expect(ready.contains(key), "handed out \(key) too early or twice, TEST_SEED=\(seed)")
                    wanted[key] = nil
                    working.insert(key)
                case .empty(let next):
                    #expect(ready.isEmpty, "held back \(ready), TEST_SEED=\(seed)")
                    #expect(next == wanted.values.filter { $0 > now }.min(), "TEST_SEED=\(seed)")
                case .finished:
                    Issue.record("finished without shut-down, TEST_SEED=\(seed)")
                }
            }
            #expect(queue.processingCount == working.count, "TEST_SEED=\(seed)")
        }
    }
}
