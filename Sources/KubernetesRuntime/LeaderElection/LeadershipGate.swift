import KubernetesAPI
import Synchronization

/// Whether this process may write, at this very moment, and in which term of office.
///
/// The answer is computed from the clock at each question, so it turns to "no" when the renew deadline passes even if
/// nothing in the process runs at that moment, and after the machine was suspended. Writes under way are abandoned when
/// the gate closes: see ``whileOpen(_:)``.
public final class LeadershipGate: Sendable {
    private enum State {
        case alwaysOpen
        case closed
        /// `closing` fires when the gate closes.
        case open(until: Duration, term: Int, closing: OneShotSignal)
    }

    private let state: Mutex<State>
    private let latestDoubt = Mutex<Duration?>(nil)
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
    public var allowsWrites: Bool { term != nil }

    /// The number of the term of office, `nil` while no write may be sent.
    ///
    /// It is the Lease's `leaseTransitions`: it grows with every change of the holder, so that of two writers the later
    /// has the greater number; whoever writes to places without optimistic locking can pass it on as a fencing token.
    /// Deleting the Lease may start it over. Always 0 without an election.
    public var term: Int? {
        state.withLock { state in
            switch state {
            case .alwaysOpen: 0
            case .closed: nil
            case .open(let deadline, let term, _): clock.now < deadline ? term : nil
            }
        }
    }

    /// Throws unless a write may be sent.
    ///
    /// - Throws: ``LeaderElectionError`` with code `notLeading`.
    public func requireWrites() throws(LeaderElectionError) { _ = try entry() }

    /// Runs a write that must not outlast leadership: it is cancelled as soon as the gate closes.
    ///
    /// What was sent before may still arrive: the server has until the lease runs out for it, which is later than the
    /// gate by `leaseDuration - renewDeadline`.
    ///
    /// - Returns: the result of `write`, which has ended when this returns.
    /// - Throws: ``LeaderElectionError`` with code `notLeading` when the gate is closed, or closes before `write` ends;
    ///   what `write` throws.
    public func whileOpen<Result: Sendable>(
        _ write: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let closing = try entry() else { return try await write() }
        try Task.checkCancellation()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                do {
                    return try await write()
                } catch {
                    self.note(error)
                    throw error
                }
            }
            group.addTask {
                try await closing.wait()
                return nil
            }
            defer { group.cancelAll() }
            if case .some(.some(let result)) = try await group.next() { return result }
            throw LeaderElectionError(
                .notLeading,
                "a write was abandoned under way, and may have been carried out or not: this process no longer leads"
            )
        }
    }

    /// Remembers a failure after which nobody here knows whether the write will be carried out.
    private func note(_ failure: any Error) {
        let isInDoubt =
            switch failure {
            case let failure as TransportError:
                [.connectionLost, .timedOut, .malformedResponse].contains(failure.code)
            default: failure is CancellationError
            }
        if isInDoubt { noteDoubt() }
    }

    /// Remembers that nobody here knows whether a write that was just sent will be carried out.
    func noteDoubt() { latestDoubt.withLock { $0 = clock.now } }

    /// The signal of the present opening's end; `nil` for a gate that never closes.
    private func entry() throws(LeaderElectionError) -> OneShotSignal? {
        // Not an optional of an optional: a conditional expression would make "closed" of it "never closes".
        let (isOpen, closing) = state.withLock { state -> (Bool, OneShotSignal?) in
            switch state {
            case .alwaysOpen: (true, nil)
            case .closed: (false, nil)
            case .open(let deadline, _, let closing): (clock.now < deadline, closing)
            }
        }
        guard isOpen else {
            throw LeaderElectionError(.notLeading, "a write was held back: this process does not lead")
        }
        return closing
    }

    // MARK: - For the elector

    /// When the gate closes by itself; `nil` when it is closed, or never closes.
    var closesAt: Duration? {
        state.withLock { state in
            if case .open(let deadline, _, _) = state { deadline } else { nil }
        }
    }

    /// Whether a write was given up within the past `duration` that the server may still carry out.
    func mayHaveWritesUnderWay(since duration: Duration) -> Bool {
        latestDoubt.withLock { $0.map { clock.now < $0 + duration } ?? false }
    }

    /// Opens the gate until `deadline`, or keeps it open.
    func open(until deadline: Duration, term: Int) {
        let ended = state.withLock { state -> OneShotSignal? in
            switch state {
            case .alwaysOpen: return nil
            case .closed:
                state = .open(until: deadline, term: term, closing: OneShotSignal())
                return nil
            case .open(let previous, let present, let closing):
                // Writes of an opening that has ended since, or of another term, belong to the past.
                guard clock.now < previous, present == term else {
                    state = .open(until: deadline, term: term, closing: OneShotSignal())
                    return closing
                }
                state = .open(until: deadline, term: term, closing: closing)
                return nil
            }
        }
        ended?.fire()
    }

    /// Closes the gate.
    func close() { close { _ in true } }

    /// Closes the gate if its time has passed, so that writes under way end.
    func closeIfDue() { close { $0 <= clock.now } }

    private func close(where isDue: (Duration) -> Bool) {
        let ended = state.withLock { state -> OneShotSignal? in
            guard case .open(let deadline, _, let closing) = state, isDue(deadline) else { return nil }
            state = .closed
            return closing
        }
        ended?.fire()
    }
}
