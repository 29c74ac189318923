import OutboundHTTP
import TestTiming
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Retries")
struct RetryPolicyTests {
    private struct Failure: Error, Equatable { var number: Int }

    @Test("pauses double up to their maximum")
    func doubling() {
        var policy = RetryPolicy(
            attempts: 8,
            initialDelay: .seconds(1),
            maximumDelay: .seconds(5),
            budget: .seconds(100)
        )
        policy.jitter = 0
        let pauses = (1...8).map { policy.pause(afterFailures: $0, elapsed: .zero, chance: 0.5) }
        #expect(pauses == [1, 2, 4, 5, 5, 5, 5].map { .seconds($0) } + [nil])
    }

    @Test(
        "chance shortens a pause by at most the jitter",
        arguments: [(0.0, 1000), (0.5, 900), (1.0, 800), (7.0, 800), (-1.0, 1000)]
    )
    func jitter(chance: Double, milliseconds: Int) throws {
        let policy = RetryPolicy(initialDelay: .seconds(1))
        let pause = try #require(policy.pause(afterFailures: 1, elapsed: .zero, chance: chance))
        #expect(abs((pause - .milliseconds(milliseconds)) / .nanoseconds(1)) < 10)
    }

    @Test("what the server asks for is a lower bound, and its own bound ends the attempts")
    func retryAfter() {
        var policy = RetryPolicy(initialDelay: .seconds(1), maximumRetryAfter: .seconds(10))
        policy.jitter = 0
        #expect(policy.pause(afterFailures: 1, elapsed: .zero, retryAfter: .seconds(3), chance: 0) == .seconds(3))
        #expect(policy.pause(afterFailures: 1, elapsed: .zero, retryAfter: .zero, chance: 0) == .seconds(1))
        #expect(policy.pause(afterFailures: 1, elapsed: .zero, retryAfter: .seconds(11), chance: 0) == nil)
    }

    @Test("no attempt begins after the budget")
    func budget() {
        var policy = RetryPolicy(initialDelay: .seconds(1), budget: .seconds(10))
        policy.jitter = 0
        #expect(policy.pause(afterFailures: 1, elapsed: .seconds(8), chance: 0) == .seconds(1))
        #expect(policy.pause(afterFailures: 1, elapsed: .seconds(9), chance: 0) == nil)
    }

    @Test("absurd numbers of failures neither trap nor loop")
    func absurd() {
        let policy = RetryPolicy(attempts: .max, initialDelay: .zero, maximumDelay: .seconds(1))
        #expect(policy.pause(afterFailures: .max - 1, elapsed: .zero, chance: 0) == .zero)
    }

    @Test("an operation is tried until it succeeds")
    func succeeds() async throws {
        let clock = SkippingClock()
        var policy = RetryPolicy(attempts: 4, initialDelay: .seconds(1))
        policy.jitter = 0
        let value = try await policy.attempt(clock: clock) { (_: Failure) in
            .retry(after: nil)
        } _: {
            (attempt) async throws(Failure) -> Int in
            if attempt.number < 3 { throw Failure(number: attempt.number) }
            return attempt.number
        }
        #expect(value == 3)
        #expect(clock.sleeps == [.seconds(1), .seconds(2)])
    }

    @Test("the last failure is thrown when the attempts are used up")
    func exhausted() async {
        await #expect(throws: Failure(number: 4)) {
            try await RetryPolicy(attempts: 4).attempt(clock: SkippingClock()) { (_: Failure) in
                .retry(after: nil)
            } _: {
                (attempt) async throws(Failure) -> Int in
                throw Failure(number: attempt.number)
            }
        }
    }

    @Test("a final failure is not tried again")
    func final() async {
        await #expect(throws: Failure(number: 1)) {
            try await RetryPolicy().attempt(clock: SkippingClock()) { (_: Failure) in
                .giveUp
            } _: {
                (attempt) async throws(Failure) -> Int in
                throw Failure(number: attempt.number)
            }
        }
    }

    @Test("time spent in attempts counts against the budget")
    func slowAttempts() async {
        let clock = SkippingClock()
        let policy = RetryPolicy(attempts: 10, initialDelay: .seconds(1), budget: .seconds(30))
        await #expect(throws: Failure(number: 2)) {
            try await policy.attempt(clock: clock) { (_: Failure) in
                .retry(after: nil)
            } _: {
                (attempt) async throws(Failure) -> Int in
                #expect(attempt.remaining <= .seconds(30))
                clock.advance(by: .seconds(20))
                throw Failure(number: attempt.number)
            }
        }
    }

    @Test("a cancelled task makes no further attempt")
    func cancelled() async {
        let clock = SkippingClock()
        let result = await withTaskGroup(of: Failure?.self) { group in
            group.addTask {
                withUnsafeCurrentTask { $0?.cancel() }
                do throws(Failure) {
                    _ = try await RetryPolicy().attempt(clock: clock) { (_: Failure) in
                        .retry(after: nil)
                    } _: {
                        (attempt) async throws(Failure) -> Int in
                        clock.advance(by: .seconds(1))
                        throw Failure(number: attempt.number)
                    }
                    return nil
                } catch {
                    return error
                }
            }
            return await group.next() ?? nil
        }
        #expect(result == Failure(number: 1))
        #expect(clock.now.offset == .seconds(1))
    }

    @Test(
        "Retry-After is read as seconds or as a date",
        arguments: [
            ("0", 0), ("120", 120), ("99999999", 86_400), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ]
    )
    func retryAfterForms(text: String, seconds: Int) {
        let now = Date(timeIntervalSince1970: 784_111_740)
        #expect(RetryAfter.parse(text, now: now) == .seconds(seconds))
    }

    @Test(
        "dates are counted right across leap years",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800), ("Sun, 28 Feb 2100 00:00:00 GMT", 4_107_456_000),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400), ("Fri, 31 Dec 2027 23:59:59 GMT", 1_830_297_599),
        ]
    )
    func dates(text: String, epoch: Int) {
        let now = Date(timeIntervalSince1970: Double(epoch) - 60)
        #expect(RetryAfter.parse(text, now: now) == .seconds(60))
    }

    @Test(
        "malformed values of Retry-After are no value",
        arguments: [
            "", "-1", "1.5", "soon", "+5", "99999999999", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "１２",
        ]
    )
    func malformedRetryAfter(text: String) {
        #expect(RetryAfter.parse(text, now: Date(timeIntervalSince1970: 0)) == nil)
    }
}
