/// Leaves a host alone that does not answer, and finds out when it does again.
///
/// A value: its methods take the time, since whatever beginning. After ``failuresToOpen`` failures in a row nobody is let
/// through for a while; then one request is, the probe, while all others are still refused. An answer ends it, silence
/// makes the next probe wait longer. The pauses count from the beginning of a probe and never exceed ``longestPause``: by
/// that much at most does it delay the moment at which a host that is well again is asked.
struct CircuitBreaker: Sendable, Hashable {
    /// So many failures in a row, without an answer between them, open it.
    static let failuresToOpen = 5
    /// How long the first probe waits.
    static let firstPause: Duration = .seconds(5)
    /// How long any probe waits at most.
    static let longestPause: Duration = .seconds(15)

    /// What a request is to do.
    enum Passage: Sendable, Hashable {
        /// Go.
        case pass
        /// Go, as the only one: what comes of it decides for all.
        case probe
        /// Do not go; the next probe may go after this time.
        case refused(Duration)
    }

    /// What came of a request.
    enum Outcome: Sendable, Hashable {
        /// The host answered, whatever it said.
        case answered
        /// It did not, or said itself that it cannot.
        case failed
        /// Nobody knows: the request was given up.
        case unknown
    }

    private enum Phase: Sendable, Hashable {
        case closed(failures: Int)
        case open(until: Duration, pause: Duration)
        case probing(since: Duration, pause: Duration)
    }

    private var phase = Phase.closed(failures: 0)

    /// Whether requests are refused.
    var isOpen: Bool {
        if case .closed = phase { return false }
        return true
    }

    /// Whether nothing would be lost by forgetting it.
    var isAtRest: Bool { phase == .closed(failures: 0) }

    /// How long a request would be refused for; `nil` when it would not be.
    func refusal(_ now: Duration) -> Duration? {
        switch phase {
        case .closed: nil
        case .open(let until, _): until > now ? until - now : nil
        // One that hangs does not hold up the next for longer than one that fails.
        case .probing(let since, let pause): since + pause > now ? since + pause - now : nil
        }
    }

    /// A request wants to go.
    ///
    /// Whoever is let through reports with ``ended(_:_:now:)``.
    mutating func enter(_ now: Duration) -> Passage {
        if let refusal = refusal(now) { return .refused(refusal) }
        switch phase {
        case .closed: return .pass
        case .open(_, let pause), .probing(_, let pause):
            phase = .probing(since: now, pause: min(pause * 2, Self.longestPause))
            return .probe
        }
    }

    /// A request that was let through ended.
    mutating func ended(_ passage: Passage, _ outcome: Outcome, now: Duration) {
        switch (passage, outcome, phase) {
        case (.refused, _, _): break
        // An answer is an answer, also to a request that began before.
        case (_, .answered, _): phase = .closed(failures: 0)
        case (.probe, .failed, .probing(let since, let pause)):
            phase = .open(until: max(now, since + pause), pause: pause)
        case (.probe, .unknown, .probing(_, let pause)):
            phase = .open(until: now, pause: max(Self.firstPause, pause / 2))
        case (.pass, .failed, .closed(let failures)):
            phase =
                failures + 1 < Self.failuresToOpen
                ? .closed(failures: failures + 1) : .open(until: now + Self.firstPause, pause: Self.firstPause)
        default: break
        }
    }
}
