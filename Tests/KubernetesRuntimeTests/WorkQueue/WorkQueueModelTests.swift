import KubernetesRuntime
import TestTiming
import Testing

/// The queue's rules beside a model that is too simple to be wrong and too slow to be used: arrays, searched from end to
/// end.
@Suite("Work queue model")
struct WorkQueueModelTests {
    @Test("agrees with a naive model over random operations, in which keys it hands out and in which order")
    func model() {
        let seed = testSeed("WorkQueueState model")
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            var pair = Pair(seed: seed)
            for _ in 0..<300 { pair.step(&random) }
        }
    }
}

/// One queue and one model that live through the same.
private struct Pair {
    let seed: UInt64
    var queue = WorkQueueState<Int>(
        WorkQueueConfiguration(agingTime: NaiveQueue.agingTime, fairness: { NaiveQueue.tenant(of: $0) })
    )
    var model = NaiveQueue()
    var now = Duration.zero

    init(seed: UInt64) { self.seed = seed }

    private var hint: Comment { "TEST_SEED=\(seed)" }

    mutating func step(_ random: inout SplitMix64) {
        now += .milliseconds(Int.random(in: 0...150, using: &random))
        let key = Int.random(in: 0..<12, using: &random)
        let priorities = [0, 0, -100, -100, -50, 5]
        let priority = priorities[Int.random(in: 0..<priorities.count, using: &random)]
        let working = model.working.keys.sorted()
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1:
            queue.add(key, priority: WorkPriority(rawValue: priority), at: now)
            model.add(key, priority, after: .zero, at: now)
        case 2:
            let delay = Duration.milliseconds(Int.random(in: -50...2000, using: &random))
            queue.add(key, after: delay, priority: WorkPriority(rawValue: priority), at: now)
            model.add(key, priority, after: delay, at: now)
        case 3:
            let delay = queue.addRateLimited(key, at: now)
            #expect(delay == .milliseconds(5) * (1 << model.failures[key, default: 0]), hint)
            model.failures[key, default: 0] += 1
            model.add(key, model.working[key] ?? 0, after: delay, at: now)
        case 4:
            queue.forget(key)
            model.failures[key] = nil
        case 5, 6:
            guard !working.isEmpty else { return }
            let finished = working[Int.random(in: 0..<working.count, using: &random)]
            #expect(queue.done(finished, at: now) != nil, hint)
            model.done(finished)
        default:
            compareTake()
        }
        compareCounts()
    }

    private mutating func compareTake() {
        let expected = model.take(at: now)
        switch queue.take(at: now) {
        case .key(let key, let waited):
            #expect(key == expected?.key, hint)
            #expect(waited == expected.map { now - $0.since }, hint)
        case .empty(let next):
            #expect(expected == nil, hint)
            #expect(next == model.delayed.map(\.readyAt).min(), hint)
        case .finished:
            Issue.record("finished without shut-down, \(hint)")
        }
    }

    private func compareCounts() {
        #expect(queue.processingCount == model.working.count, hint)
        #expect(queue.delayedCount == model.delayed.count, hint)
        #expect(queue.depth == model.needed.count, hint)
        #expect(queue.totals.adds - queue.totals.gets == queue.depth, hint)
        var depths: [WorkPriority: Int] = [:]
        for need in model.needed { depths[WorkPriority(rawValue: need.level), default: 0] += 1 }
        #expect(queue.depths.filter { $0.value != 0 } == depths, hint)
    }
}

/// The rules, written down as plainly as possible.
private struct NaiveQueue {
    static let agingTime = Duration.seconds(3)
    static func tenant(of key: Int) -> String { String(key % 3) }

    struct Need {
        var key: Int
        var since: Duration
        var priority: Int
        /// The priority that it counts as.
        var level: Int
        /// Its place in the order in which keys became ready.
        var arrival = 0
    }

    struct Delay {
        var key: Int
        var readyAt: Duration
        var order: Int
        var priority: Int
    }

    /// A lane of a level: its tenant, and whether its keys aged.
    struct Lane: Equatable {
        var level: Int
        var tenant: String
        var isAged: Bool
    }

    var needed: [Need] = []
    var delayed: [Delay] = []
    var working: [Int: Int] = [:]
    var failures: [Int: Int] = [:]
    /// The lanes of every level in the order of their turns, with their keys in order.
    private var lanes: [(lane: Lane, keys: [Int])] = []
    private var counter = 0
    /// Keys above normal in a row that went before one of normal priority.
    private var overtakes = 0

    mutating func add(_ key: Int, _ priority: Int, after delay: Duration, at now: Duration) {
        if delay > .zero, !needed.contains(where: { $0.key == key }) {
            counter += 1
            guard let index = delayed.firstIndex(where: { $0.key == key }) else {
                delayed.append(Delay(key: key, readyAt: now + delay, order: counter, priority: priority))
                return
            }
            delayed[index].priority = max(delayed[index].priority, priority)
            if now + delay < delayed[index].readyAt {
                delayed[index].readyAt = now + delay
                delayed[index].order = counter
            }
            return
        }
        let earlier = delayed.first { $0.key == key }?.priority
        delayed.removeAll { $0.key == key }
        need(key, max(priority, earlier ?? priority), since: now)
    }

    private mutating func need(_ key: Int, _ priority: Int, since: Duration) {
        guard let index = needed.firstIndex(where: { $0.key == key }) else {
            needed.append(Need(key: key, since: since, priority: priority, level: priority))
            if working[key] == nil { arrive(key) }
            return
        }
        needed[index].priority = max(needed[index].priority, priority)
        guard priority > needed[index].level else { return }
        if working[key] == nil {
            leave(key)
            enter(key, Lane(level: priority, tenant: Self.tenant(of: key), isAged: false))
        }
        needed[index].level = priority
    }

    mutating func done(_ key: Int) {
        working[key] = nil
        if needed.contains(where: { $0.key == key }) { arrive(key) }
    }

    mutating func take(at now: Duration) -> Need? {
        for delay in delayed.sorted(by: { ($0.readyAt, $0.order) < ($1.readyAt, $1.order) }) where delay.readyAt <= now
        {
            delayed.removeAll { $0.key == delay.key }
            need(delay.key, delay.priority, since: delay.readyAt)
        }
        age(at: now)
        let levels = lanes.map(\.lane.level)
        let isOvertaking = levels.contains(0) && (levels.max() ?? 0) > 0
        let isNormalsTurn = isOvertaking && overtakes == 3
        overtakes = isOvertaking && !isNormalsTurn ? overtakes + 1 : 0
        guard let level = isNormalsTurn ? 0 : levels.max(),
            let index = lanes.firstIndex(where: { $0.lane.level == level })
        else { return nil }
        var turn = lanes.remove(at: index)
        let key = turn.keys.removeFirst()
        if !turn.keys.isEmpty { lanes.append(turn) }
        let need = needed.first { $0.key == key }
        needed.removeAll { $0.key == key }
        working[key] = need?.priority
        return need
    }

    private mutating func age(at now: Duration) {
        let due = needed.filter { $0.level < 0 && working[$0.key] == nil && $0.since + Self.agingTime <= now }
        for need in due.sorted(by: { ($0.since, $0.arrival) < ($1.since, $1.arrival) }) {
            leave(need.key)
            enter(need.key, Lane(level: 0, tenant: Self.tenant(of: need.key), isAged: true))
            for index in needed.indices where needed[index].key == need.key { needed[index].level = 0 }
        }
    }

    private mutating func arrive(_ key: Int) {
        counter += 1
        for index in needed.indices where needed[index].key == key {
            needed[index].arrival = counter
            enter(key, Lane(level: needed[index].level, tenant: Self.tenant(of: key), isAged: false))
        }
    }

    private mutating func enter(_ key: Int, _ lane: Lane) {
        if let index = lanes.firstIndex(where: { $0.lane == lane }) {
            lanes[index].keys.append(key)
        } else {
            lanes.append((lane, [key]))
        }
    }

    private mutating func leave(_ key: Int) {
        for index in lanes.indices { lanes[index].keys.removeAll { $0 == key } }
        lanes.removeAll { $0.keys.isEmpty }
    }
}
