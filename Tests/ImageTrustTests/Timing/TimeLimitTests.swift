import ImageTrust
import TestTiming
import Testing

@Suite("A limit of time")
struct TimeLimitTests {
    private struct Failure: Error {}

    @Test("What ends within the limit gives its result")
    func result() async {
        #expect(await ManualClock().run(within: .seconds(1)) { 7 } == 7)
    }

    @Test("What fails within the limit fails")
    func failure() async {
        await #expect(throws: Failure.self) {
            try await ManualClock().run(within: .seconds(1)) { () async throws(Failure) -> Int in throw Failure() }
        }
    }

    @Test("What goes on beyond the limit is cancelled, and gives nothing")
    func passed() async {
        let clock = ManualClock()
        let (forever, ended) = (Latch(), Latch())
        async let result = clock.run(within: .seconds(2)) {
            await forever.wait()
            ended.open()
            return 7
        }
        await clock.waitForSleepers { $0 == [.seconds(2)] }
        clock.advance(by: .seconds(2))
        #expect(await result == nil)
        #expect(ended.isOpen)
    }

    @Test("Cancelled, the operation has the last word")
    func cancelled() async {
        let clock = ManualClock()
        await withTaskGroup(of: Int?.self) { group in
            group.addTask {
                await clock.run(within: .seconds(2)) {
                    await Latch().wait()
                    return Task.isCancelled ? 7 : 0
                }
            }
            await clock.waitForSleepers { !$0.isEmpty }
            group.cancelAll()
            #expect(await group.next() == .some(7))
        }
    }
}
