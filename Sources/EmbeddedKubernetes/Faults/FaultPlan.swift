internal import Synchronization
import TestTiming

/// What goes wrong in an ``EmbeddedCluster``, and a record of every request that came in.
///
/// Give it to the cluster with ``ClusterConfiguration/faults``. It has no way in but these functions: nothing over HTTP
/// reaches it. Rules may be added and removed while requests are under way; all of them that match are applied, in the
/// order in which they were added, and the first that answers ends the matter. Everything random comes from the seed,
/// and waits are on the cluster's clock.
public final class FaultPlan: Sendable {
    /// A rule that fired for a request.
    struct Fired: Sendable {
        var id: FaultID
        var action: FaultAction
    }

    private struct Entry {
        var id: FaultID
        var rule: FaultRule
        var matched = 0
        var fired = 0
    }

    private struct State {
        var entries: [Entry] = []
        var firings: [FaultID: Int] = [:]
        var random: SeededGenerator
        var nextID = 0
        var requests: [ObservedRequest] = []
        var firstNumber = 1
        var streams: [Int: AnswerStream] = [:]
        var nextStream = 0
        /// Counts the times that all connections were cut.
        var cuts = 0
    }

    /// Where everything random comes from.
    public let seed: UInt64
    private let state: Mutex<State>
    /// Sent whenever something changes here.
    let signal = Signal()

    /// How many requests are remembered.
    static let requestLimit = 200_000

    /// Creates a plan in which nothing goes wrong yet.
    public init(seed: UInt64 = 1) {
        self.seed = seed
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    // MARK: Rules

    /// Adds a rule.
    ///
    /// One that shapes answers and concerns every request takes hold of watches that are open already, too.
    ///
    /// - Returns: its name, for ``remove(_:)-(FaultID)``.
    @discardableResult
    public func add(_ rule: FaultRule) -> FaultID {
        let (id, streams) = state.withLock { state in
            state.nextID += 1
            let id = FaultID(number: state.nextID)
            state.entries.append(Entry(id: id, rule: rule))
            guard case .every = rule.occurrences, rule.action.shapesBody else { return (id, [AnswerStream]()) }
            return (id, state.streams.values.filter { rule.concerns($0.request) })
        }
        for stream in streams { stream.attach(Fired(id: id, action: rule.action), seed: seed) }
        signal.send()
        return id
    }

    /// Adds a rule in one line.
    ///
    /// - Parameters:
    ///   - match: the requests.
    ///   - action: what goes wrong.
    ///   - occurrences: which of the requests, counted from now.
    ///   - probability: the chance, 0 to 1, that one of these goes wrong.
    /// - Returns: its name, for ``remove(_:)-(FaultID)``.
    @discardableResult
    public func add(
        _ match: FaultMatch,
        _ action: FaultAction,
        _ occurrences: FaultRule.Occurrences = .every,
        probability: Double = 1
    ) -> FaultID { add(FaultRule(match, action, occurrences, probability: probability)) }

    /// Removes a rule; what it held up goes on.
    public func remove(_ id: FaultID) { remove([id]) }

    /// Removes rules; what they held up goes on.
    public func remove(_ ids: [FaultID]) {
        let streams = state.withLock { state in
            state.entries.removeAll { ids.contains($0.id) }
            return Array(state.streams.values)
        }
        for stream in streams { stream.detach(ids) }
        signal.send()
    }

    /// Removes every rule; what they held up goes on.
    public func heal() { remove(state.withLock { $0.entries.map(\.id) }) }

    /// How often a rule made something go wrong, also after its removal.
    public func firings(of id: FaultID) -> Int { state.withLock { $0.firings[id] ?? 0 } }

    // MARK: Open watches

    /// How many watches are open.
    public func openStreams(_ match: FaultMatch = .everything) -> Int { streams(match).count }

    /// Ends open watches at once; what was under way to the client is lost.
    public func endStreams(_ match: FaultMatch = .everything, _ end: StreamEnd = .endOfFile) {
        for stream in streams(match) { stream.end(end) }
    }

    /// Puts something into open watches that does not belong there.
    public func interject(_ interjection: Interjection, into match: FaultMatch = .everything) {
        for stream in streams(match) { stream.interject(interjection) }
    }

    private func streams(_ match: FaultMatch) -> [AnswerStream] {
        state.withLock { $0.streams.values.filter { match.matches($0.request) } }
    }

    /// Breaks every connection: open watches, and requests that a black hole holds.
    func cutConnections() {
        let streams = state.withLock { state in
            state.cuts += 1
            return Array(state.streams.values)
        }
        for stream in streams { stream.end(.reset) }
        signal.send()
    }

    // MARK: The record

    /// The requests so far, oldest first; the latest 200,000.
    public var requests: [ObservedRequest] { state.withLock { $0.requests } }

    /// The requests that match, oldest first.
    public func requests(_ match: FaultMatch) -> [ObservedRequest] {
        requests.filter { match.matches($0.request) }
    }

    /// Forgets the requests so far.
    public func clearRequests() {
        state.withLock { state in
            state.firstNumber += state.requests.count
            state.requests = []
        }
    }

    /// Suspends until a condition holds; looks again whenever a request arrives or is answered and a rule changes.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func wait(until condition: @Sendable (FaultPlan) -> Bool) async throws {
        while true {
            let turn = signal.turn
            if condition(self) { return }
            try await signal.wait(after: turn)
        }
    }

    // MARK: Inside the cluster

    /// Writes a request down and decides what goes wrong with it.
    func arrive(_ request: RequestDescription, at time: Duration) -> (number: Int, fired: [Fired]) {
        let result = state.withLock { state in
            let number = state.firstNumber + state.requests.count
            state.requests.append(ObservedRequest(number: number, request: request, time: time, outcome: .pending))
            if state.requests.count > Self.requestLimit {
                state.requests.removeFirst(Self.requestLimit / 2)
                state.firstNumber += Self.requestLimit / 2
            }
            var fired: [Fired] = []
            for index in state.entries.indices where state.entries[index].rule.concerns(request) {
                state.entries[index].matched += 1
                let entry = state.entries[index]
                guard entry.rule.occurrences.contains(entry.matched) else { continue }
                if entry.rule.probability < 1, state.random.fraction() >= entry.rule.probability { continue }
                state.firings[entry.id, default: 0] += 1
                fired.append(Fired(id: entry.id, action: entry.rule.action))
            }
            return (number, fired)
        }
        signal.send()
        return result
    }

    /// Writes down what became of a request.
    func conclude(_ number: Int, _ outcome: ObservedRequest.Outcome) {
        state.withLock { state in
            let index = number - state.firstNumber
            if state.requests.indices.contains(index) { state.requests[index].outcome = outcome }
        }
        signal.send()
    }

    /// A random time in a range.
    func random(in range: ClosedRange<Duration>) -> Duration {
        let fraction = state.withLock { $0.random.fraction() }
        return range.lowerBound + (range.upperBound - range.lowerBound) * fraction
    }

    /// Takes an answer that is being sent into the plan's hands.
    func open(_ stream: AnswerStream) {
        state.withLock { state in
            state.nextStream += 1
            state.streams[state.nextStream] = stream
            stream.number.withLock { $0 = state.nextStream }
        }
        signal.send()
    }

    func close(_ stream: AnswerStream) {
        let number = stream.number.withLock { $0 }
        let wasOpen = state.withLock { $0.streams.removeValue(forKey: number) != nil }
        if wasOpen { signal.send() }
    }

    /// Suspends until a rule is removed.
    ///
    /// - Returns: whether the request may go on; `false`: all connections were cut.
    /// - Throws: `CancellationError` when the task is cancelled.
    func waitForRemoval(of id: FaultID) async throws -> Bool {
        let cuts = state.withLock { $0.cuts }
        while true {
            let turn = signal.turn
            let (isThere, isCut) = state.withLock { state in
                (state.entries.contains { $0.id == id }, state.cuts != cuts)
            }
            if isCut { return false }
            if !isThere { return true }
            try await signal.wait(after: turn)
        }
    }
}
