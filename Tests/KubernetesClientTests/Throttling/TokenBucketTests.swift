import Testing

@testable import KubernetesClient

@Suite("Limit of requests", .timeLimit(.minutes(5)))
struct TokenBucketTests {
    @Test("a full bucket serves its burst at once, and then at its rate")
    func burst() {
        var bucket = TokenBucket(perSecond: 5, burst: 3, now: .zero)
        let waits = (0..<5).map { _ in bucket.take(at: .zero) }
        #expect(waits == [.zero, .zero, .zero, .milliseconds(200), .milliseconds(400)])
    }

    @Test("it fills with time, to its burst and no further")
    func filling() {
        var bucket = TokenBucket(perSecond: 1, burst: 2, now: .zero)
        for _ in 0..<2 { #expect(bucket.take(at: .zero) == .zero) }
        #expect(bucket.take(at: .milliseconds(500)) == .milliseconds(500))
        #expect(bucket.take(at: .seconds(1000)) == .zero)
        #expect(bucket.take(at: .seconds(1000)) == .zero)
        #expect(bucket.take(at: .seconds(1000)) == .seconds(1))
        // Time that goes backwards gives nothing.
        #expect(bucket.take(at: .seconds(10)) == .seconds(2))
    }

    @Test("in the long run the rate is kept, whatever the order of takers")
    func rate() {
        var bucket = TokenBucket(perSecond: 50, burst: 10, now: .zero)
        var now = Duration.zero
        for _ in 0..<1010 { now += bucket.take(at: now) }
        #expect(now > .milliseconds(19_990) && now < .milliseconds(20_010))
    }

    @Test("who gives up leaves his turn to the next")
    func cancellation() async throws {
        let clock = HandClock()
        let throttle = RequestThrottle(requestsPerSecond: 1, burst: 1, clock: clock)
        #expect(try await throttle.wait() == .zero)
        let leaving = Task { try await throttle.wait() }
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        let next = Task { try await throttle.wait() }
        while !clock.hasSleepers { await Task.yield() }
        clock.advance(by: .seconds(1))
        #expect(try await next.value <= .seconds(1))
    }
}
