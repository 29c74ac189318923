public import FoundationEssentials
import OCIModel
import SigningFormats
import TrustModel

/// Why a check did not pass.
struct CheckFailure: Error, Sendable, Hashable {
    let verdict: Verdict
    let reason: Reason
    /// A clause that continues "signature sha256:… ".
    let message: String

    private init(verdict: Verdict, reason: Reason, message: String) {
        self.verdict = verdict
        self.reason = reason
        // It may quote what the signature says.
        self.message = DisplayText.printable(message)
    }

    static func untrusted(_ reason: Reason, _ message: String) -> CheckFailure {
        CheckFailure(verdict: .untrusted, reason: reason, message: message)
    }

    static func unknown(_ reason: Reason, _ message: String) -> CheckFailure {
        CheckFailure(verdict: .unknown, reason: reason, message: message)
    }
}

/// The verification of one signature, check by check, in two parts with the network between them.
///
/// The first part makes every check that needs nothing but the signature, and ends with ``questions`` about revocation,
/// which only a signature has that passed all of them: nobody is asked on the word of a stranger's certificate. The second,
/// ``conclude(with:)``, judges the answers. Both are pure, and most signatures need only the first.
///
/// The order is that of the Notary trust policy specification, except that the payload is looked at before revocation. The
/// first failed check whose action is `enforce` ends it. Checks that the specification leaves no choice about (payload,
/// annotations, plugins) count as integrity.
public struct SignatureExamination: Sendable {
    /// What has to be asked before the signature can be judged; empty for most signatures.
    public private(set) var questions: [RevocationQuestion] = []
    /// The moment of the judgement.
    public let now: Date

    let verifier: NotaryVerifier
    let evidence: SignatureEvidence
    let subject: Descriptor
    private var checks: [SignatureOutcome.Check] = []
    private var warnings: [String] = []
    private var envelope: VerifiedEnvelope?
    private var failure: CheckFailure?
    private var evidenceUntil: Date?
    private var timestamp: VerifiedTimestamp?

    init(verifier: NotaryVerifier, evidence: SignatureEvidence, subject: Descriptor, now: Date) {
        self.verifier = verifier
        self.evidence = evidence
        self.subject = subject
        self.now = now
        guard !verifier.isSkip else { return }
        do throws(CheckFailure) {
            try examine()
        } catch {
            failure = error
            questions = []
        }
    }

    /// The outcome, when nothing has to be asked for it.
    public var outcome: SignatureOutcome? { questions.isEmpty ? conclude(with: RevocationEvidence()) : nil }

    /// Judges the answers to the ``questions``, at ``now``.
    ///
    /// - Parameter evidence: what came back; a request that is not in it counts as one that could not be answered.
    /// - Returns: the outcome; bad evidence is never an error.
    public func conclude(with evidence: RevocationEvidence) -> SignatureOutcome {
        var examination = self
        return examination.outcome(evidence)
    }

    private mutating func examine() throws(CheckFailure) {
        let envelope = try integrity()
        self.envelope = envelope
        let (verifier, now, subject) = (verifier, now, subject)
        try apply(.plugins) { () throws(CheckFailure) in try Self.checkPlugins(envelope) }
        let leadsHome = try apply(.chain) { () throws(CheckFailure) in try verifier.checkChain(envelope) }
        // Whoever can make a chain of their own can put any name into it.
        let isAuthentic =
            leadsHome
            ? try apply(.identity) { () throws(CheckFailure) in try verifier.checkIdentity(envelope) } : false
        try apply(.expiry) { () throws(CheckFailure) in try verifier.checkExpiry(envelope, now: now) }
        timestamp = try time(envelope)
        // Its chain ends in a root that the policy names, so whom it says to ask may be asked.
        if let question = timestamp?.revocationQuestion, question.isOpen { questions.append(question) }
        try apply(.payload) { () throws(CheckFailure) in try verifier.checkPayload(envelope, subject: subject) }
        let question = RevocationQuestion(
            purpose: .codeSigning,
            certificates: envelope.chain.certificates,
            authenticSigningTime: envelope.contents.authenticSigningTime
        )
        guard verifier.trust.action(for: .revocation) != .skip, question.isOpen else {
            try apply(.revocation) { "no certificate of the chain can be revoked" }
            return
        }
        guard isAuthentic else {
            try apply(.revocation) { () throws(CheckFailure) in
                throw .unknown(
                    .noTrustedSignature,
                    "is not asked about revocation, because the places to ask are named by certificates that are not trusted"
                )
            }
            return
        }
        questions.append(question)
    }

    private mutating func outcome(_ evidence: RevocationEvidence) -> SignatureOutcome {
        guard !verifier.isSkip else {
            return SignatureOutcome(
                verdict: .unknown,
                reason: .skippedByPolicy,
                message: "the policy's level is skip, so nothing was verified",
                evidence: self.evidence.manifestDigest
            )
        }
        do throws(CheckFailure) {
            if let failure { throw failure }
            for question in questions { try apply(question, evidence) }
            guard let envelope else { throw .untrusted(.signatureInvalid, "was not verified") }
            return describe(trusted(envelope))
        } catch {
            return describe(
                SignatureOutcome(
                    verdict: error.verdict,
                    reason: error.reason,
                    message: "signature \(self.evidence.manifestDigest.short) \(error.message)"
                )
            )
        }
    }

    /// Judges the answers to one question, under the action of the check that it belongs to.
    private mutating func apply(_ question: RevocationQuestion, _ evidence: RevocationEvidence) throws(CheckFailure) {
        let (now, timestamp) = (now, timestamp)
        var until: Date?
        // A timestamp whose authority was revoked is none.
        if question.purpose == .timestamping { self.timestamp = nil }
        let isGood = try apply(question.purpose.step) { () throws(CheckFailure) in
            let proof = try NotaryVerifier.checkRevocation(question, evidence, now: now)
            until = proof.until
            return proof.message
        }
        if isGood { self.timestamp = timestamp }
        evidenceUntil = [evidenceUntil, until].compactMap(\.self).min()
    }

    /// Takes one step under the action of its check.
    ///
    /// - Returns: whether it was taken and passed.
    @discardableResult
    private mutating func apply(
        _ step: VerificationStep,
        _ body: () throws(CheckFailure) -> String
    ) throws(CheckFailure) -> Bool {
        let action = verifier.trust.action(for: step.check)
        guard action != .skip else {
            record(step, action, .notRun, "the policy skips this check")
            return false
        }
        do throws(CheckFailure) {
            record(step, action, .passed, try body())
            return true
        } catch {
            record(step, action, .failed, error.message)
            guard action == .log else { throw error }
            warnings.append("\(step.check.rawValue): signature \(evidence.manifestDigest.short) \(error.message)")
            return false
        }
    }

    private mutating func record(
        _ step: VerificationStep,
        _ action: VerificationAction,
        _ result: SignatureOutcome.Check.Result,
        _ message: String
    ) {
        checks.append(
            SignatureOutcome.Check(check: step.check, step: step, action: action, result: result, message: message)
        )
    }

    private mutating func integrity() throws(CheckFailure) -> VerifiedEnvelope {
        var verified: VerifiedEnvelope?
        let evidence = evidence
        let chains = verifier.chains
        try apply(.signature) { () throws(CheckFailure) in
            let envelope = try Self.verifiedEnvelope(evidence, chains)
            verified = envelope
            return
                "the signature (\(envelope.chain.algorithm)) matches its content, and the certificate chain is well formed"
        }
        // Integrity is always enforced, so a failure has been thrown above.
        guard let verified else { throw .untrusted(.signatureInvalid, "was not verified") }
        return verified
    }

    /// The timestamp that decided, if one was asked for and holds.
    private mutating func time(_ envelope: VerifiedEnvelope) throws(CheckFailure) -> VerifiedTimestamp? {
        var timestamp: VerifiedTimestamp?
        let verifier = verifier
        let now = now
        try apply(.timestamp) { () throws(CheckFailure) in
            let evidence = try verifier.checkTime(envelope, now: now)
            timestamp = evidence.timestamp
            return evidence.message
        }
        return timestamp
    }

    private static func verifiedEnvelope(
        _ evidence: SignatureEvidence,
        _ chains: ChainMemory?
    ) throws(CheckFailure) -> VerifiedEnvelope {
        do throws(SigningFormatError) {
            switch evidence.mediaType {
            case .jose: return try UnverifiedEnvelope(jws: evidence.envelope).verified(knowing: chains)
            case .cose: return try UnverifiedEnvelope(cose: evidence.envelope).verified(knowing: chains)
            default:
                throw SigningFormatError(
                    .unsupported,
                    "its media type is \"\(evidence.mediaType.rawValue.prefix(96))\", not \(MediaType.jose) or \(MediaType.cose)"
                )
            }
        } catch {
            switch error.code {
            case .signature, .chain, .algorithm, .key:
                throw .untrusted(.signatureInvalid, "is not valid: \(error.message)")
            case .malformed, .limitExceeded, .unsupported, .criticalHeaders, .header, .certificate:
                throw .untrusted(.evidenceMalformed, "cannot be accepted: \(error.message)")
            }
        }
    }

    /// A critical attribute that is not understood must not be passed over, and a demanded plugin neither
    /// (Notary signature specification, "Extended attributes"; plugin-extensibility specification).
    private static func checkPlugins(_ envelope: VerifiedEnvelope) throws(CheckFailure) -> String {
        if let plugin = envelope.contents.verificationPlugin {
            throw .unknown(
                .pluginRequired,
                "demands the verification plugin \"\(plugin.prefix(64))\", and plugins are not supported"
            )
        }
        if let attribute = envelope.contents.extendedAttributes.first(where: \.isCritical) {
            throw .unknown(
                .pluginRequired,
                "has the critical attribute \(attribute.label), which cannot be processed without a plugin"
            )
        }
        return "no plugin is needed"
    }
}

// MARK: - The result

extension SignatureExamination {
    private func trusted(_ envelope: VerifiedEnvelope) -> SignatureOutcome {
        let who = "signature \(evidence.manifestDigest.short) by \(envelope.chain.leaf) (\(envelope.chain.algorithm))"
        let anchor = verifier.anchor(for: envelope)
        let message: String
        if warnings.isEmpty {
            let store = anchor.map { " and leads to trust store \($0.store)" } ?? ""
            let time = timestamp.map { ", timestamped at \($0.timeDescription) by \($0.authority)" } ?? ""
            message = "\(who) is valid\(store)\(time)"
        } else {
            let failed = Set(checks.filter { $0.result == .failed }.map(\.check.rawValue)).sorted().joined(
                separator: ", "
            )
            message = "\(who) is accepted although checks failed that the policy only logs: \(failed)"
        }
        var outcome = SignatureOutcome(verdict: .trusted, reason: .verified, message: message)
        let validity = verifier.validity(envelope, timestamp: timestamp, now: now)
        outcome.validUntil = validity.until
        outcome.evidenceUntil = [evidenceUntil, validity.evidenceUntil].compactMap(\.self).min()
        outcome.anchor = anchor?.certificate.fingerprint
        return outcome
    }

    private func describe(_ outcome: SignatureOutcome) -> SignatureOutcome {
        var outcome = outcome
        outcome.evidence = evidence.manifestDigest
        outcome.checks = checks
        outcome.warnings = warnings
        outcome.timestamp = timestamp
        if let envelope {
            outcome.signer = envelope.chain.leaf.description
            outcome.algorithm = envelope.chain.algorithm.rawValue
            outcome.signedAt = envelope.contents.claimedTime
            outcome.expiresAt = envelope.contents.expiry
        }
        return outcome
    }
}
