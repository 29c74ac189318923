import FoundationEssentials
import NotaryVerification

/// Gathers what the questions of one judgement ask for, each answer once, within one budget of time and requests for all
/// of its signatures.
actor RevocationGathering {
    private let source: any RevocationSource
    private let now: Date
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private var known = RevocationEvidence()
    private var requests = 0

    /// How long all answers of one judgement may take.
    static let budget: Duration = .seconds(20)
    /// How many requests one judgement may lead to.
    static let maximumRequests = 64

    init(source: any RevocationSource, now: Date, clock: any Clock<Duration>) {
        self.source = source
        self.now = now
        self.clock = clock
        elapsed = Self.stopwatch(clock)
    }

    private static func stopwatch<C: Clock>(_ clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// What came back, for every request that the questions led to.
    func evidence(for questions: [RevocationQuestion]) async -> RevocationEvidence {
        await withTaskGroup(of: RevocationEvidence.self) { group in
            for lookup in questions.flatMap(\.lookups) { group.addTask { await self.evidence(for: lookup) } }
            var evidence = RevocationEvidence()
            for await next in group { evidence.merge(next) }
            return evidence
        }
    }

    /// Asks what the lookup wants to know next until it wants nothing more: every request gets an answer, if only that there
    /// is none, so this ends.
    private func evidence(for lookup: RevocationLookup) async -> RevocationEvidence {
        var evidence = RevocationEvidence()
        while case .ask(let requests) = lookup.progress(evidence, now: now) {
            await withTaskGroup(of: (RevocationRequest, RevocationAnswer).self) { group in
                for request in requests { group.addTask { (request, await self.answer(request, lookup)) } }
                for await (request, answer) in group { evidence.answers[request] = answer }
            }
        }
        return evidence
    }

    private func answer(_ request: RevocationRequest, _ lookup: RevocationLookup) async -> RevocationAnswer {
        if let answer = known.answers[request] { return answer }
        guard requests < Self.maximumRequests else {
            return .failure("the image led to more than \(Self.maximumRequests) requests about revocation")
        }
        requests += 1
        let answer = await timed(request, lookup)
        known.answers[request] = answer
        return answer
    }

    private func timed(_ request: RevocationRequest, _ lookup: RevocationLookup) async -> RevocationAnswer {
        let rest = Self.budget - elapsed()
        let late = RevocationAnswer.failure("all requests about revocation took longer than \(Self.budget) together")
        guard rest > .zero else { return late }
        let (source, now, clock) = (source, now, clock)
        return await clock.run(within: rest) { await source.answer(to: request, for: lookup, now: now) } ?? late
    }
}
