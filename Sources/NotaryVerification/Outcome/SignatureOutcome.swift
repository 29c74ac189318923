public import FoundationEssentials
public import OCIModel
import SigningFormats
public import TrustModel

/// What one signature (or all signatures of one image together) proved under one policy.
public struct SignatureOutcome: Sendable, Hashable {
    /// One check that was made, or left out on the policy's word.
    public struct Check: Sendable, Hashable {
        /// How a check ended.
        public enum Result: String, Sendable, Hashable {
            case passed
            case failed
            /// The policy says to skip it.
            case notRun
        }

        /// Which check.
        public let check: VerificationCheck
        /// Which step of it.
        public let step: VerificationStep
        /// What the policy says about its failure.
        public let action: VerificationAction
        /// How it ended.
        public let result: Result
        /// What was found, as a clause for people.
        public let message: String

        /// Whether the check was made and passed.
        public var passed: Bool { result == .passed }

        /// Creates a check.
        public init(
            check: VerificationCheck,
            step: VerificationStep,
            action: VerificationAction,
            result: Result,
            message: String
        ) {
            self.check = check
            self.step = step
            self.action = action
            self.result = result
            self.message = message
        }
    }

    /// Trusted, Untrusted (the evidence is bad) or Unknown (nobody trusted vouched, or a check could not be made).
    public var verdict: Verdict
    /// Why.
    public var reason: Reason
    /// A sentence for people.
    public var message: String
    /// The signature's manifest; `nil` when there is no signature.
    public var evidence: Digest?
    /// The subject of the signing certificate, once the signature has been proven to be its own.
    public var signer: String?
    /// The signature algorithm, such as `PS256`.
    public var algorithm: String?
    /// When the signature says it was made.
    public var signedAt: Date?
    /// The timestamp that proved when it was made; `nil` when the policy asked for none or it does not hold.
    public var timestamp: VerifiedTimestamp?
    /// When the signature says it expires.
    public var expiresAt: Date?
    /// For a trusted signature, the first moment at which an enforced check would fail by the mere passing of time.
    public var validUntil: Date?
    /// For a trusted signature that rests on what revocation services said, or will rest on it, the moment until which
    /// that is believed or nothing has to be known.
    ///
    /// The signature has not lapsed then: the services have to be asked again.
    public var evidenceUntil: Date?
    /// For a trusted signature, the SHA-256 of the trust store's certificate that vouches for it, in lower-case hex.
    public var anchor: String?
    /// For a trusted signature that rests on a timestamp, the SHA-256 of the root that vouches for the time-stamping authority,
    /// in lower-case hex.
    public var timestampAnchor: String? {
        verdict == .trusted ? timestamp?.chain.certificates.last?.fingerprint : nil
    }
    /// Checks that failed and that the policy only logs.
    public var warnings: [String]
    /// Every check, in the order it was made.
    public var checks: [Check]

    /// Creates an outcome.
    public init(verdict: Verdict, reason: Reason, message: String, evidence: Digest? = nil) {
        self.verdict = verdict
        self.reason = reason
        self.message = message
        self.evidence = evidence
        warnings = []
        checks = []
    }
}
