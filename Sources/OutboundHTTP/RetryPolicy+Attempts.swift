/// What a failure says about trying again.
public enum RetryAdvice: Sendable, Hashable {
    /// Trying again makes no sense.
    case giveUp
    /// It may go better, not before the given time if there is one.
    case retry(after: Duration?)
}

/// One attempt among several.
public struct RetryAttempt: Sendable, Hashable {
    /// 1 for the first.
    public let number: Int
    /// What is left of ``RetryPolicy/budget``: the longest this attempt may take.
    public let remaining: Duration
}

extension RetryPolicy {
    /// Tries until an attempt succeeds, a failure is final, or the policy ends it; then the last failure is thrown.
    ///
    /// When the task is cancelled during a pause, the last failure is thrown without a further attempt.
    ///
    /// - Parameters:
    ///   - clock: measures the budget and the pauses.
    ///   - chance: a number from 0 up to 1, asked for once per pause.
    ///   - advice: says of each failure whether trying again makes sense.
    ///   - operation: one attempt.
    /// - Returns: what the successful attempt returned.
    /// - Throws: the last failure.
    public func attempt<Value, Failure: Error>(
        clock: some Clock<Duration>,
        chance: @Sendable () -> Double = { .random(in: 0..<1) },
        advice: (Failure) -> RetryAdvice,
        _ operation: (RetryAttempt) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let start = clock.now
        var failures = 0
        while true {
            let remaining = budget - start.duration(to: clock.now)
            do throws(Failure) {
                return try await operation(RetryAttempt(number: failures + 1, remaining: remaining))
            } catch {
                failures += 1
                guard case .retry(let after) = advice(error), !Task.isCancelled,
                    let pause = pause(
                        afterFailures: failures,
                        elapsed: start.duration(to: clock.now),
                        retryAfter: after,
                        chance: chance()
                    ),
                    (try? await clock.sleep(for: pause)) != nil
                else { throw error }
            }
        }
    }
}
