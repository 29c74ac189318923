internal import KubernetesAPI
internal import Synchronization
internal import WorkSharing

/// Asks the API server whose a bearer token is (TokenReview), and whether they may do what they want
/// (SubjectAccessReview).
///
/// Answers are believed for moments and kept within bounds (``AccessLimits``); of those who ask the same at the same time
/// one asks the API server. What cannot be found out is an error, never a permission.
public final class TokenAccess: Sendable {
    private let client: APIClient
    private let audiences: [String]
    private let limits: AccessLimits
    private let clock: any Clock<Duration>
    private let stopwatch: Stopwatch
    private let memory: Mutex<AccessMemory>
    private let tokens = SingleFlights<AccessMemory.TokenKey, Void>()
    private let wishes = SingleFlights<AccessMemory.Wish, Void>()

    /// Creates an empty memory in front of `client`.
    ///
    /// - Parameters:
    ///   - client: asks; best with a throttle of its own, since anybody can make it ask.
    ///   - audiences: for whom a token must have been made, one of them; empty for the API server itself.
    ///   - limits: ages and bounds.
    ///   - clock: measures ages and the deadline.
    public init(
        client: APIClient,
        audiences: [String] = [],
        limits: AccessLimits = AccessLimits(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.client = client
        self.audiences = audiences
        self.limits = limits
        self.clock = clock
        stopwatch = Stopwatch(clock)
        memory = Mutex(AccessMemory(limits))
    }

    /// How many answers are remembered.
    var count: Int { memory.withLock { $0.count } }

    /// How many wait for another's question about `token`.
    func waitingCount(for token: String) -> Int { tokens.waitingCount(for: AccessMemory.TokenKey(token)) }

    /// Whether the owner of `token` may do `action`.
    ///
    /// - Throws: ``AccessReviewError`` when that could not be found out within the deadline; `CancellationError`.
    public func decision(token: String, action: AccessAction) async throws -> AccessDecision {
        let key = AccessMemory.TokenKey(token)
        if case .decided(let decision) = step(key, action) { return decision }
        let (clock, deadline) = (clock, limits.deadline)
        return try await withThrowingTaskGroup(of: AccessDecision?.self) { group in
            group.addTask { try await self.find(token, key, action) }
            group.addTask {
                try await clock.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            if let decision = try await group.next() ?? nil { return decision }
            throw AccessReviewError(
                isRefused: false,
                message: "the API server did not say within \(deadline.components.seconds) s whose a bearer token is, "
                    + "and what they may do"
            )
        }
    }

    private func step(_ key: AccessMemory.TokenKey, _ action: AccessAction) -> AccessMemory.Step {
        memory.withLock { $0.step(key, action, at: stopwatch.elapsed) }
    }

    private func find(_ token: String, _ key: AccessMemory.TokenKey, _ action: AccessAction) async throws
        -> AccessDecision
    {
        // What is learned may be too old when it arrives, or may have made room for others: then it is asked again.
        while true {
            try Task.checkCancellation()
            switch step(key, action) {
            case .decided(let decision): return decision
            case .askAboutToken:
                try await tokens.value(for: key) {
                    guard case .askAboutToken = self.step(key, action) else { return }
                    try await self.review(token, key)
                }
            case .askAboutWish(let wish):
                try await wishes.value(for: wish) {
                    guard case .askAboutWish = self.step(key, action) else { return }
                    try await self.review(wish)
                }
            }
        }
    }

    // MARK: - Questions

    private func review(_ token: String, _ key: AccessMemory.TokenKey) async throws {
        let asked = stopwatch.elapsed
        let question = TokenReview(token: token, audiences: audiences.isEmpty ? nil : audiences)
        let user = owner(try status(in: try await answer(question).status, TokenReview.resource))
        memory.withLock { $0.learn(key, belongsTo: user, at: asked) }
    }

    /// Whom a token belongs to (client-go, `plugin/pkg/authenticator/token/webhook`): authenticated, made for one of the
    /// audiences that were asked for, and with a name.
    private func owner(_ status: TokenReview.Status) -> TokenReview.UserInfo? {
        guard status.authenticated == true, let user = status.user, user.username?.isEmpty == false else {
            return nil
        }
        // A server that does not look at audiences says nothing of them.
        if !audiences.isEmpty, !audiences.contains(where: (status.audiences ?? []).contains) { return nil }
        return user
    }

    private func review(_ wish: AccessMemory.Wish) async throws {
        let asked = stopwatch.elapsed
        let question = SubjectAccessReview(user: wish.user, verb: wish.action.verb, path: wish.action.path)
        let status = try status(in: try await answer(question).status, SubjectAccessReview.resource)
        let isAllowed = status.allowed == true && status.denied != true
        memory.withLock { $0.learn(wish, isAllowed: isAllowed, at: asked) }
    }

    private func status<Status>(in answer: Status?, _ asked: ResourceType) throws(AccessReviewError) -> Status {
        if let answer { return answer }
        throw AccessReviewError(
            isRefused: false,
            message: "POST \(asked.path()) was answered with an object that has no status"
        )
    }

    private func answer<Question: KubernetesObject>(_ question: Question) async throws -> Question {
        do {
            do {
                return try await client.resource(Question.self).create(question)
            } catch let error as TransportError where error.code == .connectionLost {
                // A connection that the server closed just when it was used again. A question changes nothing.
                return try await client.resource(Question.self).create(question)
            }
        } catch let error as APIError {
            let isRefused = error.httpStatus == 403
            throw AccessReviewError(
                isRefused: isRefused,
                message: isRefused
                    ? "this client may not create \(Question.resource), which it must to check bearer tokens: "
                        + error.message : error.message
            )
        } catch let error as TransportError {
            throw AccessReviewError(isRefused: false, message: error.message)
        }
    }
}
