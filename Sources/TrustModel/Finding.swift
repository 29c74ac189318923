public import FoundationEssentials
public import OCIModel

/// One authority's evidence for one image, judged, with a reason.
public struct Finding: Sendable, Hashable {
    /// The policy that names the authority.
    public var policy: PolicyName
    /// The authority's name in that policy.
    public var authority: String
    /// What this evidence alone says.
    public var verdict: Verdict
    /// Why.
    public var reason: Reason
    /// A sentence for people.
    public var message: String
    /// The signer's subject, where a signature decided.
    public var signer: String?
    /// The signature algorithm, such as `PS256`.
    public var algorithm: String?
    /// The digest of the evidence, such as a signature's manifest.
    public var evidence: Digest?
    /// The digest that the evidence speaks of: the running one, or the index or platform manifest that carried it.
    public var subject: Digest?
    /// When the evidence claims to have been made.
    public var signedAt: Date?
    /// When the evidence says it expires.
    public var expiresAt: Date?
    /// The first moment at which this finding would lapse.
    public var validUntil: Date?
    /// Until when what services said is believed that this finding rests on, such as that no certificate was revoked.
    ///
    /// The finding has not lapsed then: the services have to be asked again.
    public var evidenceUntil: Date?
    /// Failed checks that the policy only logs.
    public var warnings: [String]
    /// The SHA-256 of the trust anchor that vouches for the signer, in lower-case hex; `nil` unless trusted.
    public var anchor: String?
    /// The SHA-256 of the root of the time-stamping authority whose timestamp this rests on, in lower-case hex; `nil` unless
    /// trusted and where no timestamp was asked for.
    public var timestampAnchor: String?

    /// Which kind of manifest ``subject`` is; `nil` where no signature decided.
    public var carrier: EvidenceCarrier?

    /// Creates a finding.
    public init(
        policy: PolicyName,
        authority: String,
        verdict: Verdict,
        reason: Reason,
        message: String,
        signer: String? = nil,
        algorithm: String? = nil,
        evidence: Digest? = nil,
        subject: Digest? = nil,
        signedAt: Date? = nil,
        expiresAt: Date? = nil,
        validUntil: Date? = nil,
        evidenceUntil: Date? = nil,
        warnings: [String] = []
    ) {
        self.policy = policy
        self.authority = authority
        self.verdict = verdict
        self.reason = reason
        self.message = message
        self.signer = signer
        self.algorithm = algorithm
        self.evidence = evidence
        self.subject = subject
        self.signedAt = signedAt
        self.expiresAt = expiresAt
        self.validUntil = validUntil
        self.evidenceUntil = evidenceUntil
        self.warnings = warnings
    }
}
