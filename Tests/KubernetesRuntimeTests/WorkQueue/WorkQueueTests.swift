import KubernetesRuntime
import Synchronization
import TestTiming
import Testing

@Suite("Work queue", .timeLimit(.minutes(5)))
struct WorkQueueTests {
    @Test("a worker that waits gets a key as soon as it is added")
    func waits() async {
        let queue = WorkQueue<String>(name: "test", clock: ManualClock())
        async let first = queue.next()
        queue.add("a")
        #expect(await first == "a")
        queue.done("a")
    }

    @Test("a delayed key comes when its time comes, even if an earlier one was armed later")
    func delays() async throws {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            queue.add("late", after: .seconds(10))
            await clock.waitForSleepers { $0 == [.seconds(10)] }
            queue.add("early", after: .seconds(3))
            await clock.waitForSleepers { $0 == [.seconds(3)] }
            async let first = queue.next()
            clock.advance(to: .seconds(3))
            #expect(await first == "early")
            queue.done("early")
            // Once more for the metrics of work under way.
            await clock.waitForSleepers { $0 == [.milliseconds(3500)] }
            clock.advance(to: .milliseconds(3500))
            await clock.waitForSleepers { $0 == [.seconds(10)] }
            async let second = queue.next()
            clock.advance(to: .seconds(10))
            #expect(await second == "late")
            queue.done("late")
            queue.shutDown()
            try await group.waitForAll()
        }
    }

    @Test("a cancelled wait returns nil and loses no key")
    func cancellation() async {
        let queue = WorkQueue<Int>(name: "test", clock: ManualClock())
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<8 { group.addTask { await queue.next() } }
            group.cancelAll()
            for await key in group { #expect(key == nil) }
        }
        queue.add(1)
        #expect(await queue.next() == 1)
    }

    @Test("shut-down ends every wait")
    func shutDown() async {
        let queue = WorkQueue<Int>(name: "test", clock: ManualClock())
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<4 { group.addTask { await queue.next() } }
            queue.shutDown()
            for await key in group { #expect(key == nil) }
        }
        #expect(await queue.next() == nil)
    }

    @Test("many workers never hold one key at the same time, and every add is followed by a run")
    func serialPerKey() async {
        let queue = WorkQueue<Int>(name: "test")
        let ledger = Ledger()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while let key = await queue.next() {
                        ledger.began(key)
                        await Task.yield()
                        ledger.ended(key)
                        queue.done(key)
                    }
                }
            }
            await withTaskGroup(of: Void.self) { adders in
                for _ in 0..<4 {
                    adders.addTask {
                        for step in 0..<2000 {
                            let key = step % 7
                            ledger.added(key)
                            queue.add(key)
                            if step % 16 == 0 { await Task.yield() }
                        }
                    }
                }
            }
            queue.shutDown(draining: true)
        }
        #expect(ledger.state.withLock { $0.collisions } == 0)
        #expect(ledger.state.withLock { $0.seen == $0.added })
    }
}

/// Which keys were added, and how often a worker had seen that when it began.
private final class Ledger: Sendable {
    struct State {
        var inWork: Set<Int> = []
        var added: [Int: Int] = [:]
        var seen: [Int: Int] = [:]
        var collisions = 0
    }

    let state = Mutex(State())

    func added(_ key: Int) { state.withLock { $0.added[key, default: 0] += 1 } }

    func began(_ key: Int) {
        state.withLock { state in
            if !state.inWork.insert(key).inserted { state.collisions += 1 }
            state.seen[key] = state.added[key]
        }
    }

    func ended(_ key: Int) { state.withLock { _ = $0.inWork.remove(key) } }
}
