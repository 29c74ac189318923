public import KubernetesAPI
import OCIModel
public import TrustModel

/// One authority's evidence for the image, judged, as it is reported.
public struct FindingStatus: Sendable, Hashable, Codable {
    /// The policy, as `Kind/namespace/name`.
    public var policy: String
    /// The authority in that policy.
    public var authority: String
    /// What this evidence alone says.
    public var verdict: Verdict
    /// Why: a constant.
    public var reason: Reason
    /// Why, for people.
    public var message: String?
    /// The signer's subject.
    public var signer: String?
    /// The signature algorithm.
    public var algorithm: String?
    /// The digest of the evidence.
    public var evidence: String?
    /// When the evidence claims to have been made.
    public var signedAt: KubernetesTime?
    /// When the evidence says it expires.
    public var expiresAt: KubernetesTime?
    /// Failed checks that the policy only logs.
    public var warnings: [String]?
    /// The SHA-256 of the trust anchor that vouches for the signer, in lower-case hex.
    public var anchor: String?
    /// The SHA-256 of the root of the time-stamping authority whose timestamp this rests on, in lower-case hex.
    public var timestampAnchor: String?

    /// Reports `finding`; texts are cut to what the schema allows.
    public init(_ finding: Finding) {
        policy = finding.policy.description.cut(to: StatusLimits.policyCharacters)
        authority = finding.authority.cut(to: StatusLimits.nameCharacters)
        verdict = finding.verdict
        reason = finding.reason
        let text = finding.message.reported(to: StatusLimits.messageCharacters)
        message = text.isEmpty ? nil : text
        signer = finding.signer?.reported(to: StatusLimits.subjectCharacters)
        algorithm = finding.algorithm?.reported(to: StatusLimits.nameCharacters)
        evidence = finding.evidence?.description
        signedAt = finding.signedAt.map(KubernetesTime.init)
        expiresAt = finding.expiresAt.map(KubernetesTime.init)
        let some = finding.warnings.prefix(StatusLimits.warnings).map {
            $0.reported(to: StatusLimits.messageCharacters)
        }
        warnings = some.isEmpty ? nil : some
        anchor = finding.anchor
        timestampAnchor = finding.timestampAnchor
    }
}
