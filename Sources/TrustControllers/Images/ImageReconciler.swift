import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import Metrics
import OCIModel
import OCIRegistry
import TrustModel
import TrustResources

/// Keeps the verification of one image in one namespace true: gathers what runs and which policies speak for it, has it
/// judged, and applies the judgement to the object, its Events and the time of the next look.
struct ImageReconciler: Sendable {
    let client: APIClient
    let gatherer: ImageGatherer
    let judgements: SharedJudgements
    /// Reads images as their pods may; `nil` to read them as the operator alone.
    let credentials: WorkloadCredentials?
    let schedule: JudgementSchedule
    let consistency: ConsistencyStore<ObjectKey>
    let events: EventRecorder
    let audience: PodAudience
    let untold = UntoldChanges<ImageVerificationStatus>()
    /// How long at most the registry's answer about a trusted image is believed.
    let evidenceAge: @Sendable () -> Duration
    let now: @Sendable () -> Date
    /// A number in 0..<1 for each look, which spreads the next one.
    let spread: @Sendable () -> Double
    let logger: Logger
    /// Where changes of verdicts are counted.
    let metricsFactory: any MetricsFactory

    /// How long a key waits for a policy that is being prepared; the catalog wakes it earlier.
    private static let pendingDelay: Duration = .seconds(1)
    /// How soon an outage is looked at again, where the interval is longer.
    private static let outageDelay: Duration = .seconds(15)

    func reconcile(_ key: ObjectKey) async throws -> ReconcileOutcome {
        guard let situation = gatherer.situation(of: key) else {
            forget(key)
            return .done
        }
        if situation.pods.isEmpty, situation.isManaged { return try await remove(situation) }
        switch situation.coverage {
        case .pending: return .requeue(after: Self.pendingDelay)
        case .policies(let policies) where policies.isEmpty && situation.isManaged:
            return try await remove(situation)
        case .policies(let policies):
            return try await judge(situation, policies)
        }
    }

    private func forget(_ key: ObjectKey) {
        schedule.forget(key)
        audience.forget(key)
        untold.end(key)
    }

    private func remove(_ situation: ImageSituation) async throws -> ReconcileOutcome {
        forget(situation.key)
        guard let existing = situation.existing else { return .done }
        do {
            try await client.resource(ImageVerification.self).delete(
                situation.key.name,
                namespace: situation.key.namespace,
                uid: existing.metadata.uid
            )
            consistency.deleted(existing, for: situation.key, uid: existing.metadata.uid)
        } catch let error as APIError where error.httpStatus == 404 || error.code == .conflict {
            // Somebody was faster, or made another object under the name.
        }
        return .done
    }

    // MARK: - Judging

    private func judge(_ situation: ImageSituation, _ policies: [PolicyEntry]) async throws -> ReconcileOutcome {
        // Namespaces take turns at registries, as they do in the queue.
        try await RegistryTenant.$name.withValue(situation.key.namespace ?? "") {
            try await judgeInTurn(situation, policies)
        }
    }

    private func judgeInTurn(_ situation: ImageSituation, _ policies: [PolicyEntry]) async throws -> ReconcileOutcome {
        let interval = policies.shortestInterval
        // A registry that does not answer must not keep a process from ending that another waits to replace.
        let (dated, tags) = try await untilGracefulShutdown {
            try await findings(situation, policies, interval: interval)
        }
        guard try await apply(dated, tags, situation, policies) else { return .retry }
        schedule.record(situation.key, at: now())
        return .requeue(after: delay(dated.judgement, interval: interval))
    }

    /// What there is to be found out about an image: reads only.
    private func findings(
        _ situation: ImageSituation,
        _ policies: [PolicyEntry],
        interval: Duration
    ) async throws -> (DatedJudgement, [MovedTag]?) {
        let begun = now()
        let (dated, access) = try await judgement(situation, policies, interval: interval)
        // What a cancelled task found out is no judgement.
        try Task.checkCancellation()
        guard !dated.judgement.reason.isOutage else { return (dated, nil) }
        let age = Self.tagAge(
            evidenceAge(),
            interval: interval,
            maxStaleness: policies.shortestMaxStaleness,
            wasJudgedNow: dated.madeAt >= begun
        )
        // Whoever asks for everything to be asked again means tags too.
        let tags = await TagComparison(
            judgements: judgements,
            access: access,
            age: situation.request == nil ? age : .zero
        )
        .movedTags(among: situation.followedTags)
        try Task.checkCancellation()
        return (dated, tags)
    }

    private func judgement(
        _ situation: ImageSituation,
        _ policies: [PolicyEntry],
        interval: Duration
    ) async throws -> (DatedJudgement, ImageAccess?) {
        var judgements = policies.compactMap(Self.judgementOfInvalid)
        judgements += situation.silences.map { Self.judgement(of: $0.policy, .noPolicy, $0.cause) }
        let ready = policies.compactMap { entry -> PreparedPolicy? in
            if case .ready(let prepared) = entry.state { prepared } else { nil }
        }
        switch situation.subject {
        case .unidentified(let reason, let message):
            judgements += ready.map { Self.judgement(of: $0.policy.name, reason, message) }
            return (DatedJudgement(judgement: ImageJudgement(combining: judgements, digest: nil), madeAt: now()), nil)
        case .references(let references):
            let reading = try await reading(references, situation)
            guard !ready.isEmpty else {
                let judgement = ImageJudgement(combining: judgements, digest: references.first?.digest)
                return (DatedJudgement(judgement: judgement, madeAt: now()), reading.access)
            }
            suggestIndex(references, situation)
            let shared = await self.judgements.judgement(
                of: references,
                in: situation.context,
                policies: ready,
                reading: reading.access,
                within: age(situation, policies, interval: interval),
                now: now
            )
            let all = judgements + shared.judgement.judgements.map { $0.noting(reading.troubles) }
            let combined = ImageJudgement(combining: all, digest: shared.judgement.digest)
            return (DatedJudgement(judgement: combined, madeAt: shared.madeAt), reading.access)
        }
    }

    /// Tells the judge of the index that vouched for the image before this process began: its tag may have moved since.
    private func suggestIndex(_ references: [ImageReference], _ situation: ImageSituation) {
        guard let status = situation.existing?.status, status.verifiedManifest == .index,
            let index = status.verifiedDigest.flatMap({ try? Digest($0) })
        else { return }
        for reference in references {
            guard let digest = reference.digest, status.digest == digest.description else { continue }
            judgements.suggest(index, for: digest, in: reference.repository)
        }
    }

    /// How the image is read: with the credentials of all pods that run it.
    private func reading(
        _ references: [ImageReference],
        _ situation: ImageSituation
    ) async throws -> WorkloadCredentials.Reading {
        guard let credentials else { return WorkloadCredentials.Reading() }
        return try await credentials.reading(
            Set(references.map(\.repository)),
            for: Set(situation.pods.map(\.value.pullSecrets)),
            in: situation.key.namespace ?? "",
            now: now
        )
    }

    /// How old a judgement of the same image may be.
    private func age(_ situation: ImageSituation, _ policies: [PolicyEntry], interval: Duration) -> JudgementAge {
        let demands = policies.compactMap(\.demand?.seenAt) + (situation.request == nil ? [] : [now()])
        return JudgementAge(
            any: schedule.maximumAge(situation.key, interval: interval, now: now()),
            trusted: Self.trustedAge(
                evidenceAge(),
                interval: interval,
                maxStaleness: policies.shortestMaxStaleness,
                spread: spread()
            ),
            notBefore: demands.max()
        )
    }

    /// How old a judgement that trusts an image may be: `longest` or five intervals, and never so old that the verdict
    /// would grow stale before the next.
    ///
    /// - Parameters:
    ///   - longest: the setting.
    ///   - interval: the shortest interval of the policies that speak.
    ///   - maxStaleness: the shortest of those policies.
    ///   - spread: 0 to 1, which keeps a thousand images that were judged together from being asked about together
    ///     again.
    /// - Returns: the age from which on the registry is asked again.
    static func trustedAge(
        _ longest: Duration,
        interval: Duration,
        maxStaleness: Duration,
        spread: Double
    ) -> Duration {
        min(longest, interval * 5, maxStaleness / 2) * (0.6 + 0.4 * spread)
    }

    /// How old an answer about where a tag leads may be: as old as one about signatures where nobody else was asked in this
    /// look, and twice that, or one and a half intervals, where somebody was, so that one look asks one thing.
    static func tagAge(
        _ longest: Duration,
        interval: Duration,
        maxStaleness: Duration,
        wasJudgedNow: Bool
    ) -> Duration {
        let age = trustedAge(longest, interval: interval, maxStaleness: maxStaleness, spread: 1)
        return wasJudgedNow ? max(age * 2, interval * 1.5) : age
    }

    private static func judgementOfInvalid(_ entry: PolicyEntry) -> PolicyJudgement? {
        guard case .invalid(let reason, let message) = entry.state else { return nil }
        return judgement(of: entry.name, reason, message)
    }

    private static func judgement(of policy: PolicyName, _ reason: Reason, _ message: String) -> PolicyJudgement {
        let finding = Finding(policy: policy, authority: "policy", verdict: .unknown, reason: reason, message: message)
        return PolicyJudgement(
            policy: policy,
            verdict: .unknown,
            reason: reason,
            message: message,
            findings: [finding]
        )
    }

    /// When to look again: after the interval with a little spread, at the moment the verdict lapses or revocation has to
    /// be asked about again, or soon after an outage.
    private func delay(_ judgement: ImageJudgement, interval: Duration) -> Duration {
        var delay = interval * (0.9 + 0.2 * spread())
        if judgement.reason.isOutage { delay = min(delay, Self.outageDelay * (0.8 + 0.4 * spread())) }
        delay = Self.together(delay, now: now())
        guard let end = judgement.holdsUntil else { return delay }
        return min(delay, .seconds(max(0.1, end.timeIntervalSince(now()) + 0.1)))
    }

    /// The delay until the next moment after `delay` at which others are looked at too, where it is long enough for that
    /// to make no difference: a tenth of the delay later at most, and five seconds.
    ///
    /// A thousand images that are looked at a minute would wake the process seventeen times a second, each time from
    /// sleep; together they wake it once in five seconds.
    static func together(_ delay: Duration, now: Date) -> Duration {
        let seconds = delay / .seconds(1)
        let step = min(5, (seconds / 10).rounded(.down))
        guard step >= 1 else { return delay }
        let due = now.timeIntervalSince1970 + seconds
        guard due.isFinite else { return delay }
        return delay + .seconds((due / step).rounded(.up) * step - due)
    }

    // MARK: - Applying

    /// Writes what the judgement changes.
    ///
    /// - Returns: `false` when somebody changed the object meanwhile, so that it has to be looked at again.
    private func apply(
        _ dated: DatedJudgement,
        _ tags: [MovedTag]?,
        _ situation: ImageSituation,
        _ policies: [PolicyEntry]
    ) async throws -> Bool {
        let judgement = dated.judgement
        let previous = situation.existing?.status
        let told = untold.lastTold(situation.key, present: previous)
        let maxStaleness = policies.shortestMaxStaleness
        var observation = ImageObservation(
            judgement: judgement,
            repository: Self.repository(situation),
            maxStaleness: maxStaleness,
            now: now()
        )
        observation.judgedAt = dated.madeAt
        observation.workloads = situation.pods.isEmpty ? nil : Self.workloads(situation)
        observation.generation = situation.existing?.metadata.generation ?? 1
        observation.request = situation.request
        observation.movedTags = tags
        let revisions = policies.map(\.revision).sorted()
        observation.lastConfirmed = schedule.lastConfirmed(situation.key)
        observation.policiesChanged = schedule.policiesChanged(situation.key, revisions)
        if !judgement.reason.isOutage { schedule.confirm(situation.key, under: revisions, at: dated.madeAt) }
        let status = ImageVerificationStatus(projecting: observation, previous: previous)
        let heartbeat = ImageVerificationStatus.heartbeat(maxStaleness: maxStaleness)
        guard status.needsWrite(after: previous, heartbeat: heartbeat) else {
            // A pod may have started with an image that is known to be bad.
            if let existing = situation.existing { announce(existing, previous: told, situation) }
            untold.end(situation.key)
            return true
        }
        var found = situation.existing
        if found == nil { found = try await create(situation) }
        guard let object = found else { return false }
        let bounded = try object.bounded(status)
        untold.begin(situation.key, told: told)
        guard var stored = try await StatusWriter(client: client).write(json: bounded.json, of: object) else {
            return false
        }
        stored.status = bounded.status
        consistency.wrote(stored, for: situation.key, uid: stored.metadata.uid)
        announce(stored, previous: told, situation)
        untold.end(situation.key)
        return true
    }

    /// Makes the object of an image.
    ///
    /// - Returns: `nil` when somebody was faster; the watch will show what there is.
    private func create(_ situation: ImageSituation) async throws -> ImageVerification? {
        let metadata = ObjectMeta(
            name: situation.key.name,
            namespace: situation.key.namespace,
            labels: [TrustAPI.managedByLabel: TrustAPI.managedByValue]
        )
        var object = ImageVerification(
            metadata: metadata,
            spec: ImageVerificationSpec(image: Self.image(situation))
        )
        do {
            let header = try await client.resource(ImageVerification.self).headerAfterCreating(object)
            (object.metadata.uid, object.metadata.resourceVersion) = (header.uid, header.resourceVersion)
            // What is new is of the first generation.
            object.metadata.generation = 1
            consistency.wrote(object, for: situation.key, uid: header.uid)
            return object
        } catch let error as APIError where error.code == .alreadyExists {
            return nil
        }
    }

    private func announce(
        _ stored: ImageVerification,
        previous: ImageVerificationStatus?,
        _ situation: ImageSituation
    ) {
        guard let status = stored.status else { return }
        if let notice = ImageEvents.tagNotice(for: stored, previous: previous) { events.record(notice) }
        let isChanged = status.verdict != previous?.verdict
        let pods = audience.pods(
            situation.key,
            status: status,
            previous: previous,
            pods: situation.pods,
            now: now()
        )
        for notice in ImageEvents.notices(for: stored, isChanged: isChanged, pods: pods) { events.record(notice) }
        guard isChanged else { return }
        countChange(from: previous?.verdict, to: status)
        logger.info(
            "verdict changed",
            metadata: [
                "trust.image": "\(stored.spec.image)", "namespace": "\(stored.metadata.namespace ?? "")",
                "verdict": "\(stored.status?.verdict?.rawValue ?? "")", "from": "\(previous?.verdict?.rawValue ?? "")",
                "reason": "\(stored.status?.reason?.rawValue ?? "")",
            ]
        )
    }

    private func countChange(from earlier: Verdict?, to status: ImageVerificationStatus) {
        let dimensions = [
            ("from", earlier?.rawValue ?? "None"), ("to", status.verdict?.rawValue ?? "None"),
            ("reason", status.reason?.rawValue ?? "None"),
        ]
        Counter(label: "vigil_verdict_changes_total", dimensions: dimensions, factory: metricsFactory).increment()
    }

    private static func image(_ situation: ImageSituation) -> String {
        switch situation.subject {
        case .references(let references): references.first?.description ?? situation.key.name
        case .unidentified: situation.running.first?.image.written ?? situation.key.name
        }
    }

    private static func repository(_ situation: ImageSituation) -> String {
        switch situation.subject {
        case .references(let references): references.first?.repository.description ?? ""
        case .unidentified: image(situation)
        }
    }

    private static func workloads(_ situation: ImageSituation) -> ImageVerificationStatus.Workloads {
        ImageVerificationStatus.Workloads(
            pods: situation.pods.count,
            names: situation.pods.map(\.key.name),
            tags: situation.running.compactMap(\.image.tag)
        )
    }
}
