import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
import Testing

/// Several candidates and one Lease on one timeline, without tasks: every request takes its time, may be lost on the
/// way there or back, and each candidate has a clock of its own rate.
///
/// Whoever leads writes to the cluster at random times; what lands is recorded with the writer's term.
struct ElectionSimulation {
    struct Candidate {
        var machine: LeaderElectionStateMachine
        var rate = 1.0
        var isDead = false
        /// Until when the process is stopped, as by SIGSTOP; what arrives meanwhile is handled at its end.
        var stoppedUntil = Duration.zero
        var isReachable = true
        var hasEnded = false
        /// Added to the time that this candidate takes it to be.
        var wallClockOffset: Duration = .zero
        /// The wall clock stands still at this moment.
        var frozenWallClock: Date?
    }

    /// A write to the cluster, as it landed.
    struct Mutation {
        var term: Int
        var writer: String
        var at: Duration
    }

    private enum Happening {
        case commit(Int, LeaderElectionStateMachine.Action, ticket: Int)
        case outcome(Int, LeaderElectionStateMachine.Outcome, ticket: Int)
        case start(Int)
        case write(Int)
        case land(Mutation)
        case change((inout ElectionSimulation) -> Void)
    }

    var candidates: [Candidate]
    var lease: LeaseObservation?
    var latency: Range<Duration> = .milliseconds(1)..<(.milliseconds(50))
    var lossRate = 0.0
    /// Whether the server answers every request with an error.
    var isRefusing = false
    /// Whether somebody deleted the Lease.
    var wasDeleted = false
    private(set) var now = Duration.zero
    /// When each candidate began to lead.
    private(set) var terms: [(candidate: Int, at: Duration)] = []
    private(set) var overlaps: [String] = []
    private(set) var mutations: [Mutation] = []
    /// How long a write to the cluster takes to land; no writes while empty.
    var writeLatency: Range<Duration> = .zero..<(.zero)
    private var agenda: [(at: Duration, order: Int, what: Happening)] = []
    private var order = 0
    private var tickets: [Int]
    private var version = 0
    private var random: SplitMix64

    /// Creates candidates that start within two seconds, each with a name of its own unless they share one.
    init(count: Int, name: String? = nil, seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        candidates = []
        for index in 0..<count {
            let configuration = try LeaderElectionConfiguration(identity: name ?? "candidate-\(index)")
            candidates.append(
                Candidate(machine: LeaderElectionStateMachine(configuration: configuration, seed: random.next()))
            )
        }
        tickets = Array(repeating: 0, count: count)
        for index in 0..<count {
            schedule(at: .zero, .write(index))
            schedule(at: .milliseconds(Int.random(in: 0..<2000, using: &random)), .start(index))
        }
    }

    mutating func at(_ time: Duration, _ change: @escaping (inout ElectionSimulation) -> Void) {
        schedule(at: time, .change(change))
    }

    /// Who may write at this moment, by its own clock.
    var leaders: [Int] { candidates.indices.filter { candidates[$0].machine.leads(at: local($0)) } }

    mutating func run(until end: Duration) {
        while let next = agenda.first, next.at <= end {
            agenda.removeFirst()
            now = next.at
            happen(next.what)
            if leaders.count > 1 { overlaps.append("\(leaders) at \(now)") }
        }
        now = end
    }

    /// Has a candidate give its lease back, after its writes have ended.
    mutating func release(_ index: Int) {
        let writer = candidates[index].machine.configuration.identity
        agenda.removeAll { entry in
            if case .land(let mutation) = entry.what { mutation.writer == writer } else { false }
        }
        tickets[index] += 1
        perform(index, candidates[index].machine.release())
    }

    /// Starts a candidate anew, under a new name.
    mutating func restart(_ index: Int) throws {
        let configuration = try LeaderElectionConfiguration(identity: "candidate-\(index)-\(order)")
        let old = candidates[index]
        candidates[index] = Candidate(
            machine: LeaderElectionStateMachine(configuration: configuration, seed: random.next())
        )
        candidates[index].rate = old.rate
        candidates[index].isReachable = old.isReachable
        tickets[index] += 1
        schedule(at: now, .start(index))
    }

    /// Changes the Lease past everybody, as with `kubectl edit`.
    mutating func edit(_ change: (inout LeaseRecord) -> Void) {
        guard var observation = lease else { return }
        change(&observation.record)
        version += 1
        observation.resourceVersion = String(version)
        lease = observation
    }

    /// What contradicts "one writer a term, and no earlier term after a later one".
    var writersOutOfTerm: [String] {
        var writers: [Int: String] = [:]
        var defects: [String] = []
        var latest = 0
        for mutation in mutations {
            if mutation.term < latest { defects.append("term \(mutation.term) after \(latest) at \(mutation.at)") }
            latest = max(latest, mutation.term)
            if let other = writers.updateValue(mutation.writer, forKey: mutation.term), other != mutation.writer {
                defects.append("\(other) and \(mutation.writer) in term \(mutation.term)")
            }
        }
        return defects
    }

    // MARK: - Mechanics

    private func local(_ index: Int) -> Duration { now * candidates[index].rate }

    private mutating func schedule(at time: Duration, _ what: Happening) {
        order += 1
        let entry = (at: time, order: order, what: what)
        let position = agenda.firstIndex { ($0.at, $0.order) > (time, entry.order) } ?? agenda.endIndex
        agenda.insert(entry, at: position)
    }

    private mutating func happen(_ what: Happening) {
        switch what {
        case .change(let change):
            change(&self)
        case .start(let index):
            perform(index, candidates[index].machine.start(at: local(index), wallClock: wallClock(index)))
        case .write(let index): write(by: index)
        case .land(let mutation): mutations.append(mutation)
        case .commit(let index, let action, let ticket):
            commit(index, action, ticket)
        case .outcome(let index, let outcome, let ticket):
            guard ticket == tickets[index], !candidates[index].isDead, !candidates[index].hasEnded else { return }
            guard now >= candidates[index].stoppedUntil else {
                schedule(at: candidates[index].stoppedUntil, what)
                return
            }
            let led = candidates[index].machine.leadsUntil != nil
            let action = candidates[index].machine.handle(outcome, at: local(index), wallClock: wallClock(index))
            if !led, candidates[index].machine.leadsUntil != nil { terms.append((index, now)) }
            perform(index, action)
        }
    }

    private func wallClock(_ index: Int) -> Date {
        if let frozen = candidates[index].frozenWallClock { return frozen }
        return Date(timeIntervalSince1970: 1_700_000_000 + (now + candidates[index].wallClockOffset) / .seconds(1))
    }

    private mutating func write(by index: Int) {
        schedule(at: now + .milliseconds(Int.random(in: 50..<1000, using: &random)), .write(index))
        let candidate = candidates[index]
        guard !writeLatency.isEmpty, !candidate.isDead, !candidate.hasEnded, now >= candidate.stoppedUntil,
            candidate.machine.leads(at: local(index)), let term = candidate.machine.term
        else { return }
        let mutation = Mutation(term: term, writer: candidate.machine.configuration.identity, at: now)
        schedule(at: now + some(writeLatency), .land(mutation))
    }

    private mutating func perform(_ index: Int, _ action: LeaderElectionStateMachine.Action) {
        switch action {
        case .wait(let delay):
            tickets[index] += 1
            schedule(at: now + delay / candidates[index].rate, .outcome(index, .waited, ticket: tickets[index]))
        case .stepDown, .released:
            candidates[index].hasEnded = true
        case .read, .create, .update:
            tickets[index] += 1
            let failed: LeaderElectionStateMachine.Outcome = action == .read ? .readFailed : .writeFailed
            let timeout = now + candidates[index].machine.requestTimeout(at: local(index)) / candidates[index].rate
            schedule(at: timeout, .outcome(index, failed, ticket: tickets[index]))
            if candidates[index].isReachable, !isLost() {
                schedule(at: now + some(latency), .commit(index, action, ticket: tickets[index]))
            }
        }
    }

    private mutating func some(_ latency: Range<Duration>) -> Duration {
        let range = latency.lowerBound / .microseconds(1)..<(latency.upperBound / .microseconds(1))
        return .microseconds(Int64(Double.random(in: range, using: &random)))
    }

    private mutating func isLost() -> Bool { Double.random(in: 0..<1, using: &random) < lossRate }

    /// What the server does.
    ///
    /// A request that was sent is carried out even if its sender died meanwhile.
    private mutating func commit(_ index: Int, _ action: LeaderElectionStateMachine.Action, _ ticket: Int) {
        let outcome: LeaderElectionStateMachine.Outcome
        switch action {
        case .read where isRefusing:
            outcome = .readFailed
        case .create where isRefusing, .update where isRefusing:
            outcome = .writeFailed
        case .read:
            outcome = .read(lease)
        case .create(let record):
            outcome = lease == nil ? write(record) : .writeFailed
        case .update(let record, let expected):
            outcome = lease?.resourceVersion == expected ? write(record) : .writeFailed
        case .wait, .stepDown, .released:
            return
        }
        guard candidates[index].isReachable, !isLost() else { return }
        schedule(at: now + some(latency), .outcome(index, outcome, ticket: ticket))
    }

    /// As the API server does: times are cut to microseconds, and an update that changes nothing is none.
    private mutating func write(_ record: LeaseRecord) -> LeaderElectionStateMachine.Outcome {
        var record = record
        record.renewTime = record.renewTime.map { MicroTime($0).date }
        record.acquireTime = record.acquireTime.map { MicroTime($0).date }
        if let lease, lease.record == record { return .written(resourceVersion: lease.resourceVersion) }
        version += 1
        lease = LeaseObservation(record: record, resourceVersion: String(version))
        return .written(resourceVersion: String(version))
    }
}
