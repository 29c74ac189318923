import TestTiming
import Testing

@testable import KubernetesRuntime

/// The watch of one object from stream to stream, against an object that changes while it is watched and between.
@Suite("The watch of one object, random walk")
struct NamedObjectWatchWalkTests {
    @Test("who looks at each news has seen what is there, nobody is told twice of one state, and streams never run hot")
    func walk() {
        let seed = testSeed("NamedObjectWatch random walk")
        var random = SplitMix64(seed: seed)
        var (news, repeated) = (0, 0)
        var pauses: [WatchWalk.Pause: Int] = [:]
        for round in 0..<300 {
            var walk = WatchWalk(seed: random.next())
            for _ in 0..<200 { walk.stream(&random) }
            #expect(walk.problems.isEmpty, "round \(round), TEST_SEED=\(seed) \(walk.problems.prefix(3))")
            news += walk.news
            repeated += walk.repeated
            pauses.merge(walk.pauses, uniquingKeysWith: +)
        }
        // Otherwise nothing of what is to be tested happened.
        #expect(news > 10_000 && repeated > 10_000, "the walk shows nothing: \(news), \(repeated), TEST_SEED=\(seed)")
        #expect(pauses.count == 4 && pauses.values.allSatisfy { $0 > 500 }, "\(pauses), TEST_SEED=\(seed)")
    }
}

/// One walk.
private struct WatchWalk {
    /// What came after a stream.
    enum Pause: Hashable { case none, first, longer, refused }

    private(set) var problems: [String] = []
    private(set) var news = 0
    /// How often a state came that was known.
    private(set) var repeated = 0
    private(set) var pauses: [Pause: Int] = [:]

    private var watch: NamedObjectWatch
    /// The object's version; `nil` while there is none.
    private var version: Int?
    private var latest = 0
    /// What the streams said last: a version, or that it is gone; `nil` before the first word.
    private var said: String?
    /// What somebody knows who looks at each news, and at nothing else.
    private var looked: Int?
    private var now = Duration.zero
    /// How many pauses there were since a stream that lasted, or since a quiet time.
    private var failures = 0
    private var lastFailure: Duration?

    init(seed: UInt64) { watch = NamedObjectWatch(seed: seed) }

    /// One stream, what happens before it, and the pause after it.
    mutating func stream(_ random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 0...2, using: &random) { change(&random) }
        var opened: Duration?
        if Int.random(in: 0..<4, using: &random) > 0 {
            opened = now
            watch.didOpen(at: now)
            follow(&random)
        } else {
            now += .milliseconds(Int.random(in: 0...3000, using: &random))
        }
        let ends: [NamedObjectWatch.End] = [.closed, .closed, .closed, .failed, .failed, .failed, .refused]
        let end = ends[Int.random(in: ends.indices, using: &random)]
        let hasLasted = opened.map { now - $0 >= NamedObjectWatch.shortest } ?? false
        let pause = watch.didEnd(end, at: now)
        expect(pause, after: end, hasLasted: hasLasted)
        now += pause
    }

    // MARK: - The object

    private mutating func change(_ random: inout SplitMix64) {
        if version != nil, Int.random(in: 0..<3, using: &random) == 0 {
            version = nil
        } else {
            // A server that was restored shows an object that was deleted as it was.
            let isRestored = version == nil && latest > 0 && Int.random(in: 0..<4, using: &random) == 0
            if !isRestored { latest += 1 }
            version = latest
        }
    }

    /// What is there, and then what happens, some of it told twice.
    private mutating func follow(_ random: inout SplitMix64) {
        if let version { show(version) }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            now += .milliseconds(Int.random(in: 0...4000, using: &random))
            let wasThere = version != nil
            change(&random)
            if let version {
                show(version)
                if Bool.random(using: &random) { show(version) }
            } else if wasThere {
                watch.didDelete()
                said = "gone"
                looked = nil
            }
        }
    }

    private mutating func show(_ version: Int) {
        let isNews = watch.isNews(version: String(version))
        if isNews != (said != String(version)) { problems.append("\(version) after \(said ?? "nothing"): \(isNews)") }
        said = String(version)
        if isNews {
            news += 1
            looked = version
        } else {
            repeated += 1
        }
        if looked != version { problems.append("\(version) is there, and what is known is \(looked ?? 0)") }
    }

    // MARK: - The pauses

    private mutating func expect(_ pause: Duration, after end: NamedObjectWatch.End, hasLasted: Bool) {
        switch end {
        case .refused:
            pauses[.refused, default: 0] += 1
            if pause != NamedObjectWatch.refusedPause { problems.append("\(pause) after a refusal") }
        case .closed where hasLasted:
            pauses[.none, default: 0] += 1
            (failures, lastFailure) = (0, nil)
            if pause != .zero { problems.append("\(pause) after a stream that lasted") }
        case .closed, .failed:
            if let lastFailure, now - lastFailure > .seconds(120) { failures = 0 }
            let least = min(Duration.milliseconds(800) * (1 << min(failures, 10)), Duration.seconds(30))
            if pause < least || pause >= least * 2 { problems.append("\(pause) after \(failures) failures") }
            pauses[failures == 0 ? .first : .longer, default: 0] += 1
            failures += 1
            lastFailure = now
        }
    }
}
