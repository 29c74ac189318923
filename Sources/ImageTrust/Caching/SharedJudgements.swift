public import FoundationEssentials
public import Metrics
public import OCIModel
import OCIRegistry
import TrustModel
import WorkSharing

/// Judges each image once under the same policies, however many namespaces and pods run it, for all that can read it with
/// the same credentials.
///
/// Callers that ask for the same judgement while it is being made wait for it; callers that ask later get it for as
/// long as it is young enough for them. An outage is not remembered, and neither is what a cancelled task found out.
public final class SharedJudgements: Sendable {
    private struct Key: Hashable {
        let principal: RegistryPrincipal
        let images: Set<ImageReference>
        let context: ImageContext
        let policies: [String]
    }

    private struct Memory: Sendable {
        var judgements: [Key: DatedJudgement] = [:]
        let capacity: Int

        mutating func keep(_ judgement: DatedJudgement, _ key: Key) {
            // An outage is not worth remembering: the next caller may have better luck.
            guard !judgement.judgement.reason.isOutage else { return }
            if judgements[key] == nil, judgements.count >= capacity {
                let byAge = judgements.sorted { $0.value.madeAt < $1.value.madeAt }
                for (key, _) in byAge.prefix(max(1, capacity / 4)) { judgements[key] = nil }
            }
            judgements[key] = judgement
        }
    }

    private let judge: ImageJudge
    private let clock: any Clock<Duration>
    private let durations: [Verdict: Timer]
    private let work: SharedWork<Key, DatedJudgement, Memory>

    /// Creates an empty memory in front of `judge`.
    ///
    /// - Parameters:
    ///   - judge: makes the judgements.
    ///   - capacity: the most judgements remembered; when full, the oldest quarter is forgotten.
    ///   - clock: measures how long judging takes.
    ///   - metricsFactory: where that goes, as `vigil_judgement_duration_seconds`; `nil` takes the process's.
    public init(
        judge: ImageJudge,
        capacity: Int = 20_000,
        clock: any Clock<Duration> = ContinuousClock(),
        metricsFactory: (any MetricsFactory)? = nil
    ) {
        self.judge = judge
        work = SharedWork(memory: Memory(capacity: max(1, capacity)))
        self.clock = clock
        let factory = metricsFactory ?? MetricsSystem.factory
        let timers = Verdict.allCases.map { verdict in
            let dimensions = [("verdict", verdict.rawValue)]
            return (verdict, Timer(label: "vigil_judgement_duration_seconds", dimensions: dimensions, factory: factory))
        }
        durations = Dictionary(timers) { first, _ in first }
    }

    /// Judges an image that is known under one or several references, all of which must be satisfied.
    ///
    /// When the task is cancelled, the answer is `Unknown` with an outage's reason, and nobody else gets it.
    ///
    /// - Parameters:
    ///   - images: the references, at least one, all of the same digest.
    ///   - context: what is known of it besides.
    ///   - policies: the policies that speak for it; each is applied to the references in its scope.
    ///   - access: the registry to ask, and for whom; `nil` asks the judge's own on behalf of everybody. What one
    ///     principal is told, no other is.
    ///   - age: how old a remembered judgement may be.
    ///   - now: the present moment.
    /// - Returns: what all policies together hold of the image under every reference, and since when.
    public func judgement(
        of images: [ImageReference],
        in context: ImageContext = ImageContext(),
        policies: [PreparedPolicy],
        reading access: ImageAccess? = nil,
        within age: JudgementAge,
        now: @Sendable () -> Date
    ) async -> DatedJudgement {
        let key = Key(
            principal: access?.principal ?? .shared,
            images: Set(images),
            context: context,
            policies: policies.map { "\($0.policy.name)#\($0.revision)" }.sorted()
        )
        // What another caller had begun before `age` allows is waited for, and then asked anew: by then nobody is at it
        // who began as early.
        for _ in 0..<2 {
            guard let judgement = await self.judgement(key, policies, access, within: age, now: now) else { break }
            if age.isLateEnough(judgement) { return judgement }
        }
        return DatedJudgement(judgement: Self.cancelled(policies, digest: images.first?.digest), madeAt: now())
    }

    /// Tells the judge of an index that vouched for an image in an earlier process; see ``IndexMemory/suggest(_:for:in:)``.
    public func suggest(_ index: Digest, for image: Digest, in repository: RepositoryName) {
        judge.indexes?.suggest(index, for: image, in: repository)
    }

    /// Where a tag that somebody runs leads at present, compared with what runs.
    ///
    /// - Parameters:
    ///   - tag: the tag, in the repository of `image`.
    ///   - image: what runs, with its digest.
    ///   - access: as for ``judgement(of:in:policies:reading:within:now:)``.
    ///   - age: how old an answer may be.
    /// - Returns: where it leads.
    public func standing(
        of tag: String,
        running image: ImageReference,
        reading access: ImageAccess? = nil,
        within age: Duration
    ) async -> TagStanding {
        await judge.asking(access).standing(of: tag, running: image, within: age)
    }

    private func judgement(
        _ key: Key,
        _ policies: [PreparedPolicy],
        _ access: ImageAccess?,
        within age: JudgementAge,
        now: @Sendable () -> Date
    ) async -> DatedJudgement? {
        // Lists that are believed for a while may be older than a person's request that nobody has met yet.
        var asksAnew = false
        return await work.value(
            for: key,
            known: { memory in
                let known = memory.judgements[key]
                asksAnew = age.notBefore != nil && !(known.map(age.isLateEnough) ?? false)
                return known.flatMap { age.allows($0, at: now()) ? $0 : nil }
            },
            make: {
                let madeAt = now()
                let judgement = await RegistryFreshness.$asksAnew.withValue(asksAnew) {
                    await judge(
                        key.images.sorted { $0.description < $1.description },
                        in: key.context,
                        policies: policies,
                        reading: access,
                        tagsWithin: age.trusted,
                        now: madeAt
                    )
                }
                return DatedJudgement(judgement: judgement, madeAt: madeAt)
            },
            keep: { memory, judgement in
                memory.keep(judgement, key)
                return judgement
            }
        )
    }

    private func judge(
        _ images: [ImageReference],
        in context: ImageContext,
        policies: [PreparedPolicy],
        reading access: ImageAccess?,
        tagsWithin tagAge: Duration,
        now: Date
    ) async -> ImageJudgement {
        let judge = judge.asking(access)
        let elapsed = Self.stopwatch(clock)
        var judgements: [PolicyJudgement] = []
        var digest: Digest?
        for image in images {
            let speaking = policies.filter { $0.policy.scope.contains(image.repository) }
            let judgement = await judge.judge(
                image,
                in: context,
                policies: speaking,
                tagsWithin: tagAge,
                now: now
            )
            digest = digest ?? judgement.digest
            judgements += judgement.judgements
        }
        let combined = ImageJudgement(combining: judgements, digest: digest)
        // What a cancelled task found out is no judgement.
        if !Task.isCancelled { durations[combined.verdict]?.recordNanoseconds(elapsed()) }
        return combined
    }

    /// A closure that tells how many nanoseconds ago this was called.
    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> () -> Int64 {
        let start = clock.now
        return {
            let (seconds, attoseconds) = start.duration(to: clock.now).components
            return min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
        }
    }

    private static func cancelled(_ policies: [PreparedPolicy], digest: Digest?) -> ImageJudgement {
        let judgements = policies.map {
            PolicyJudgement(
                policy: $0.policy.name,
                verdict: .unknown,
                reason: .registryUnreachable,
                message: "the judgement was cancelled before the registry had been asked",
                findings: []
            )
        }
        return ImageJudgement(combining: judgements, digest: digest)
    }
}
