internal import Synchronization

/// The time limits of one exchange.
struct ExchangeLimits: Sendable {
    let overall: Duration
    let idle: Duration
    /// Whether ``overall`` ends with the head of the answer, as it does for a stream.
    let overallEndsWithHead: Bool

    init(_ request: OutboundRequest, _ defaults: OutboundTimeouts, overallEndsWithHead: Bool) {
        overall = request.timeout ?? defaults.overall
        idle = max(request.idleTimeout ?? defaults.idle, .milliseconds(1))
        self.overallEndsWithHead = overallEndsWithHead
    }
}

/// Ends an exchange whose time is up: one sleeper per exchange, however many parts its answer has.
///
/// Two limits are watched: the whole exchange (or only its head, see ``headArrived()``), and the silence since the last
/// sign of life.
final class ExchangeWatchdog<ClockType: Clock>: Sendable where ClockType.Duration == Duration {
    private struct State {
        var deadline: ClockType.Instant?
        var lastActivity: ClockType.Instant?
    }

    private let clock: ClockType
    private let limits: ExchangeLimits
    private let state: Mutex<State>

    init(limits: ExchangeLimits, clock: ClockType) {
        self.clock = clock
        self.limits = limits
        state = Mutex(State(deadline: clock.now.advanced(by: limits.overall), lastActivity: nil))
    }

    /// The head of the answer is here; from this moment the silence counts.
    func headArrived() {
        let now = clock.now
        state.withLock { state in
            state.lastActivity = now
            if limits.overallEndsWithHead { state.deadline = nil }
        }
    }

    /// A part of the body is here.
    func partArrived() {
        let now = clock.now
        state.withLock { $0.lastActivity = now }
    }

    /// Returns when a limit has passed, with the words for it; throws `CancellationError` when the task is cancelled.
    func run() async throws -> String {
        while true {
            let now = clock.now
            let (deadline, lastActivity) = state.withLock { ($0.deadline, $0.lastActivity) }
            let silenceEnds = lastActivity?.advanced(by: limits.idle)
            if let deadline, deadline <= now { return "no complete answer within \(limits.overall.inWords)" }
            if let silenceEnds, silenceEnds <= now { return "silent for \(limits.idle.inWords) amid its answer" }
            // Activity only moves the end of the silence further away, so waking then is never too late.
            let next = (lastActivity ?? now).advanced(by: limits.idle)
            try await clock.sleep(until: deadline.map { min($0, next) } ?? next, tolerance: nil)
        }
    }
}

extension Duration {
    /// The duration as a person writes it: `300 ms`, `10 s`.
    var inWords: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "\(seconds) s" }
        if seconds == 0 { return "\(milliseconds) ms" }
        return "\(seconds).\(String(milliseconds + 1000).dropFirst()) s"
    }
}
