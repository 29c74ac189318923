import FoundationEssentials
import NotaryVerification
import OCIModel
import TrustModel

/// An explanation for people: a tree whose last line decides.
struct ExplanationTree: Sendable {
    private let explanation: Explanation

    init(_ explanation: Explanation) { self.explanation = explanation }

    /// The tree, ending in a line break.
    var text: String {
        let judgement = explanation.image.judgement
        var branches = [TextTree("judged at \(Self.text(explanation.madeAt))")]
        branches += explanation.image.target.sources.map { TextTree("runs as \($0.description)") }
        if let digest = judgement.digest { branches.append(TextTree("digest: \(digest)")) }
        if let carrier = judgement.carrierText { branches.append(TextTree(carrier)) }
        branches += Self.branch("asked", explanation.requests.map(Self.tree))
        branches += Self.branch(
            "policies that do not speak for it",
            explanation.silences.map { TextTree("\($0.policy): \($0.cause)") }
        )
        branches += explanation.policies.map(tree)
        if let end = judgement.validUntil { branches.append(TextTree("holds until \(Self.text(end))")) }
        branches.append(
            TextTree("verdict: \(judgement.verdict.rawValue), \(judgement.reason): \(judgement.message)")
        )
        return TextTree(explanation.image.target.text, branches).text
    }

    private static func branch(_ heading: String, _ branches: [TextTree]) -> [TextTree] {
        branches.isEmpty ? [] : [TextTree(heading, branches)]
    }

    private static func tree(_ request: Explanation.Request) -> TextTree {
        TextTree("\(request.question): \(request.isFailure ? "FAILED, " : "")\(request.answer)")
    }

    // MARK: - Policies

    private func tree(_ part: Explanation.PolicyPart) -> TextTree {
        let scope = part.policy.scope
        var branches = [
            TextTree("scope: \(scope.include.isEmpty ? "every image" : Self.list(scope.include))"),
            TextTree("requirement: \(part.policy.requirementText)"),
        ]
        if !scope.exclude.isEmpty { branches.insert(TextTree("without: \(Self.list(scope.exclude))"), at: 1) }
        if !part.policy.decisions.isEmpty {
            let isSettled = part.judgement?.findings.contains { $0.authority == "decision" } ?? false
            let count = part.policy.decisions.count
            branches.append(
                TextTree(
                    "decisions: \(count), \(isSettled ? "one of which settles this image" : "none in force for it")"
                )
            )
        }
        branches += part.authorities.map(Self.tree)
        guard let judgement = part.judgement else {
            branches.append(TextTree("not judged: the judgement ended before"))
            return TextTree("policy \(part.policy.name)", branches)
        }
        branches.append(TextTree("holds: \(judgement.message)"))
        return TextTree("policy \(part.policy.name): \(judgement.verdict.rawValue), \(judgement.reason)", branches)
    }

    private static func tree(_ part: Explanation.AuthorityPart) -> TextTree {
        let trust = part.trust
        var branches = [TextTree("level: \(trust.level.rawValue)\(overrides(trust))")]
        if trust.level != .skip {
            let stores = trust.trustStores.map {
                "\($0.kind.rawValue):\($0.name) (\($0.certificates.count))"
            }
            branches.append(TextTree("trust stores: \(list(stores))"))
            branches.append(TextTree("trusted identities: \(list(trust.trustedIdentities))"))
        }
        branches += part.manifests.map(tree)
        guard let finding = part.finding else {
            branches.append(TextTree("not asked"))
            return TextTree("authority \(part.name)", branches)
        }
        branches.append(TextTree("finds: \(finding.message)"))
        return TextTree("authority \(part.name): \(finding.verdict.rawValue), \(finding.reason)", branches)
    }

    private static func overrides(_ trust: NotaryTrust) -> String {
        guard !trust.overrides.isEmpty else { return "" }
        return ", except " + list(trust.overrides.map { "\($0.key.rawValue) \($0.value.rawValue)" }.sorted())
    }

    private static func list(_ texts: [String]) -> String {
        texts.isEmpty ? "none" : texts.joined(separator: "; ")
    }

    // MARK: - Signatures

    private static func tree(_ part: Explanation.ManifestPart) -> TextTree {
        var branches = part.signatures.map(tree)
        branches += part.unreachable.map { TextTree("a signature that could not be fetched: \($0)") }
        if part.isTruncated {
            branches.append(TextTree("there are more signatures than were tried; see --max-signatures"))
        }
        if branches.isEmpty { branches.append(TextTree("no signatures")) }
        let kind = part.subject.mediaType.isIndex ? "index" : "manifest"
        return TextTree("signatures of \(kind) \(part.subject.digest)", branches)
    }

    private static func tree(_ part: Explanation.SignaturePart) -> TextTree {
        let name = part.digest.map { "signature \($0)" } ?? "a signature"
        var branches = branch("certificates it carries", (part.inspection?.certificates ?? []).map(tree))
        guard let outcome = part.outcome else {
            branches.append(TextTree("not judged to the end: another signature is good already"))
            return TextTree(name, branches)
        }
        branches += outcome.account.map { TextTree("\($0.step.rawValue) \(word(for: $0.state)): \($0.message)") }
        branches.append(TextTree("outcome: \(outcome.message)"))
        return TextTree("\(name): \(outcome.verdict.rawValue), \(outcome.reason)", branches)
    }

    private static func tree(_ certificate: SignatureInspection.Certificate) -> TextTree {
        TextTree(
            "\(certificate.subject), issued by \(certificate.issuer), valid \(text(certificate.notBefore)) to "
                + "\(text(certificate.notAfter)), SHA-256 \(certificate.fingerprint)"
        )
    }

    private static func word(for state: SignatureOutcome.StepAccount.State) -> String {
        switch state {
        case .passed: "passed"
        case .failed: "FAILED"
        case .logged: "FAILED, only logged"
        case .skipped: "skipped"
        case .notReached: "not reached"
        }
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
