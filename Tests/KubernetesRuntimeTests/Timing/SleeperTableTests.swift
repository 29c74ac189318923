import TestTiming
import Testing

@testable import KubernetesRuntime

@Suite("Sleepers")
struct SleeperTableTests {
    /// Adds a sleeper named by its number.
    private func sleep(_ table: inout SleeperTable<UInt64>, _ seconds: Int) -> (id: UInt64, call: Duration?) {
        let id = table.makeID()
        return (id, table.insert(id, id: id, until: .seconds(seconds)))
    }

    @Test("somebody is called for whoever is first, and not again for those who come later")
    func calls() {
        var table = SleeperTable<UInt64>()
        #expect(sleep(&table, 30).call == .seconds(30))
        #expect(sleep(&table, 40).call == nil)
        #expect(sleep(&table, 30).call == nil)
        #expect(sleep(&table, 10).call == .seconds(10))
        #expect(table.look(at: .seconds(10)).due == [4])
        // The call for 30 s is still to come.
        #expect(table.look(at: .seconds(20)) == (due: [], next: nil))
        #expect(table.look(at: .seconds(30)) == (due: [1, 3], next: .seconds(40)))
        #expect(table.look(at: .seconds(40)) == (due: [2], next: nil))
        #expect(table.count == 0 && table.entryCount == 0)
    }

    @Test("nobody is called for those who left")
    func departures() {
        var table = SleeperTable<UInt64>()
        let first = sleep(&table, 30)
        let second = sleep(&table, 60)
        #expect(table.remove(first.id) == first.id && table.remove(first.id) == nil)
        #expect(table.look(at: .seconds(30)) == (due: [], next: .seconds(60)))
        #expect(table.remove(second.id) == second.id)
        #expect(table.look(at: .seconds(60)) == (due: [], next: nil))
    }

    @Test("time limits that are left early cost one call in their whole length, and little memory")
    func limits() {
        var table = SleeperTable<UInt64>()
        var calls = 0
        for second in 0..<3000 {
            for _ in 0..<100 {
                let sleeper = sleep(&table, second + 30)
                if sleeper.call != nil { calls += 1 }
                #expect(table.remove(sleeper.id) != nil)
            }
            if table.look(at: .seconds(second)).next != nil { calls += 1 }
            #expect(table.entryCount <= 64)
        }
        #expect(calls <= 3000 / 30 + 1)
    }

    @Test("every sleeper is woken once, in order and on time, whatever comes and goes", .timeLimit(.minutes(5)))
    func random() {
        let seed = testSeed("Sleepers")
        var random = SplitMix64(seed: seed)
        var table = SleeperTable<UInt64>()
        var model: [UInt64: Duration] = [:]
        var calls: Set<Duration> = []
        for second in 0..<2000 {
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                let deadline = second + Int.random(in: 1..<60, using: &random)
                let sleeper = sleep(&table, deadline)
                model[sleeper.id] = .seconds(deadline)
                if let call = sleeper.call { calls.insert(call) }
            }
            for id in model.keys.sorted() where Int.random(in: 0..<50, using: &random) == 0 {
                model[id] = nil
                #expect(table.remove(id) == id, "TEST_SEED=\(seed)")
            }
            let now = Duration.seconds(second)
            let expected = model.filter { $0.value <= now }.keys.sorted()
            // Nobody looks unless called.
            guard calls.remove(now) != nil else {
                #expect(expected.isEmpty, "TEST_SEED=\(seed)")
                continue
            }
            let (due, next) = table.look(at: now)
            #expect(due.sorted() == expected, "TEST_SEED=\(seed)")
            for id in due { model[id] = nil }
            if let next { calls.insert(next) }
        }
        #expect(table.count == model.count, "TEST_SEED=\(seed)")
    }
}

@Suite("Clock with a shared timer", .timeLimit(.minutes(5)))
struct SharedTimerClockTests {
    @Test("wakes nobody early, and everybody")
    func order() async throws {
        let clock = SharedTimerClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: (Int, Duration).self) { group in
            for milliseconds in [30, 10, 20, 0, -5] {
                group.addTask {
                    try await clock.sleep(for: .milliseconds(milliseconds))
                    return (milliseconds, start.duration(to: clock.now))
                }
            }
            for try await (wanted, slept) in group { #expect(slept >= .milliseconds(wanted)) }
        }
    }

    @Test("a cancelled sleeper leaves at once, one that was cancelled before does not sleep")
    func cancellation() async throws {
        let clock = SharedTimerClock()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(for: .seconds(3600)) }
            group.addTask {
                withUnsafeCurrentTask { $0?.cancel() }
                try await clock.sleep(for: .seconds(3600))
            }
            group.cancelAll()
            while let result = await group.nextResult() {
                #expect(throws: CancellationError.self) { try result.get() }
            }
        }
        // The timer that was set for them does not keep a later sleeper from its own time.
        try await clock.sleep(for: .milliseconds(1))
    }
}
