import FoundationEssentials
public import KubernetesAPI
import TrustModel

extension PolicyReport {
    /// What the names of the operator's reports begin with; the name of the verification follows.
    private static let namePrefix = "vigil-"
    /// The category under which reporters list results about signatures.
    private static let category = "Software Supply Chain Security"

    /// The verification that a report of this name is about; `nil` for a report that the operator did not name.
    public static func verification(ofReport key: ObjectKey) -> ObjectKey? {
        guard key.name.hasPrefix(namePrefix) else { return nil }
        return ObjectKey(namespace: key.namespace, name: String(key.name.dropFirst(namePrefix.count)))
    }

    /// The report of a verification: the same for the same verdict, whenever it is asked for.
    ///
    /// `nil` where nothing is held yet, and for one whose name leaves no room for the report's.
    ///
    /// - Parameter verification: what is held, as the server has it.
    public init?(reporting verification: ImageVerification) {
        guard let status = verification.status, let verdict = status.verdict, let uid = verification.metadata.uid else {
            return nil
        }
        let source = verification.metadata
        let name = Self.namePrefix + source.name
        guard name.utf8.count <= ObjectMeta.maximumNameBytes else { return nil }
        let metadata = ObjectMeta(
            name: name,
            namespace: source.namespace,
            labels: [TrustAPI.managedByLabel: TrustAPI.managedByValue],
            ownerReferences: [
                OwnerReference(
                    apiVersion: TrustAPI.apiVersion,
                    kind: ImageVerification.resource.kind,
                    name: source.name,
                    uid: uid
                )
            ]
        )
        let results = Self.judgements(status, verdict).prefix(Self.maximumResults).map { judgement in
            Self.result(judgement, status, verification)
        }
        self.init(
            metadata: metadata,
            scope: ObjectReference(
                apiVersion: TrustAPI.apiVersion,
                kind: ImageVerification.resource.kind,
                namespace: source.namespace,
                name: source.name,
                uid: uid
            ),
            summary: Self.summary(results),
            results: results
        )
    }

    // MARK: - Policies

    /// What became of one policy.
    private struct Judgement {
        var policy: String
        var outcome: Outcome
        var verdict: Verdict
        var reason: Reason
        var finding: FindingStatus?
        var message: String?
    }

    /// The judgement under each policy, in order of their names.
    ///
    /// A status has the findings of policies, and the verdict of all of them together. A policy with a finding that the
    /// verdict comes from decided; one with nothing but good findings is met; of any other it is not known.
    private static func judgements(_ status: ImageVerificationStatus, _ verdict: Verdict) -> [Judgement] {
        let reason = status.reason ?? .pending
        let all = Judgement(
            policy: TrustAPI.managedByValue,
            outcome: outcome(verdict, reason),
            verdict: verdict,
            reason: reason,
            finding: nil,
            message: status.message
        )
        let policies = Dictionary(grouping: status.findings ?? [], by: \.policy).sorted { $0.key < $1.key }
        guard !policies.isEmpty else { return [all] }
        func decides(_ finding: FindingStatus) -> Bool { finding.verdict == verdict && finding.reason == reason }
        let isDecided = policies.contains { $0.value.contains(where: decides) }
        return policies.map { policy, findings in
            var judgement = all
            judgement.policy = policy
            judgement.finding = findings.first(where: decides) ?? findings.first
            guard isDecided, !findings.contains(where: decides) else {
                judgement.message = judgement.finding?.message ?? status.message
                return judgement
            }
            // Policies that are all met agree; only how they were is told apart.
            if verdict == .trusted || findings.allSatisfy({ $0.verdict == .trusted }) {
                judgement.finding = findings.first { $0.verdict == .trusted } ?? findings.first
                judgement.outcome = judgement.finding?.reason == .skippedByPolicy ? .skip : .pass
                judgement.verdict = judgement.finding?.verdict ?? verdict
                judgement.reason = judgement.finding?.reason ?? reason
                judgement.message = judgement.finding?.message
                return judgement
            }
            judgement.outcome = .skip
            judgement.message = "another policy decided; the ImageVerification has the findings of this one"
            return judgement
        }
    }

    /// The reasons of `Unknown` that mean that the requirements were looked at and are not met.
    ///
    /// All others mean that they could not be looked at.
    private static let unmet: Set<Reason> = [
        .noSignature, .noTrustedSignature, .notNotarized, .notInRegistry, .referenceInvalid, .timestampUnavailable,
        .revocationUnknown,
    ]

    /// What a verdict is in a report, by the meanings that the report's own definition gives to results.
    static func outcome(_ verdict: Verdict, _ reason: Reason) -> Outcome {
        switch verdict {
        case .trusted: .pass
        case .untrusted: .fail
        case .unsupported: .warn
        case .unknown: reason == .skippedByPolicy ? .skip : unmet.contains(reason) ? .fail : .error
        }
    }

    /// Evidence against an image is worse than evidence that has run out, and that is worse than none.
    static func severity(_ outcome: Outcome, _ verdict: Verdict, _ reason: Reason) -> String {
        switch (outcome, verdict) {
        case (.pass, _), (.skip, _): "info"
        case (.fail, .untrusted):
            [.signatureExpired, .certificateExpired, .timestampInvalid, .evidenceMalformed].contains(reason)
                ? "high" : "critical"
        case (.fail, _), (.warn, _): "medium"
        case (.error, _): "low"
        }
    }

    // MARK: - Results

    private static func result(
        _ judgement: Judgement,
        _ status: ImageVerificationStatus,
        _ verification: ImageVerification
    ) -> Result {
        var properties = [
            "image": verification.spec.image.reported(to: StatusLimits.messageCharacters),
            "verdict": judgement.verdict.rawValue, "reason": judgement.reason.rawValue,
        ]
        properties["digest"] = status.digest
        properties["signer"] = judgement.finding?.signer
        properties["evidence"] = judgement.finding?.evidence
        let pods = (status.workloads?.sample ?? []).map { name in
            ObjectReference(
                apiVersion: "v1",
                kind: "Pod",
                namespace: verification.metadata.namespace,
                name: name,
                uid: nil
            )
        }
        return Result(
            source: TrustAPI.managedByValue,
            policy: judgement.policy,
            rule: judgement.finding?.authority,
            result: judgement.outcome,
            message: judgement.message,
            category: category,
            severity: severity(judgement.outcome, judgement.verdict, judgement.reason),
            scored: judgement.outcome == .pass || judgement.outcome == .fail,
            timestamp: status.history?.first.map { timestamp($0.time) },
            resources: pods.isEmpty ? nil : pods,
            properties: properties
        )
    }

    /// When the verdict came to be what it is: not when it was confirmed last, or every confirmation would be a change.
    private static func timestamp(_ time: KubernetesTime) -> Timestamp {
        Timestamp(seconds: Int64(exactly: time.date.timeIntervalSince1970.rounded(.down)) ?? 0, nanos: 0)
    }

    private static func summary(_ results: [Result]) -> Summary {
        func count(_ outcome: Outcome) -> Int { results.count { $0.result == outcome } }
        return Summary(
            pass: count(.pass),
            fail: count(.fail),
            warn: count(.warn),
            error: count(.error),
            skip: count(.skip)
        )
    }
}
