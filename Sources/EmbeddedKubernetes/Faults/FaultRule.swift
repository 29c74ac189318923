/// Which requests go wrong, how, and how often.
public struct FaultRule: Sendable {
    /// Which of the requests that match are concerned, counted from 1 since the rule was added.
    public enum Occurrences: Sendable, Hashable {
        case every
        case first(Int)
        case only(Set<Int>)
        case after(Int)

        func contains(_ number: Int) -> Bool {
            switch self {
            case .every: true
            case .first(let count): number <= count
            case .only(let numbers): numbers.contains(number)
            case .after(let count): number > count
            }
        }
    }

    /// The requests.
    public var match: FaultMatch
    /// What goes wrong.
    public var action: FaultAction
    /// Which of them.
    public var occurrences: Occurrences
    /// The chance, 0 to 1, that one of these goes wrong, drawn from the plan's seed.
    public var probability: Double

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - match: the requests.
    ///   - action: what goes wrong.
    ///   - occurrences: which of the requests, counted since the rule was added.
    ///   - probability: the chance, 0 to 1, that one of these goes wrong.
    public init(
        _ match: FaultMatch,
        _ action: FaultAction,
        _ occurrences: Occurrences = .every,
        probability: Double = 1
    ) {
        self.match = match
        self.action = action
        self.occurrences = occurrences
        self.probability = probability
    }

    func concerns(_ request: RequestDescription) -> Bool {
        if case .expireContinueToken = action, request.query["continue"]?.isEmpty ?? true { return false }
        return match.matches(request)
    }
}

/// Names a rule that was added to a ``FaultPlan``.
public struct FaultID: Sendable, Hashable {
    var number: Int
}

/// A request as it reached the fault plan, and what became of it.
public struct ObservedRequest: Sendable, Hashable {
    /// What became of a request.
    public enum Outcome: Sendable, Hashable {
        /// Nothing yet.
        case pending
        /// An answer with this status went out; of a watch, its beginning.
        case answered(Int)
        /// No answer went out: why.
        case failed(String)
    }

    /// Counts the requests from 1.
    public var number: Int
    /// What was asked.
    public var request: RequestDescription
    /// When it arrived: time since the cluster was made, by its clock.
    public var time: Duration
    /// What became of it.
    public var outcome: Outcome

    /// The status of its answer, if it has one.
    public var status: Int? { if case .answered(let status) = outcome { status } else { nil } }
}
