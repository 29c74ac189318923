import Synchronization

/// Whether this process may write, at this very moment.
///
/// The answer is computed from the clock at each question, so it turns to "no" when the renew deadline passes even if
/// nothing in the process runs at that moment, and after the machine was suspended.
public final class LeadershipGate: Sendable {
    private enum State {
        case alwaysOpen
        case closed
        case open(until: Duration)
    }

    private let state: Mutex<State>
    private let clock: ElapsedClock

    private init(_ state: State, clock: ElapsedClock) {
        self.state = Mutex(state)
        self.clock = clock
    }

    /// A gate for a process that runs without election: always open.
    public static func alwaysOpen() -> LeadershipGate {
        LeadershipGate(.alwaysOpen, clock: ElapsedClock(ContinuousClock()))
    }

    convenience init(clock: ElapsedClock) { self.init(.closed, clock: clock) }

    /// Whether a write may be sent.
    public var allowsWrites: Bool {
        state.withLock { state in
            switch state {
            case .alwaysOpen: true
            case .closed: false
            case .open(let deadline): clock.now < deadline
            }
        }
    }

    /// Throws unless a write may be sent.
    ///
    /// - Throws: ``LeaderElectionError`` with code `notLeading`.
    public func requireWrites() throws(LeaderElectionError) {
        guard allowsWrites else {
            throw LeaderElectionError(.notLeading, "a write was held back: this process does not lead")
        }
    }

    /// Opens the gate until `deadline`; `nil` closes it.
    func set(openUntil deadline: Duration?) {
        state.withLock { state in
            if case .alwaysOpen = state { return }
            state = deadline.map(State.open) ?? .closed
        }
    }
}
