/// How many requests may be made at once, and how many per second: a bucket that fills at a steady rate.
///
/// A value: its methods take the time, since whatever beginning, and say how long to wait. Whoever takes a token before it
/// is there has reserved it, and waits until it is: those who came first go first. A server that says "too many" halves
/// the rate; a minute without such an answer doubles it again, up to what it was.
struct TokenBucket: Sendable, Hashable {
    /// How long the server must not have complained for a halving to be taken back.
    static let recovery: Duration = .seconds(60)
    /// How often the rate is halved at most.
    static let maximumHalvings = 6

    /// How many tokens it holds.
    private(set) var capacity: Double
    /// How many come per second while nobody complains.
    private(set) var perSecond: Double
    /// How many are there; less than nothing when some are reserved.
    private(set) var level: Double
    private var filledAt: Duration
    private var halvings = 0
    private var halvedAt: Duration = .zero

    /// Creates a full bucket.
    init(capacity: Double, perSecond: Double, now: Duration) {
        self.capacity = max(1, capacity)
        self.perSecond = max(perSecond, 1e-6)
        level = self.capacity
        filledAt = now
    }

    /// What part of it is full, 0 to 1.
    func share(_ now: Duration) -> Double {
        var later = self
        later.fill(now)
        return min(1, max(0, later.level / capacity))
    }

    /// Whether nothing would be lost by forgetting it.
    func isAtRest(_ now: Duration) -> Bool {
        var later = self
        later.fill(now)
        return later.level >= capacity && later.halvings(now) == 0
    }

    /// How long the next token takes to be there; zero when there is one.
    mutating func wait(_ now: Duration) -> Duration {
        fill(now)
        return level >= 1 ? .zero : .seconds((1 - level) / rate(now))
    }

    /// Takes a token, or reserves the next.
    mutating func take(_ now: Duration) {
        fill(now)
        level -= 1
    }

    /// Puts back a token that was not used.
    mutating func giveBack() { level = min(capacity, level + 1) }

    /// The server says that there were too many requests: what is left is gone, and the rate is halved, once for all
    /// complaints of a second.
    mutating func slowDown(_ now: Duration) {
        fill(now)
        level = min(level, 0)
        let present = halvings(now)
        guard present == 0 || now - halvedAt >= .seconds(1) else { return }
        halvings = min(present + 1, Self.maximumHalvings)
        halvedAt = now
    }

    /// The server says what it allows, and how much of that is left for this bucket.
    mutating func learn(capacity: Double, perSecond: Double, level: Double, now: Duration) {
        self.capacity = max(1, capacity)
        self.perSecond = max(perSecond, 1e-6)
        self.level = min(level, self.capacity)
        filledAt = now
    }

    private func halvings(_ now: Duration) -> Int {
        guard halvings > 0 else { return 0 }
        let quiet = max(0, (now - halvedAt) / Self.recovery)
        return max(0, halvings - Int(min(quiet, Double(Self.maximumHalvings))))
    }

    private func rate(_ now: Duration) -> Double { perSecond / Double(1 << halvings(now)) }

    private mutating func fill(_ now: Duration) {
        guard now > filledAt else { return }
        level = min(capacity, level + (now - filledAt) / .seconds(1) * rate(now))
        filledAt = now
    }
}
