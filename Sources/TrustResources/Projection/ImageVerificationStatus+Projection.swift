import FoundationEssentials
import KubernetesAPI
import OCIModel
import TrustModel

extension ImageVerificationStatus {
    /// The status that follows from `observation`, given the `previous` one.
    ///
    /// Pure: the same input gives the same status.
    ///
    /// An outage (``TrustModel/Reason/isOutage``) keeps an earlier verdict for `maxStaleness` after it was last
    /// confirmed, with Fresh=False; after that the verdict is Unknown with reason `VerdictStale`. A Trusted verdict is
    /// not kept beyond its own end (`validUntil`), nor under policies that did not speak when it was made.
    public init(projecting observation: ImageObservation, previous: ImageVerificationStatus?) {
        let outcome = VerdictRetention(observation: observation, previous: previous).outcome
        self.init()
        switch outcome {
        case .judged, .unanswered: report(observation)
        case .kept(let earlier, _): keep(earlier)
        case .stale(let earlier, let since):
            keep(earlier)
            verdict = .unknown
            reason = .verdictStale
            message = Self.staleMessage(since: since, observation).reported(to: StatusLimits.messageCharacters)
            signer = nil
            validUntil = nil
        }
        if case .judged = outcome, reason != .pending {
            lastJudged = KubernetesTime(min(observation.judgedAt, observation.now))
        } else {
            lastJudged = outcome.lastJudged
        }
        observedGeneration = observation.generation
        repository = observation.repository.reported(to: StatusLimits.imageCharacters)
        workloads = observation.workloads
        lastHandledVerifyRequest = observation.request?.token ?? previous?.lastHandledVerifyRequest
        history = Self.history(previous, verdict: verdict, reason: reason, now: observation.now)
        conditions = previous?.conditions ?? []
        setConditions(observation, outcome)
    }

    private mutating func report(_ observation: ImageObservation) {
        let judgement = observation.judgement
        verdict = judgement.verdict
        reason = judgement.reason
        message = judgement.message.reported(to: StatusLimits.messageCharacters)
        digest = judgement.digest?.description
        verifiedDigest = judgement.verifiedDigest?.description
        verifiedManifest = judgement.carrier
        validUntil = judgement.validUntil.map(KubernetesTime.init)
        let all = judgement.findings
        let deciding = all.filter { $0.verdict == judgement.verdict && $0.reason == judgement.reason }
        // Anybody can write any name into a certificate: only a signer who is trusted is named here.
        signer = judgement.verdict == .trusted ? deciding.lazy.compactMap(\.signer).first.map(SignerName.short) : nil
        let shown = FindingSelection.select(StatusLimits.findings, of: all) { $0.verdict }.map(FindingStatus.init)
        findings = shown.isEmpty ? nil : shown
    }

    private mutating func keep(_ earlier: ImageVerificationStatus) {
        verdict = earlier.verdict
        reason = earlier.reason
        message = earlier.message
        digest = earlier.digest
        verifiedDigest = earlier.verifiedDigest
        verifiedManifest = earlier.verifiedManifest
        signer = earlier.signer
        findings = earlier.findings
        validUntil = earlier.validUntil
    }

    private static func staleMessage(since: KubernetesTime, _ observation: ImageObservation) -> String {
        "nobody could be asked since \(since): \(observation.judgement.message)"
    }

    private static func history(
        _ previous: ImageVerificationStatus?,
        verdict: Verdict?,
        reason: Reason?,
        now: Date
    ) -> [VerdictChange]? {
        let earlier = previous?.history ?? []
        guard let verdict, let reason, reason != .pending, earlier.first?.to != verdict else {
            return earlier.isEmpty ? nil : earlier
        }
        let change = VerdictChange(time: KubernetesTime(now), from: previous?.verdict, to: verdict, reason: reason)
        return Array(([change] + earlier).prefix(StatusLimits.history))
    }
}

// MARK: - Conditions

extension ImageVerificationStatus {
    private mutating func setConditions(_ observation: ImageObservation, _ outcome: VerdictRetention.Outcome) {
        let verdict = verdict ?? .unknown
        let reason = reason ?? .pending
        let message = message ?? ""
        let verified: Condition.Status =
            switch verdict {
            case .trusted: .true
            case .untrusted, .unsupported: .false
            case .unknown: .unknown
            }
        set(ConditionType.verified, verified, reason.rawValue, message, observation)
        setFresh(observation, outcome)
        setTagMoved(observation)
        // Ready says the same as Verified: an image that nobody vouches for must not pass a gate by it.
        set(ConditionType.ready, verified == .unknown ? .false : verified, reason.rawValue, message, observation)
        if Self.needsPerson(verdict, reason) {
            set(ConditionType.stalled, .true, reason.rawValue, message, observation)
        } else {
            conditions?.remove(type: ConditionType.stalled)
        }
    }

    /// What could not be found out leaves the condition as it is.
    private mutating func setTagMoved(_ observation: ImageObservation) {
        guard let moved = observation.movedTags else { return }
        guard !moved.isEmpty else {
            conditions?.remove(type: ConditionType.tagMoved)
            return
        }
        let clauses = moved.map(\.clause).joined(separator: "; ")
        let text = "\(clauses); what runs is judged by its own digest"
        set(ConditionType.tagMoved, .true, ConditionReason.leadsElsewhere, text, observation)
    }

    private mutating func setFresh(_ observation: ImageObservation, _ outcome: VerdictRetention.Outcome) {
        let judgement = observation.judgement
        switch outcome {
        case .judged where judgement.reason == .pending:
            set(ConditionType.fresh, .unknown, judgement.reason.rawValue, judgement.message, observation)
        case .judged:
            set(
                ConditionType.fresh,
                .true,
                ConditionReason.confirmed,
                "the latest attempt confirmed the verdict",
                observation
            )
        case .unanswered:
            set(ConditionType.fresh, .false, judgement.reason.rawValue, judgement.message, observation)
        case .kept(_, let since):
            let end = KubernetesTime(since.date.addingTimeInterval(observation.maxStaleness.seconds))
            let text = "the verdict of \(since) is kept until \(end): \(judgement.message)"
            set(ConditionType.fresh, .false, judgement.reason.rawValue, text, observation)
        case .stale(_, let since):
            set(
                ConditionType.fresh,
                .false,
                judgement.reason.rawValue,
                Self.staleMessage(since: since, observation),
                observation
            )
        }
    }

    /// Whether waiting will not help: somebody must change the image, the policy or the object.
    private static func needsPerson(_ verdict: Verdict, _ reason: Reason) -> Bool {
        switch verdict {
        case .trusted: false
        case .untrusted, .unsupported: true
        case .unknown: [.referenceInvalid, .policyInvalid, .noPolicy, .notInRegistry].contains(reason)
        }
    }

    private mutating func set(
        _ type: String,
        _ status: Condition.Status,
        _ reason: String,
        _ message: String,
        _ observation: ImageObservation
    ) {
        var all = conditions ?? []
        all.set(
            Condition(
                type: type,
                status: status,
                observedGeneration: observation.generation,
                lastTransitionTime: KubernetesTime(observation.now),
                reason: reason,
                message: message.reported(to: StatusLimits.messageCharacters)
            )
        )
        conditions = all
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
