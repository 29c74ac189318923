import FoundationEssentials
import ImageTrust
import NotaryVerification
import OCIModel
import OCIRegistry
import TrustModel

/// Why an image is judged as it is.
struct Explanation: Sendable {
    /// A policy that speaks for the image, with what it holds of it.
    struct PolicyPart: Sendable {
        var policy: Policy
        /// What it holds; `nil` when the judgement ended before it was asked.
        var judgement: PolicyJudgement?
        var authorities: [AuthorityPart]
    }

    /// An authority of a policy, with what was found for it.
    struct AuthorityPart: Sendable {
        var name: String
        var trust: NotaryTrust
        /// What decided for it; `nil` when it was not asked.
        var finding: Finding?
        var manifests: [ManifestPart]
    }

    /// A manifest whose signatures were looked at.
    struct ManifestPart: Sendable {
        var subject: Descriptor
        var signatures: [SignaturePart]
        /// Why further signatures could not be fetched.
        var unreachable: [String]
        /// Whether there are more signatures than were tried.
        var isTruncated: Bool
    }

    /// A signature, with what was found about it.
    struct SignaturePart: Sendable {
        var digest: Digest?
        /// What it says of itself; `nil` when it cannot be read.
        var inspection: SignatureInspection?
        /// What was found; `nil` when another signature was good already.
        var outcome: SignatureOutcome?
    }

    /// Something that was asked, and what came back.
    struct Request: Sendable, Hashable {
        var question: String
        var answer: String
        var isFailure: Bool
    }

    /// The image, as judged.
    let image: VerifiedImage
    /// The moment of the judgement.
    let madeAt: Date
    /// The policies that do not speak for it.
    let silences: [PolicySilence]
    /// The policies that do.
    let policies: [PolicyPart]
    /// What was asked of the registry, and then of revocation services.
    let requests: [Request]
    /// What `vigil verify` would end with.
    let exitStatus: ExitStatus

    /// Puts together what a judgement left behind.
    ///
    /// - Parameters:
    ///   - image: the image, judged.
    ///   - exitStatus: what `vigil verify` of it alone would end with.
    ///   - madeAt: the moment of the judgement.
    ///   - entries: the signatures that were looked at.
    ///   - exchanges: what was asked of the registry.
    ///   - revocation: what was asked of revocation services.
    init(
        image: VerifiedImage,
        exitStatus: ExitStatus,
        madeAt: Date,
        entries: [JudgementRecord.Entry],
        exchanges: [RecordingRegistry.Exchange],
        revocation: RevocationEvidence?
    ) {
        self.image = image
        self.madeAt = madeAt
        silences = image.target.silences
        policies = image.target.policies.map { Self.part($0.policy, image.judgement, entries) }
        requests = exchanges.map(Request.init) + Self.requests(revocation ?? RevocationEvidence())
        self.exitStatus = exitStatus
    }

    private static func part(
        _ policy: Policy,
        _ judgement: ImageJudgement,
        _ entries: [JudgementRecord.Entry]
    ) -> PolicyPart {
        let own = judgement.judgements.first { $0.policy == policy.name }
        let authorities = policy.authorities.map { authority in
            let entries = entries.filter { $0.policy == policy.name && $0.authority == authority.name }
            let finding = own?.findings.first { $0.authority == authority.name }
            switch authority.source {
            case .notary(let trust):
                return AuthorityPart(
                    name: authority.name,
                    trust: trust,
                    finding: finding,
                    manifests: entries.map(manifest)
                )
            }
        }
        return PolicyPart(policy: policy, judgement: own, authorities: authorities)
    }

    private static func manifest(_ entry: JudgementRecord.Entry) -> ManifestPart {
        var parts = entry.signatures.map { evidence in
            SignaturePart(
                digest: evidence.manifestDigest,
                inspection: SignatureInspection(evidence, subject: entry.subject),
                outcome: entry.outcomes.first { $0.evidence == evidence.manifestDigest }
            )
        }
        let known = Set(entry.signatures.map(\.manifestDigest))
        parts += entry.outcomes
            .filter { outcome in outcome.evidence.map { !known.contains($0) } ?? true }
            .map { SignaturePart(digest: $0.evidence, inspection: nil, outcome: $0) }
        return ManifestPart(
            subject: entry.subject,
            signatures: parts,
            unreachable: entry.unreachable.map(\.message),
            isTruncated: entry.isTruncated
        )
    }

    private static func requests(_ evidence: RevocationEvidence) -> [Request] {
        evidence.answers
            .map { question, answer in
                switch answer {
                case .bytes(let bytes, let moment):
                    Request(
                        question: "\(question)",
                        answer: "\(bytes.count) bytes, received at \(moment.formatted(.iso8601))",
                        isFailure: false
                    )
                case .failure(let cause): Request(question: "\(question)", answer: cause, isFailure: true)
                }
            }
            .sorted { ($0.question, $0.answer) < ($1.question, $1.answer) }
    }
}

extension Explanation.Request {
    init(_ exchange: RecordingRegistry.Exchange) {
        switch exchange.question {
        case .resolve(let reference): question = "manifest of \(reference)"
        case .manifest(let repository, let digest): question = "manifest \(repository)@\(digest)"
        case .blob(let repository, let descriptor): question = "blob \(repository)@\(descriptor.digest)"
        case .referrers(let repository, let subject, let type):
            question = "what refers to \(repository)@\(subject)\(type.map { ", of type \($0)" } ?? "")"
        case .target(let repository, let tag): question = "where \(repository):\(tag) leads"
        }
        isFailure = false
        switch exchange.answer {
        case nil:
            answer = "no answer before the judgement ended"
            isFailure = true
        case .failure(let error):
            answer = error.message
            isFailure = true
        case .manifest(let manifest):
            let descriptor = manifest.descriptor
            answer = "\(descriptor.digest), \(descriptor.mediaType), \(descriptor.size) bytes"
        case .blob(let bytes): answer = "\(bytes.count) bytes that match their digest"
        case .target(let digest): answer = "\(digest)"
        case .referrers(let descriptors):
            answer = descriptors.count == 1 ? "1 artifact" : "\(descriptors.count) artifacts"
        }
    }
}

extension Policy {
    /// What its requirement asks for, for people.
    var requirementText: String {
        let count = authorities.count
        return "\(require.threshold(of: count)) of \(count) \(count == 1 ? "authority" : "authorities") must vouch"
    }
}
