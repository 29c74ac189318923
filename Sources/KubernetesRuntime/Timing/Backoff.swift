/// Delays that double with each failure, spread by chance, and start over after a quiet time.
///
/// The defaults are those of client-go's reflector: 0.8 s doubling to 30 s, each drawn from [d, 2d), starting over when
/// two minutes passed since the last failure. Against a dead server that is about one attempt in five seconds at first
/// and one in 45 s later.
public struct Backoff: Sendable, Hashable {
    /// The first delay, before jitter.
    public var initial: Duration
    /// The longest delay, before jitter.
    public var maximum: Duration
    /// How much jitter may add: 1.0 draws from [d, 2d), 0 adds none.
    public var jitter: Double
    /// How long after the last failure the delays start over.
    public var resetAfter: Duration

    private var current: Duration?
    private var lastFailure: Duration?

    /// Creates a backoff with the reflector's defaults.
    public init(
        initial: Duration = .milliseconds(800),
        maximum: Duration = .seconds(30),
        jitter: Double = 1.0,
        resetAfter: Duration = .seconds(120)
    ) {
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
        self.resetAfter = resetAfter
    }

    /// The delay after a failure at `now`.
    public mutating func next(at now: Duration, using generator: inout SplitMix64) -> Duration {
        if let lastFailure, now - lastFailure > resetAfter { current = nil }
        let base = min(current ?? initial, maximum)
        current = min(base * 2, maximum)
        lastFailure = now
        return base.jittered(by: jitter, using: &generator)
    }

    /// Starts over with the first delay.
    public mutating func reset() {
        current = nil
        lastFailure = nil
    }
}

extension Duration {
    /// This duration plus a random part of at most `factor` times itself.
    func jittered(by factor: Double, using generator: inout SplitMix64) -> Duration {
        guard factor > 0 else { return self }
        return generator.duration(in: self..<(self + self * factor))
    }
}
