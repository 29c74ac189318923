internal import OCIModel
internal import OutboundHTTP
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Everything that goes to registries, their token services and their stores, whoever asks: per host so many requests at a
/// time, no more than its allowance, a pause when it asks for one, and peace when it does not answer.
///
/// One for a process, shared by all clients: a registry counts what comes from an address, not from a credential. The
/// decisions are those of ``HostBudget`` and ``CircuitBreaker``; this performs them. It makes no request by itself.
public final class RegistryTraffic: Sendable {
    /// The most hosts of which it is known how they are.
    ///
    /// Those of which nothing needs to be known are forgotten first.
    static let maximumHosts = 1024
    /// The most allowances, of hosts and of accounts at hosts.
    static let maximumBudgets = 4096

    private struct BudgetKey: Hashable {
        let host: String
        let owner: Int
    }

    private struct Host {
        let gate: RequestGate
        var breaker = CircuitBreaker()
        /// What the last failure was, for those who are refused because of it.
        var failure: RegistryError?
        var underWay = 0
        var lastUse: Duration
    }

    private struct State {
        var hosts: [String: Host] = [:]
        var budgets: [BudgetKey: HostBudget] = [:]
        var figures = HostTally(zero: TrafficFigures())
    }

    /// How long a request waits for its turn at most, before it is refused.
    private let patience: Duration
    private let share: Double
    private let requestsPerHost: Int
    private let allowances: [String: RegistryAllowance]
    private let elapsed: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let state = Mutex(State())
    /// The published allowances that were looked up: each request asks for that of its host more than once.
    private let published = Mutex<[String: RegistryAllowance]>([:])
    /// What was read under tags and in listings, to be asked for again only if it changed.
    let answers: AnswerCache

    /// Creates a traffic without any.
    ///
    /// - Parameters:
    ///   - share: which part of a published allowance is taken, 0 to 1.
    ///   - requestsPerHost: how many requests are under way at one host, whoever makes them.
    ///   - allowances: the allowances of hosts for which the published ones do not hold, as
    ///     ``RegistryAllowance/published(for:share:)`` names hosts.
    ///   - patience: how long a request waits for its turn at most.
    ///   - answerBytes: the most memory for answers that can be asked for again, in bytes.
    ///   - clock: measures time.
    public init(
        share: Double = 1,
        requestsPerHost: Int = 8,
        allowances: [String: RegistryAllowance] = [:],
        patience: Duration = .seconds(10),
        answerBytes: Int = 8 << 20,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.share = share
        self.requestsPerHost = requestsPerHost
        self.allowances = allowances
        self.patience = patience
        answers = AnswerCache(maximumBytes: answerBytes)
        elapsed = Self.stopwatch(clock)
        sleep = { try await clock.sleep(for: $0) }
    }

    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// The time since this was made.
    var now: Duration { elapsed() }

    /// What was asked of each host, and what is left.
    public var figures: [String: TrafficFigures] {
        let now = now
        return state.withLock { state in
            var result = state.figures.values
            for (host, known) in state.hosts {
                let name = state.figures.name(host)
                result[name, default: TrafficFigures()].openCircuits += known.breaker.isOpen ? 1 : 0
                result[name, default: TrafficFigures()].underWay += known.underWay
            }
            for (key, budget) in state.budgets {
                let name = state.figures.name(key.host)
                result[name, default: TrafficFigures()].take(budget, now)
            }
            return result
        }
    }

    /// Whether fetching a manifest by GET uses up something that HEAD does not.
    func countsPulls(_ host: String) -> Bool { allowance(host).pulls != nil }

    /// Whether each account has an allowance of its own at a host.
    func isPerCredential(_ host: String) -> Bool { allowance(host).isPerCredential }

    /// An answer was "nothing changed".
    func countUnchanged(_ host: String) {
        state.withLock { $0.figures.change(host) { $0.unchanged += 1 } }
    }

    // MARK: - Sending

    /// Something to send.
    struct Sending: Sendable {
        var outbound: OutboundRequest
        var limit: BodyLimit
        /// Whether the host may count it as a pull.
        var isPull = false
        /// Whose allowance it uses, where each account has one.
        var owner = 0
        /// How long it may take at most, once it is sent.
        var timeout: Duration
        /// By when it must be over.
        var deadline: Deadline
        /// What it is for.
        var request: RegistryRequest

        var host: String { outbound.url.authority }
    }

    /// Sends a request when its turn has come.
    ///
    /// - Throws: ``RegistryError``; one that ``RegistryError/isHeldBack`` when nothing was sent.
    func send(
        _ sending: Sending,
        over http: any HTTPExchange,
        date: @Sendable () -> Date
    ) async throws(RegistryError) -> OutboundResponse {
        let gate = enter(sending.host)
        // What would be refused in its turn, as things are, is refused at once.
        _ = try reserve(sending, isKept: false)
        // What is left of an allowance is taken by who has a place: those in line take turns for it.
        let response = try await gate.pass(of: RegistryTenant.name) {
            () async throws(RegistryError) -> OutboundResponse in
            try await waitForBudget(sending)
            return try await pass(sending, over: http, date: date)
        }
        if let response { return response }
        throw Self.cancelled(sending)
    }

    private static func cancelled(_ sending: Sending) -> RegistryError {
        RegistryError(.cancelled, "\(sending.request.sentence): the request was cancelled", asking: sending.request)
    }

    /// How long a request waits for its turn at most.
    private func patience(for sending: Sending) -> Duration { min(patience, max(.zero, sending.deadline.remaining)) }

    /// How long a request has to wait as far as the breaker and the allowance of its host go.
    ///
    /// - Parameters:
    ///   - sending: the request.
    ///   - isKept: whether its part of the allowance is taken for it.
    /// - Returns: the pause; zero when it may go.
    /// - Throws: ``RegistryError`` when it would wait too long, or its host does not answer.
    private func reserve(_ sending: Sending, isKept: Bool) throws(RegistryError) -> Duration {
        let now = now
        let patience = patience(for: sending)
        let decision = try state.withLock { state throws(RegistryError) -> HostBudget.Decision in
            if let refusal = state.hosts[sending.host]?.breaker.refusal(now) {
                throw refused(&state, sending, for: refusal)
            }
            return budget(&state, sending) { budget in
                var reserved = budget
                defer { if isKept { budget = reserved } }
                return reserved.reserve(isPull: sending.isPull, patience: patience, now: now)
            }
        }
        guard case .go(let pause) = decision else { throw heldBack(sending, decision) }
        return pause
    }

    private func waitForBudget(_ sending: Sending) async throws(RegistryError) {
        var longest = patience(for: sending)
        var pause = try reserve(sending, isKept: true)
        if pause > .zero { state.withLock { $0.figures.change(sending.host) { $0.delayed += 1 } } }
        while pause > .zero {
            do { try await sleep(pause) } catch {
                giveBack(sending)
                throw Self.cancelled(sending)
            }
            // Somebody else may have been asked to wait meanwhile.
            longest -= pause
            pause = state.withLock { state in budget(&state, sending) { $0.pause(now) } }
            guard pause <= longest else {
                giveBack(sending)
                throw heldBack(sending, .refused(pause, because: .asked))
            }
        }
    }

    private func pass(
        _ sending: Sending,
        over http: any HTTPExchange,
        date: @Sendable () -> Date
    ) async throws(RegistryError) -> OutboundResponse {
        let remaining = sending.deadline.remaining
        guard remaining > .zero else {
            giveBack(sending)
            throw RegistryError(
                .timedOut,
                "\(sending.request.sentence): the time was over before \(sending.host) could be asked",
                asking: sending.request
            )
        }
        let begun = now
        let passage = try state.withLock { state throws(RegistryError) -> CircuitBreaker.Passage in
            let passage = state.hosts[sending.host]?.breaker.enter(begun) ?? .pass
            if case .refused(let pause) = passage {
                budget(&state, sending) { $0.giveBack(isPull: sending.isPull) }
                throw refused(&state, sending, for: pause)
            }
            state.hosts[sending.host]?.underWay += 1
            return passage
        }
        var outbound = sending.outbound
        outbound.timeout = min(sending.timeout, remaining)
        do throws(OutboundError) {
            let response = try await http.send(outbound, limit: sending.limit)
            ended(sending, passage, response, date())
            return response
        } catch {
            let failure = RegistryError(error, asking: sending.request)
            ended(sending, passage, failure)
            throw failure
        }
    }

    // MARK: - What came of it

    private func ended(
        _ sending: Sending,
        _ passage: CircuitBreaker.Passage,
        _ response: OutboundResponse,
        _ date: Date
    ) {
        let end = now
        let retryAfter = response.headers.values("retry-after").first.flatMap { RetryAfter.parse($0, now: date) }
        let isFailure = [500, 502, 503, 504].contains(response.status)
        state.withLock { state in
            state.hosts[sending.host]?.underWay -= 1
            state.hosts[sending.host]?.breaker.ended(passage, isFailure ? .failed : .answered, now: end)
            if isFailure {
                state.hosts[sending.host]?.failure = RegistryError(response, asking: sending.request, now: date)
            }
            budget(&state, sending) { budget in
                budget.answered(
                    response.status,
                    isPull: sending.isPull,
                    notice: HostBudget.Notice(response.headers),
                    retryAfter: retryAfter,
                    now: end
                )
            }
        }
    }

    private func ended(_ sending: Sending, _ passage: CircuitBreaker.Passage, _ failure: RegistryError) {
        let end = now
        let outcome: CircuitBreaker.Outcome =
            switch failure.code {
            case .cancelled: .unknown
            case .unreachable, .timedOut: .failed
            // It was there, and said something of which nothing can be made.
            default: .answered
            }
        state.withLock { state in
            state.hosts[sending.host]?.underWay -= 1
            state.hosts[sending.host]?.breaker.ended(passage, outcome, now: end)
            if outcome == .failed { state.hosts[sending.host]?.failure = failure }
        }
    }

    private func giveBack(_ sending: Sending) {
        state.withLock { state in budget(&state, sending) { $0.giveBack(isPull: sending.isPull) } }
    }

    // MARK: - Refusing

    /// The error of a request that is not sent because its host does not answer.
    private func refused(_ state: inout State, _ sending: Sending, for pause: Duration) -> RegistryError {
        state.figures.change(sending.host) { $0.heldBackByCircuit += 1 }
        let failure = state.hosts[sending.host]?.failure
        let cause = failure.map { "; the last of them: \($0.message)" } ?? ""
        return RegistryError(
            failure?.code ?? .unreachable,
            "\(sending.request.sentence): \(sending.host) was not asked, because \(CircuitBreaker.failuresToOpen) "
                + "requests or more failed in a row; it is asked again within \(Self.seconds(pause))\(cause)",
            asking: sending.request,
            retryAfter: pause,
            isHeldBack: true
        )
    }

    /// The error of a request that is not sent because of the allowance.
    private func heldBack(_ sending: Sending, _ decision: HostBudget.Decision) -> RegistryError {
        guard case .refused(let pause, let cause) = decision else { return Self.cancelled(sending) }
        state.withLock { state in
            state.figures.change(sending.host) { figures in
                if cause == .asked { figures.heldBackAsked += 1 } else { figures.heldBackByBudget += 1 }
            }
        }
        let why =
            switch cause {
            case .asked: "because it asked to be left alone"
            case .requests: "because what it allows per second is used up"
            case .pulls: "because the pulls that it allows are used up, as far as they are not left to the nodes"
            }
        return RegistryError(
            .throttled,
            "\(sending.request.sentence): \(sending.host) was not asked, \(why); the next request may go in "
                + "\(Self.seconds(pause))",
            asking: sending.request,
            retryAfter: pause,
            isHeldBack: true
        )
    }

    private static func seconds(_ pause: Duration) -> String {
        let seconds = max(1, Int(min((pause / .seconds(1)).rounded(.up), 1e9)))
        return "\(seconds) s"
    }

    // MARK: - Hosts

    private func allowance(_ host: String) -> RegistryAllowance {
        allowances[host]
            ?? published.withLock { known in
                if let allowance = known[host] { return allowance }
                if known.count >= Self.maximumHosts { known = [:] }
                let allowance = RegistryAllowance.published(for: host, share: share)
                known[host] = allowance
                return allowance
            }
    }

    /// The gate of a host, which is known from here on.
    private func enter(_ host: String) -> RequestGate {
        let now = now
        return state.withLock { state in
            if let known = state.hosts[host] {
                state.hosts[host]?.lastUse = now
                return known.gate
            }
            if state.hosts.count >= Self.maximumHosts { Self.makeRoom(&state, now) }
            let gate = RequestGate(places: requestsPerHost)
            state.hosts[host] = Host(gate: gate, lastUse: now)
            state.figures.change(host) { _ in }
            return gate
        }
    }

    /// Forgets hosts of which nothing needs to be known, else those that were not asked for the longest time.
    private static func makeRoom(_ state: inout State, _ now: Duration) {
        for (key, budget) in state.budgets where budget.isAtRest(now) { state.budgets[key] = nil }
        let busy = Set(state.budgets.keys.map(\.host))
        for (name, host) in state.hosts where host.underWay == 0 && host.breaker.isAtRest && !busy.contains(name) {
            state.hosts[name] = nil
        }
        guard state.hosts.count >= maximumHosts else { return }
        let idle = state.hosts.filter { $0.value.underWay == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
        let gone = Set(idle.prefix(maximumHosts / 4).map(\.key))
        state.hosts = state.hosts.filter { !gone.contains($0.key) }
        state.budgets = state.budgets.filter { !gone.contains($0.key.host) }
    }

    private func budget<Result>(
        _ state: inout State,
        _ sending: Sending,
        _ body: (inout HostBudget) -> Result
    ) -> Result {
        let allowance = allowance(sending.host)
        let key = BudgetKey(host: sending.host, owner: allowance.isPerCredential ? sending.owner : 0)
        if state.budgets[key] == nil, state.budgets.count >= Self.maximumBudgets {
            state.budgets = state.budgets.filter { !$0.value.isAtRest(now) }
            if state.budgets.count >= Self.maximumBudgets { state.budgets = [:] }
        }
        var budget = state.budgets[key] ?? HostBudget(allowance, share: share, now: now)
        defer { state.budgets[key] = budget }
        return body(&budget)
    }
}

extension TrafficFigures {
    /// Counts in what is left of a budget.
    fileprivate mutating func take(_ budget: HostBudget, _ now: Duration) {
        if let share = budget.requests?.share(now) { self.budget = min(self.budget, share) }
        if let share = budget.pulls?.share(now) { pullBudget = min(pullBudget ?? 1, share) }
    }
}
