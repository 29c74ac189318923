/// What may still be asked of one host, for one account where it counts those: buckets, and a pause that it asked for.
///
/// A value: its methods take the time, since whatever beginning, and say what to do.
struct HostBudget: Sendable {
    /// What a request is to do.
    enum Decision: Sendable, Hashable {
        /// Go after this long; its tokens are taken.
        case go(after: Duration)
        /// Do not go: that would take this long.
        case refused(Duration, because: Cause)
    }

    /// Why a request does not go.
    enum Cause: Sendable, Hashable {
        /// The host asked to be left alone.
        case asked
        /// Its allowance of requests is used up.
        case requests
        /// Its allowance of pulls is used up.
        case pulls
    }

    /// What a host says about pulls in its answer (docs.docker.com/docker-hub/usage/pulls/).
    struct Notice: Sendable, Hashable {
        var limit: Double
        /// Over how many seconds the limit holds.
        var window: Double
        var remaining: Double
    }

    /// The longest that a host is left alone because it said so, however long it asked for: then one look is due, so
    /// that what happened meanwhile is known before verdicts grow stale.
    static let longestPause: Duration = .seconds(900)

    private let allowance: RegistryAllowance
    private let share: Double
    private(set) var requests: TokenBucket?
    private(set) var pulls: TokenBucket?
    private var pausedUntil: Duration = .zero

    init(_ allowance: RegistryAllowance, share: Double, now: Duration) {
        self.allowance = allowance
        self.share = share
        requests = allowance.requests.map { TokenBucket(capacity: $0.burst, perSecond: $0.perSecond, now: now) }
        pulls = allowance.pulls.map { TokenBucket(capacity: $0.burst, perSecond: $0.perSecond, now: now) }
    }

    /// Whether nothing would be lost by forgetting it.
    func isAtRest(_ now: Duration) -> Bool {
        pausedUntil <= now && (requests?.isAtRest(now) ?? true) && (pulls?.isAtRest(now) ?? true)
    }

    /// How long the host is still to be left alone because it said so.
    func pause(_ now: Duration) -> Duration { max(.zero, pausedUntil - now) }

    /// A request wants to go, and would wait for `patience`.
    mutating func reserve(isPull: Bool, patience: Duration, now: Duration) -> Decision {
        let pause = pause(now)
        if pause > patience { return .refused(pause, because: .asked) }
        let request = requests?.wait(now) ?? .zero
        if request > patience { return .refused(request, because: .requests) }
        let pull = isPull ? pulls?.wait(now) ?? .zero : .zero
        if pull > patience { return .refused(pull, because: .pulls) }
        requests?.take(now)
        if isPull { pulls?.take(now) }
        return .go(after: max(pause, request, pull))
    }

    /// A request that had its tokens did not go.
    mutating func giveBack(isPull: Bool) {
        requests?.giveBack()
        if isPull { pulls?.giveBack() }
    }

    /// The host answered.
    ///
    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - isPull: whether the request could count as one.
    ///   - notice: what it says about pulls.
    ///   - retryAfter: how long it asks to be left alone.
    ///   - now: the time.
    mutating func answered(
        _ status: Int,
        isPull: Bool,
        notice: Notice?,
        retryAfter: Duration?,
        now: Duration
    ) {
        if status == 429 || status == 503, let retryAfter {
            // A server that cannot is asked again sooner than one that does not want to.
            let longest = status == 429 ? Self.longestPause : .seconds(60)
            pausedUntil = max(pausedUntil, now + min(retryAfter, longest))
        }
        if status == 429 {
            requests?.slowDown(now)
            if isPull { pulls?.slowDown(now) }
        }
        guard isPull else { return }
        if let notice {
            pulls?.learn(
                capacity: notice.limit * share,
                perSecond: notice.limit * share / notice.window,
                // What is not ours to take stays there.
                level: notice.remaining - notice.limit * (1 - share),
                now: now
            )
        } else if status != 429, allowance.announcesPulls || status != 200 {
            pulls?.giveBack()
        }
    }
}
