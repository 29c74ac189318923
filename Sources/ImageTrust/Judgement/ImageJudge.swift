public import FoundationEssentials
import NotaryVerification
public import OCIModel
import OCIRegistry
public import TrustModel

/// Judges images: resolves them, gathers the evidence that exists, verifies it and decides.
///
/// One judge serves a whole process, the operator as much as the command line, and keeps no state but its registry's
/// cache and the findings it is given a memory for.
public struct ImageJudge: Sendable {
    private(set) var registry: any ImageRegistry
    /// On whose behalf ``registry`` is asked.
    private var principal = RegistryPrincipal.shared
    private let memory: FindingMemory?
    let indexes: IndexMemory?
    private let record: JudgementRecord?
    let maximumSignatures: Int
    private let revocation: (any RevocationSource)?
    private let clock: any Clock<Duration>

    /// How many signatures of one manifest are tried unless said otherwise (notation's default; CVE-2023-33958).
    public static let usualMaximumSignatures = 100

    /// Creates a judge that asks `registry`.
    ///
    /// - Parameters:
    ///   - registry: where images and their signatures lie.
    ///   - memory: keeps good findings from one look to the next, for a process that looks at the same images again;
    ///     policies then need a ``PreparedPolicy/revision``.
    ///   - indexes: remembers which indexes list an image, for such a process; what it knows is not asked again.
    ///   - record: is told what was looked at; findings that the memory knows are not looked at again.
    ///   - maximumSignatures: how many signatures of one manifest are tried at most, 1 or more.
    ///   - revocation: where it is asked whether certificates were revoked; without it, one that may have been is never
    ///     taken for good.
    ///   - clock: measures how long that may take.
    public init(
        registry: any ImageRegistry,
        memory: FindingMemory? = nil,
        indexes: IndexMemory? = nil,
        record: JudgementRecord? = nil,
        maximumSignatures: Int = usualMaximumSignatures,
        revocation: (any RevocationSource)? = nil,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.maximumSignatures = max(1, maximumSignatures)
        self.registry = registry
        self.memory = memory
        self.indexes = indexes
        self.record = record
        self.revocation = revocation
        self.clock = clock
    }

    /// The same judge, which asks as `access` says; `nil` changes nothing.
    func asking(_ access: ImageAccess?) -> ImageJudge {
        guard let access else { return self }
        var judge = self
        judge.registry = access.registry
        judge.principal = access.principal
        return judge
    }

    /// Judges one image under the policies that speak for it.
    ///
    /// Bad evidence and unreachable services are verdicts, not errors: this never throws. When the task is cancelled,
    /// what had not been asked yet counts as unreachable. Decisions are looked at first, so that a digest settled by
    /// hand is settled even while its registry is down; they hold for the digest asked about, for the platform
    /// manifests of a running index, and for the index that carried the evidence.
    ///
    /// - Parameters:
    ///   - image: the image; without a digest its tag is resolved first.
    ///   - context: what is known of it besides.
    ///   - policies: the policies that speak for it.
    ///   - tagAge: how old an answer may be about where its tag leads, which is a way to an index of it and no more.
    ///   - now: the moment at which certificates, expiries and decisions are looked at.
    /// - Returns: what all policies together hold of the image.
    public func judge(
        _ image: ImageReference,
        in context: ImageContext = ImageContext(),
        policies: [PreparedPolicy],
        tagsWithin tagAge: Duration = .zero,
        now: Date
    ) async -> ImageJudgement {
        var judgements: [PolicyJudgement] = []
        var open: [PreparedPolicy] = []
        for policy in policies {
            if let digest = image.digest, let decision = policy.policy.decision(for: [digest], at: now) {
                judgements.append(policy.policy.judgement(settledBy: decision))
            } else if policy.skipsEverything, image.digest != nil || !policy.policy.hasDecision(at: now) {
                judgements.append(Self.skipped(policy))
            } else {
                open.append(policy)
            }
        }
        guard !open.isEmpty else { return ImageJudgement(combining: judgements, digest: image.digest) }
        let evidence = ImageEvidence(
            registry: registry,
            image: image,
            context: context,
            maximumSignatures: maximumSignatures,
            memory: indexes,
            tagAge: tagAge,
            now: now
        )
        let gathering = revocation.map { RevocationGathering(source: $0, now: now, clock: clock) }
        let resolution = await evidence.resolution()
        switch resolution {
        case .failure(let error):
            judgements += open.map { Self.judgement(of: $0, failedWith: error) }
            return ImageJudgement(combining: judgements, digest: image.digest)
        case .success(let resolved):
            for policy in open {
                judgements.append(
                    await judgement(
                        of: policy,
                        resolved: resolved,
                        evidence: evidence,
                        revocation: gathering,
                        now: now
                    )
                )
            }
            return ImageJudgement(combining: judgements, digest: resolved.descriptor.digest)
        }
    }

    private func judgement(
        of policy: PreparedPolicy,
        resolved: FetchedManifest,
        evidence: ImageEvidence,
        revocation: RevocationGathering?,
        now: Date
    ) async -> PolicyJudgement {
        let running = policy.policy.decisions.isEmpty ? [] : await evidence.runningDigests(resolved)
        if let decision = policy.policy.decision(for: running, at: now) {
            return policy.policy.judgement(settledBy: decision)
        }
        var findings: [Finding] = []
        for authority in policy.authorities {
            guard !authority.isSkip else {
                findings.append(Self.skippedFinding(policy.policy.name, authority.name))
                continue
            }
            switch authority.source {
            case .notary(let verifier):
                let judge = NotaryJudge(
                    policy: policy.policy.name,
                    revision: policy.revision,
                    authority: authority.name,
                    verifier: verifier,
                    memory: memory,
                    principal: principal,
                    revocation: revocation,
                    record: record,
                    now: now
                )
                findings.append(await judge.finding(evidence, of: resolved))
            }
        }
        let judgement = policy.policy.judgement(weighing: findings)
        // A decision may also name the index that carried the evidence.
        let carriers = judgement.findings.compactMap(\.subject)
        if let decision = policy.policy.decision(for: carriers, at: now) {
            return policy.policy.judgement(settledBy: decision)
        }
        return judgement
    }

    /// The judgement of a policy all of whose authorities skip verification: no registry is asked.
    private static func skipped(_ policy: PreparedPolicy) -> PolicyJudgement {
        policy.policy.judgement(weighing: policy.authorities.map { skippedFinding(policy.policy.name, $0.name) })
    }

    private static func skippedFinding(_ policy: PolicyName, _ authority: String) -> Finding {
        Finding(
            policy: policy,
            authority: authority,
            verdict: .unknown,
            reason: .skippedByPolicy,
            message: "not verified: authority \(authority) of \(policy) has level skip"
        )
    }

    private static func judgement(of policy: PreparedPolicy, failedWith error: RegistryError) -> PolicyJudgement {
        let (verdict, reason) = RegistryFailure.verdict(for: error)
        let findings = policy.policy.authorities.map { authority in
            Finding(
                policy: policy.policy.name,
                authority: authority.name,
                verdict: verdict,
                reason: reason,
                message: error.message
            )
        }
        return PolicyJudgement(
            policy: policy.policy.name,
            verdict: verdict,
            reason: reason,
            message: error.message,
            findings: findings
        )
    }
}

extension Policy {
    /// Whether a decision is in force that may settle a digest that is not known yet.
    fileprivate func hasDecision(at now: Date) -> Bool { decisions.contains { $0.isInForce(at: now) } }
}
