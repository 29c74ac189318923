import FoundationEssentials
import NotaryVerification
import OCIModel
import OCIRegistry
import TrustModel

/// Weighs an image's Notary Project signatures for one authority of a policy.
struct NotaryJudge: Sendable {
    let policy: PolicyName
    /// The revision of the policy, as ``PreparedPolicy/revision``.
    let revision: String
    let authority: String
    let verifier: NotaryVerifier
    let memory: FindingMemory?
    /// On whose behalf the registry is asked.
    let principal: RegistryPrincipal
    let revocation: RevocationGathering?
    let record: JudgementRecord?
    let now: Date

    /// The authority's finding: from the image's own signatures, or, where those do not vouch, from its index or
    /// platform manifests.
    ///
    /// A good signature found elsewhere outweighs a bad one on the image, as it would beside it: whoever may push can
    /// attach rubbish to a platform manifest whose index is signed. Without a good one, evidence against the image
    /// stands.
    func finding(_ evidence: ImageEvidence, of resolved: FetchedManifest) async -> Finding {
        let running = resolved.descriptor
        // What vouched before is asked first, so that looking again costs one question.
        let before = await evidence.indexThatVouched()
        if let before {
            let carried = await finding(index: before, running: running, evidence)
            if carried.verdict == .trusted { return carried }
            if !carried.reason.isOutage { await evidence.remember(vouching: nil) }
        }
        let own = await finding(subject: running, evidence)
        // A registry in trouble is asked for no more; a revocation service in trouble says nothing about the registry.
        guard own.verdict != .trusted, !own.reason.isOutage || own.reason == .revocationUnavailable,
            own.reason != .imageNotFound
        else { return own }
        switch await evidence.alternative() {
        case .nothing(let cause): return Self.noting(cause, on: own)
        case .indexes(let hints):
            let carried = await finding(hints, running: running, evidence)
            return carried.map { $0.verdict == .trusted || Self.isSilent(own) ? $0 : own } ?? own
        case .platforms(let platforms):
            let carried = await finding(platforms: platforms, running: running, evidence)
            return carried.map { $0.verdict == .trusted || Self.isSilent(own) ? $0 : own } ?? own
        }
    }

    /// Whether nobody trusted said anything at all.
    private static func isSilent(_ finding: Finding) -> Bool {
        finding.reason == .noSignature || finding.reason == .noTrustedSignature
    }

    private static func noting(_ cause: String?, on own: Finding) -> Finding {
        guard let cause else { return own }
        var own = own
        own.message += "; \(cause)"
        return own
    }

    // MARK: - Other manifests that carry evidence

    /// What the indexes say that list the running manifest; `nil` when they say nothing.
    ///
    /// The first that vouches ends the search. One that could not be asked for may be that one, so it counts for more than
    /// bad evidence; a way on which no index was found counts for less.
    private func finding(
        _ hints: [ImageEvidence.IndexHint],
        running: Descriptor,
        _ evidence: ImageEvidence
    ) async -> Finding? {
        var spoken: [Finding] = []
        var failure: Finding?
        var seen: Set<Digest> = []
        search: for hint in hints {
            switch await evidence.indexes(hint) {
            case .failure(let error):
                failure = failure ?? finding(for: error, asking: hint == .referrers ? .listing : .index)
                guard RegistryFailure.isAboutOneAnswer(error) else { break search }
            case .success(let indexes):
                for index in indexes where seen.insert(index.digest).inserted {
                    let carried = await finding(index: index, running: running, evidence)
                    if carried.verdict == .trusted {
                        await evidence.remember(vouching: index.digest)
                        return carried
                    }
                    if !Self.isSilent(carried) { spoken.append(carried) }
                }
            }
        }
        return spoken.first(where: \.reason.isOutage) ?? spoken.first ?? failure
    }

    /// What an index says that lists the running manifest.
    private func finding(index: Descriptor, running: Descriptor, _ evidence: ImageEvidence) async -> Finding {
        var carried = await finding(subject: index, evidence)
        guard !Self.isSilent(carried) else { return carried }
        carried.message += "; the signature is on index \(index.digest.short), which lists \(running.digest.short)"
        return carried
    }

    /// The finding of several platform manifests, each of which must be vouched for.
    private func finding(
        platforms: [Descriptor],
        running: Descriptor,
        _ evidence: ImageEvidence
    ) async -> Finding? {
        var carried: Finding?
        for platform in platforms {
            let next = await finding(subject: platform, evidence)
            guard !Self.isSilent(next) else { return nil }
            guard next.verdict == .trusted else { return next }
            guard var first = carried else {
                carried = next
                continue
            }
            // The finding lapses with the first of its signatures.
            first.validUntil = [first.validUntil, next.validUntil].compactMap(\.self).min()
            first.evidenceUntil = [first.evidenceUntil, next.evidenceUntil].compactMap(\.self).min()
            first.warnings += next.warnings
            carried = first
        }
        let count = platforms.count
        carried?.message +=
            count == 1
            ? "; the signature is on a platform manifest of the running index \(running.digest.short)"
            : "; each of the \(count) platform manifests of the running index \(running.digest.short) is signed"
        return carried
    }

    // MARK: - One manifest

    private func finding(subject: Descriptor, _ evidence: ImageEvidence) async -> Finding {
        switch await evidence.candidates(for: subject) {
        case .failure(let error): return finding(for: error, asking: .listing)
        case .success(let candidates):
            guard let memory else { return await finding(subject: subject, candidates, evidence) }
            let key = FindingMemory.Key(
                policy: policy,
                revision: revision,
                authority: authority,
                repository: evidence.image.repository,
                subject: subject.digest,
                mediaType: subject.mediaType,
                size: subject.size,
                candidates: candidates.map(\.digest),
                principal: principal
            )
            if let known = memory.finding(key, at: now) { return known }
            let finding = await finding(subject: subject, candidates, evidence)
            memory.remember(finding, key, madeAt: now)
            return finding
        }
    }

    private func finding(subject: Descriptor, _ candidates: [Descriptor], _ evidence: ImageEvidence) async -> Finding {
        let collection = await evidence.signatures(among: candidates, of: subject)
        let repository = evidence.image.repository
        var outcomes = await outcomes(of: collection.signatures, subject: subject)
        outcomes += collection.unreadable.map {
            SignatureOutcome(verdict: .untrusted, reason: $0.reason, message: $0.message, evidence: $0.manifest)
        }
        record?.add(
            JudgementRecord.Entry(
                policy: policy,
                authority: authority,
                subject: subject,
                signatures: collection.signatures,
                outcomes: outcomes,
                unreachable: collection.unreachable,
                isTruncated: collection.isTruncated
            )
        )
        let outcome = SignatureAggregation.judge(outcomes)
        if outcome.verdict == .trusted { return finding(outcome, subject: subject) }
        // One that could not be fetched may be the good one.
        if let error = collection.unreachable.first { return finding(for: error, asking: .content) }
        if collection.isTruncated {
            return finding(
                verdict: .unknown,
                reason: .tooManySignatures,
                "\(repository)@\(subject.digest.short) has more than \(evidence.maximumSignatures) "
                    + "signatures, and none of those tried is good; remove the surplus"
            )
        }
        guard !outcomes.isEmpty else {
            return finding(
                verdict: .unknown,
                reason: .noSignature,
                "no signature for \(subject.digest.short) in \(repository)"
            )
        }
        return finding(outcome, subject: subject)
    }

    /// The outcomes of as many signatures as it takes.
    ///
    /// Where one is good without anybody being asked, nobody is; otherwise services are asked until one is.
    private func outcomes(of signatures: [SignatureEvidence], subject: Descriptor) async -> [SignatureOutcome] {
        let examinations = signatures.map { verifier.examine($0, subject: subject, now: now) }
        var outcomes = examinations.compactMap(\.outcome)
        for examination in examinations where !examination.questions.isEmpty {
            guard !outcomes.contains(where: { $0.verdict == .trusted && $0.warnings.isEmpty }) else { break }
            let answers = await revocation?.evidence(for: examination.questions)
            outcomes.append(examination.conclude(with: answers ?? RevocationEvidence()))
        }
        return outcomes
    }

    // MARK: - Findings

    private func finding(_ outcome: SignatureOutcome, subject: Descriptor) -> Finding {
        var finding = Finding(
            policy: policy,
            authority: authority,
            verdict: outcome.verdict,
            reason: outcome.reason,
            message: outcome.message,
            signer: outcome.signer,
            algorithm: outcome.algorithm,
            evidence: outcome.evidence,
            subject: subject.digest,
            signedAt: outcome.signedAt,
            expiresAt: outcome.expiresAt,
            validUntil: outcome.validUntil,
            evidenceUntil: outcome.evidenceUntil,
            warnings: outcome.warnings
        )
        finding.anchor = outcome.anchor
        finding.timestampAnchor = outcome.timestampAnchor
        finding.carrier = subject.mediaType.isIndex ? .index : .platform
        return finding
    }

    private func finding(for error: RegistryError, asking question: RegistryFailure.Question) -> Finding {
        let (verdict, reason) = RegistryFailure.verdict(for: error, asking: question)
        return finding(verdict: verdict, reason: reason, error.message)
    }

    private func finding(verdict: Verdict, reason: Reason, _ message: String) -> Finding {
        Finding(policy: policy, authority: authority, verdict: verdict, reason: reason, message: message)
    }
}
