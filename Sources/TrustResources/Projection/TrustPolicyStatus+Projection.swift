public import FoundationEssentials
import KubernetesAPI
import TrustModel

extension TrustPolicyStatus {
    /// The status that follows from reading a policy, given the `previous` one.
    ///
    /// Pure.
    ///
    /// - Parameters:
    ///   - outcome: the policy, or why it cannot be applied.
    ///   - images: the running images that it speaks for.
    ///   - uses: how many running images each anchor vouches for.
    ///   - lapses: when those of them that are trusted stop being so; `nil` says nothing about it.
    ///   - request: the request that was passed on to the images; `nil` where there was none.
    ///   - generation: the generation that was read.
    ///   - previous: what was last written.
    ///   - now: the present.
    public init(
        projecting outcome: Result<CompiledPolicy, PolicyProblems>,
        images: ImageCounts,
        uses: [AnchorUse: Int] = [:],
        lapses: PolicyLapses? = nil,
        request: VerificationRequest? = nil,
        generation: Int64?,
        previous: TrustPolicyStatus?,
        now: Date
    ) {
        self.init()
        observedGeneration = generation
        self.images = images
        lastHandledVerifyRequest = request?.token ?? previous?.lastHandledVerifyRequest
        conditions = previous?.conditions ?? []
        switch outcome {
        case .success(let compiled):
            setConditions(accepted: compiled, now)
            if let lapses { setLapsing(lapses, now) }
            let known = compiled.anchors.prefix(StatusLimits.anchors).map { anchor in
                var anchor = anchor
                anchor.images = uses[AnchorUse(authority: anchor.authority, sha256: anchor.sha256)] ?? 0
                return anchor
            }
            anchors = known.isEmpty ? nil : known
        case .failure(let problems): setConditions(refused: problems, now)
        }
    }

    /// An anchor of a policy as findings name it.
    public struct AnchorUse: Sendable, Hashable {
        /// The authority in the policy.
        public var authority: String
        /// The SHA-256 of the certificate, in lower-case hex.
        public var sha256: String

        /// Names an anchor.
        public init(authority: String, sha256: String) {
            self.authority = authority
            self.sha256 = sha256
        }
    }

    private mutating func setConditions(accepted compiled: CompiledPolicy, _ now: Date) {
        let text = (["the policy is valid and applied"] + compiled.warnings + Self.uncounted(compiled))
            .joined(separator: "; ")
        set(ConditionType.ready, .true, ConditionReason.accepted, text, now)
        conditions?.remove(type: ConditionType.reconciling)
        conditions?.remove(type: ConditionType.stalled)
        setStale(compiled.outages, now)
        let stores = Array(compiled.trustStores.prefix(StatusLimits.trustStores))
        guard let first = stores.first else {
            conditions?.remove(type: ConditionType.trustStoreExpiring)
            return
        }
        trustStores = stores
        expires = first.notAfter
        let place = "a certificate of trust store \(first.name)"
        if first.notAfter.date <= now {
            set(
                ConditionType.trustStoreExpiring,
                .true,
                ConditionReason.certificateExpired,
                "\(place) expired at \(first.notAfter); replace it",
                now
            )
        } else if first.notAfter.date.timeIntervalSince(now) <= Self.expiryWarning.seconds {
            set(
                ConditionType.trustStoreExpiring,
                .true,
                ConditionReason.certificateExpiresSoon,
                "\(place) expires at \(first.notAfter); add its successor",
                now
            )
        } else {
            set(
                ConditionType.trustStoreExpiring,
                .false,
                ConditionReason.certificatesValid,
                "\(place) is the first to expire, at \(first.notAfter)",
                now
            )
        }
    }

    /// What is said where there are more anchors than a status may hold: nobody sees when the others expire.
    private static func uncounted(_ compiled: CompiledPolicy) -> [String] {
        let excess = compiled.anchors.count - StatusLimits.anchors
        guard excess > 0 else { return [] }
        return [
            "status.anchors names the \(StatusLimits.anchors) certificates that expire first, and leaves out \(excess): "
                + "trust fewer, or split the policy"
        ]
    }

    private mutating func setStale(_ outages: [String], _ now: Date) {
        guard !outages.isEmpty else {
            conditions?.remove(type: ConditionType.trustStoreStale)
            return
        }
        let reason = Reason.trustStoreUnavailable.rawValue
        set(ConditionType.trustStoreStale, .true, reason, outages.joined(separator: "; "), now)
    }

    /// Says nothing that changes from day to day while nothing lapses soon: every change is a write.
    private mutating func setLapsing(_ lapses: PolicyLapses, _ now: Date) {
        let soon = lapses.count(within: .month, of: now)
        guard soon > 0, let first = lapses.first else {
            let text = "no trusted image lapses by itself within 30 days"
            return set(ConditionType.trustLapsing, .false, ConditionReason.verdictsHold, text, now)
        }
        let images = soon == 1 ? "1 trusted image lapses" : "\(soon) trusted images lapse"
        set(
            ConditionType.trustLapsing,
            .true,
            ConditionReason.verdictsLapseSoon,
            "\(images) within 30 days, \(lapses.count(within: .week, of: now)) of them within 7 days, the first at "
                + "\(KubernetesTime(first)); sign them anew, or renew what they rest on",
            now
        )
    }

    private mutating func setConditions(refused problems: PolicyProblems, _ now: Date) {
        let text = problems.description
        conditions?.remove(type: ConditionType.trustStoreExpiring)
        conditions?.remove(type: ConditionType.trustLapsing)
        conditions?.remove(type: ConditionType.trustStoreStale)
        if problems.isUnresolved {
            // What is missing may yet appear: kstatus calls that InProgress.
            let reason = Reason.trustStoreUnavailable.rawValue
            set(ConditionType.ready, .false, reason, text, now)
            set(ConditionType.reconciling, .true, reason, text, now)
            conditions?.remove(type: ConditionType.stalled)
        } else {
            let reason = Reason.policyInvalid.rawValue
            set(ConditionType.ready, .false, reason, text, now)
            set(ConditionType.stalled, .true, reason, text, now)
            conditions?.remove(type: ConditionType.reconciling)
        }
    }

    private mutating func set(
        _ type: String,
        _ status: Condition.Status,
        _ reason: String,
        _ message: String,
        _ now: Date
    ) {
        var all = conditions ?? []
        all.set(
            Condition(
                type: type,
                status: status,
                observedGeneration: observedGeneration,
                lastTransitionTime: KubernetesTime(now),
                reason: reason,
                message: message.reported(to: StatusLimits.messageCharacters)
            )
        )
        conditions = all
    }

    /// Whether it must be written over `previous`.
    public func needsWrite(after previous: TrustPolicyStatus?) -> Bool { self != previous }
}
