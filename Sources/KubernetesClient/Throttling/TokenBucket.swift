/// A token bucket: so many takers a second in the long run, and so many at once after a pause.
struct TokenBucket: Sendable, Hashable {
    let perSecond: Double
    let burst: Int
    /// Below zero: this many takers wait.
    private var tokens: Double
    private var filledAt: Duration

    /// A full bucket.
    init(perSecond: Double, burst: Int, now: Duration) {
        self.perSecond = perSecond
        self.burst = max(1, burst)
        tokens = Double(self.burst)
        filledAt = now
    }

    /// Takes a token, and says how long to wait until it is there.
    mutating func take(at now: Duration) -> Duration {
        fill(now)
        tokens -= 1
        guard tokens < 0, perSecond > 0 else { return .zero }
        return .nanoseconds(Int64(min(-tokens / perSecond, 3600) * 1e9))
    }

    /// Gives back a token that was taken and not used.
    mutating func giveBack() { tokens = min(tokens + 1, Double(burst)) }

    private mutating func fill(_ now: Duration) {
        guard now > filledAt else { return }
        tokens = min(tokens + (now - filledAt) / .seconds(1) * perSecond, Double(burst))
        filledAt = now
    }
}
